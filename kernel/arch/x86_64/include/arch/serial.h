/* The first serial port, for the log. Polled, because a panic can't wait for interrupts. */
#ifndef ARCH_SERIAL_H
#define ARCH_SERIAL_H

#include "lib/types.h"

/* Sets 115200 baud, 8N1. Boot CPU, before the others start. */
void serial_init(void);

/* Writes bytes, LF as CR LF. Drops them if there is no port or if it stopped taking any. Any
 * context; callers keep each other's lines apart (trace/log.c). */
void serial_write(const char *bytes, size_t n);

#endif
