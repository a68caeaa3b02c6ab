/* The first serial port, for the log. Polled, because a panic can't wait for interrupts. */
#ifndef ARCH_SERIAL_H
#define ARCH_SERIAL_H

#include "lib/types.h"

/* Sets 115200 baud, 8N1. Boot CPU, before the others start. */
void serial_init(void);

/* Writes bytes, LF as CR LF, and says how many the port took. Fewer than n: it stopped taking any for about a
 * second; later calls give it a try each. All of them if there is no port. Any context; callers keep each
 * other's lines apart (trace/log.c). */
size_t serial_write(const char *bytes, size_t n);

/* Waits until the port has sent what it took; false if that does not go on. Any context. */
bool serial_drain(void);

/* In the NMI handler: the host has sent it, and wants a report. */
bool serial_host_asks(void);

#endif
