/*
 * The program's standard streams and the control port, over a virtio console with named ports
 * (docs/host-protocol.md).
 */
#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H

#include "lib/compiler.h"
#include "proc/file.h"

/* Finds the device (virtio-mmio from the command line, virtio-pci) and its ports. 0, -ENODEV, -ENOMEM. Thread context. */
MUST_CHECK int console_init(void);

/* Opens descriptors' files: 0 stdin, 1 stdout, 2 stderr. */
MUST_CHECK int console_open(int stream, bool tty, struct file **out);

/* Sends one event line (JSON object with a newline) to the host, whole. May sleep. Dropped with a log line if there is no
 * control port. */
void console_event(const char *format, ...) PRINTF_LIKE(1, 2);

/* Waits until everything written so far has been taken by the host. */
void console_drain(void);

#endif
