/*
 * A port's input.
 *
 * The device fills page buffers in order. One thread at a time reads: it sets `reading` under the
 * lock, then owns rx_current and copies from it without the lock, since a copy to user memory may
 * sleep. It is a lock whose wait a signal can end, which a mutex's is not. A buffer that was read
 * to its end goes back to the device at once, but the device is told only of every PORT_RX_KICKth,
 * or before a reader sleeps: it can't have run dry unnoticed before.
 *
 * End of input: the host's closing arrives in the control queue, its data in this one. The device
 * publishes the data before the closing, and host becomes PORT_CLOSED under the lock after the
 * closing was seen, so under the lock "closed, and no used buffer" means that all has been read.
 */
#include "dev/port.h"
#include "dev/port_internal.h"
#include "lib/errno.h"

int port_start_input(struct port *p)
{
	u32 made = 0;

	while (made < PORT_RX_BUFFERS && port_buffer_alloc(&p->rx_buffer[made], 0) == 0)
		made++;
	/* Fewer make it slower only. */
	if (made == 0)
		return -ENOMEM;

	u64 flags = spin_lock_irqsave(&p->lock);
	int err = 0;
	for (u32 i = 0; i < made && err == 0; i++)
		err = virtq_put_writable(&p->rx, p->rx_buffer[i].physical, p->rx_buffer[i].capacity,
			&p->rx_buffer[i]);
	bool kick = virtq_wants_kick(&p->rx);
	spin_unlock_irqrestore(&p->lock, flags);
	if (kick)
		virtq_kick(&p->rx);
	/* The device offers a smaller queue: it uses what fitted. */
	return err == -ENOSPC ? 0 : err;
}

/* Gives the current buffer back to the device. */
static void port_rx_recycle(struct port *p) REQUIRES(p->lock)
{
	struct port_buffer *b = p->rx_current;

	p->rx_current = NULL;
	/* It came out of this queue, so there is room; a broken queue gets no more. */
	if (virtq_put_writable(&p->rx, b->physical, b->capacity, b) == 0)
		p->rx_unkicked++;
}

/* Makes rx_current a buffer with something in it. False: there is none. */
static bool port_rx_next(struct port *p) REQUIRES(p->lock)
{
	while (p->rx_current == NULL || p->rx_length == 0) {
		if (p->rx_current != NULL)
			port_rx_recycle(p);
		p->rx_current = virtq_get(&p->rx, &p->rx_length);
		p->rx_offset = 0;
		if (p->rx_current == NULL)
			return false;
	}
	return true;
}

/* Must the device be told of the buffers it got back? */
static bool port_rx_kick_due(struct port *p, u32 threshold) REQUIRES(p->lock)
{
	if (p->rx_unkicked < threshold)
		return false;
	p->rx_unkicked = 0;
	return virtq_wants_kick(&p->rx);
}

/* 1: the caller is the reader, and there is input; 0: end of input; -EIO; -EAGAIN: neither, an
 * interrupt will come. */
static int port_rx_try(struct port *p) REQUIRES(p->lock)
{
	if (p->reading)
		return -EAGAIN;
	if (port_rx_next(p) || (virtq_enable_interrupts(&p->rx) && port_rx_next(p))) {
		virtq_disable_interrupts(&p->rx);
		p->reading = true;
		return 1;
	}
	if (p->rx.broken)
		return -EIO;
	return p->host == PORT_CLOSED ? 0 : -EAGAIN;
}

static int port_rx_claim(struct port *p)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	int got = port_rx_try(p);
	bool kick = got == -EAGAIN && port_rx_kick_due(p, 1);
	port_unlock(p, flags);
	if (kick)
		virtq_kick(&p->rx);
	return got;
}

static int port_rx_wait(struct port *p, enum port_wait wait)
{
	int got = port_rx_claim(p);

	if (got != -EAGAIN || wait == PORT_NO_WAIT)
		return got;
	int err = wait_event(&p->readable, (got = port_rx_claim(p)) != -EAGAIN,
		wait == PORT_WAIT ? THREAD_SLEEPING : THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
	return err ? err : got;
}

/* The reader took n bytes of the current buffer. True: there is more to take. */
static bool port_rx_advance(struct port *p, size_t n)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	p->rx_offset += (u32)n;
	p->rx_length -= (u32)n;
	bool more = port_rx_next(p);
	bool kick = port_rx_kick_due(p, PORT_RX_KICK);
	spin_unlock_irqrestore(&p->lock, flags);
	if (kick)
		virtq_kick(&p->rx);
	return more;
}

static void port_rx_release(struct port *p)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	p->reading = false;
	spin_unlock_irqrestore(&p->lock, flags);
	waitq_wake_all(&p->readable);
}

ssize_t port_read(struct port *p, struct iobuf *to, enum port_wait wait)
{
	ssize_t n = 0, done = 0;
	size_t wanted;
	bool more;

	if (p->line || to->left == 0)
		return 0;
	int got = port_rx_wait(p, wait);
	if (got <= 0)
		return got;
	do {
		wanted = MIN(to->left, (size_t)p->rx_length);
		n = iobuf_put(to, p->rx_current->data + p->rx_offset, wanted);
		if (n > 0)
			done += n;
		more = port_rx_advance(p, n > 0 ? (size_t)n : 0);
	} while (more && n == (ssize_t)wanted && to->left > 0);
	port_rx_release(p);
	return done ? done : n;
}

u32 port_input_ready(struct port *p)
{
	if (p->line || port_rx_claim(p) <= 0)
		return 0;
	u32 ready = p->rx_length;
	port_rx_release(p);
	return ready;
}
