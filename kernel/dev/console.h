/*
 * The program's standard streams and the control port, over a virtio console with named ports, or
 * over serial ports (docs/host-protocol.md).
 */
#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H

#include "lib/compiler.h"
#include "lib/types.h"

struct file;

/* Finds the device (virtio-mmio from the command line, virtio-pci) and its ports. 0, -ENODEV,
 * -ENOMEM, -ENOSPC (no interrupt vector), -EIO (the device does not keep to the protocol). Thread
 * context, interrupts on, once. */
MUST_CHECK int console_init(void);

/* The same on serial ports, for a machine without that device; standard input is then at its end. 0 or -ENODEV. */
MUST_CHECK int console_init_serial(void);

/* Standard input is at its end from the start, and the device has no port for it. Before console_init(). */
void console_no_input(void);

/* The port of --strace: whether there is one; bytes for it, waiting until they are taken. Thread context. */
bool console_has_strace(void);
void console_strace(const char *bytes, size_t n);

/* Which of the ports that are not always there console_init() is to wait for. Before it. */
void console_want(bool trace, bool strace);

/* Opens descriptors' files: 0 stdin, 1 stdout, 2 stderr. 0, -ENODEV, -ENOMEM. They are like pipes:
 * reading and writing are one way, the host closing is end of file or EPIPE. */
MUST_CHECK int console_open(int stream, struct file **out);

/* Sends one event line (JSON object; the newline is added if missing) to the host, whole. Thread
 * context, may sleep, also works when memory has run out. At most 1022 bytes. Dropped with a log
 * line if there is no control port. */
void console_event(const char *format, ...) PRINTF_LIKE(1, 2);

/* Makes string safe to stand between the quotes of a JSON string: returns buffer. What does not fit
 * is left out. */
const char *console_event_escape(char *buffer, size_t size, const char *string);

/* Waits until everything written so far has been taken by the host, or it has closed its side.
 * Thread context. */
void console_drain(void);

#endif
