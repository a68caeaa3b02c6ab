/* What the files of the port share: port.c, port_rx.c, port_tx.c. */
#ifndef DEV_PORT_INTERNAL_H
#define DEV_PORT_INTERNAL_H

#include "dev/port.h"

/* 0 or -ENOMEM. The memory stays with the buffer for ever, so the device never writes to memory
 * that became somebody else's (hazard B29). */
MUST_CHECK int port_buffer_alloc(struct port_buffer *b, u32 order);

/* Gives the lock back after a look at a queue. If it was found broken, everybody is woken to see that: no
 * interrupt will. */
void port_unlock(struct port *p, u64 flags) RELEASES(p->lock);

/* A free output buffer, fit for n bytes if there is one; not yet claimed. Its number; -EAGAIN:
 * none, and the device was asked for an interrupt; -EPIPE, -EIO. */
MUST_CHECK int port_tx_find(struct port *p, size_t n) REQUIRES(p->lock);

#endif
