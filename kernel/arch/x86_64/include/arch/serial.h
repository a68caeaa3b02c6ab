/* The first serial port, for the log. Polled, because a panic can't wait for interrupts. */
#ifndef ARCH_SERIAL_H
#define ARCH_SERIAL_H

#include "lib/types.h"

/* Sets 115200 baud, 8N1. Boot CPU, before the others start. */
void serial_init(void);

/* Writes bytes, LF as CR LF. False: the port stopped taking any for about a second, and the rest was
 * dropped; later calls give it a try each. True if there is no port. Any context; callers keep each
 * other's lines apart (trace/log.c). */
bool serial_write(const char *bytes, size_t n);

/* Waits until the port has sent what it took, as long as that goes on. Any context. */
void serial_drain(void);

/* In the NMI handler: the host has sent it, and wants a report. */
bool serial_host_asks(void);

#endif
