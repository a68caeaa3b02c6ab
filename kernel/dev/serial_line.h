/* A serial port that a port's output goes to, where the machine has no virtio console (`console=serial`). */
#ifndef DEV_SERIAL_LINE_H
#define DEV_SERIAL_LINE_H

#include "dev/port.h"
#include "lib/atomic.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "sched/wait.h"

/* Locking key: (c) constant after serial_line_init(); (o) the registers belong to the thread that set busy. */
struct serial_line {
	u16 base;	 /* (c) the I/O port of its registers, which are (o) */
	u32 burst;	 /* (c) bytes it takes at once when it says that it is empty */
	atomic32_t busy; /* a thread is writing */
	struct waitq free;
	struct waitq pause; /* nobody wakes this one */
};

/* Sets 115200 baud, 8N1, interrupts off. -ENODEV: there is no such port. */
MUST_CHECK int serial_line_init(struct serial_line *l, u16 base);

/* As port_write(); all bytes of one call stay together. Thread context. */
MUST_CHECK ssize_t serial_line_write(
	struct serial_line *l, struct iobuf *from, enum port_wait wait);

/* Waits until all that was written has left the port. Thread context. */
void serial_line_drain(struct serial_line *l);

#endif
