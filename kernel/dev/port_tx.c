/*
 * A port's output.
 *
 * A writer claims a free buffer under the lock, fills it without (a copy from user memory may
 * sleep), and gives it to the device under the lock again: so one buffer's bytes stay together, and
 * buffers go out in the order in which they were filled. Back-pressure: with all PORT_TX_BUFFERS on
 * their way, writers sleep until one comes back.
 *
 * Memory: the first buffer, of one frame, is there from the start, so that output is possible when
 * memory has run out (the line that says so, for one). The others are made when they are first
 * needed, larger if possible. Given-back buffers are collected by the next writer, not by an
 * interrupt; a fast host is never more than one buffer behind.
 */
#include "dev/port.h"
#include "dev/port_internal.h"
#include "dev/serial_line.h"
#include "lib/assert.h"
#include "lib/errno.h"

_Static_assert(PORT_TX_BUFFERS <= VIRTQ_SIZE_MAX && PORT_TX_BUFFERS < 32, "a bit for each");

int port_start_output(struct port *p)
{
	int err = port_buffer_alloc(&p->tx_buffer[0], 0);

	if (err)
		return err;
	u64 flags = spin_lock_irqsave(&p->lock);
	p->tx_count = 1;
	p->tx_free = 1;
	spin_unlock_irqrestore(&p->lock, flags);
	return 0;
}

/* Takes back what the device is done with. */
static void port_tx_collect(struct port *p) REQUIRES(p->lock)
{
	struct port_buffer *b;
	u32 written;

	while ((b = virtq_get(&p->tx, &written)) != NULL)
		p->tx_free |= 1U << (b - p->tx_buffer);
}

/* Makes one more buffer, if the queue has room for it in flight. */
static bool port_tx_grow(struct port *p) REQUIRES(p->lock)
{
	u32 id = p->tx_count;

	if (id == PORT_TX_BUFFERS || id == p->tx.size)
		return false;
	if (port_buffer_alloc(&p->tx_buffer[id], PORT_TX_ORDER) &&
		port_buffer_alloc(&p->tx_buffer[id], 0))
		return false;
	p->tx_free |= 1U << id;
	p->tx_count++;
	return true;
}

/* A free buffer for n bytes: for few the first, whose memory the processor has in its cache; for
 * many one that was made large, which the first is not. -1: none. */
static int port_tx_choose(struct port *p, size_t n) REQUIRES(p->lock)
{
	bool many = n > PAGE_SIZE;

	if ((many ? p->tx_free & ~1U : p->tx_free) == 0 && !port_tx_grow(p) && p->tx_free == 0)
		return -1;
	return many ? 31 - __builtin_clz(p->tx_free) : __builtin_ctz(p->tx_free);
}

int port_tx_find(struct port *p, size_t n)
{
	if (p->host == PORT_CLOSED)
		return -EPIPE;
	/* Before the host has opened its side, the device would throw the bytes away. */
	if (p->host == PORT_NEVER_OPEN)
		return -EAGAIN;
	for (;;) {
		port_tx_collect(p);
		if (p->tx.broken)
			return -EIO;
		int id = port_tx_choose(p, n);
		if (id >= 0)
			return id;
		if (!virtq_enable_interrupts(&p->tx))
			return -EAGAIN;
	}
}

static int port_tx_claim(struct port *p, size_t n)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	int id = port_tx_find(p, n);
	if (id >= 0)
		p->tx_free &= ~(1U << id);
	port_unlock(p, flags);
	return id;
}

static int port_tx_wait(struct port *p, size_t n, enum port_wait wait)
{
	int id = port_tx_claim(p, n);

	if (id != -EAGAIN || wait == PORT_NO_WAIT)
		return id;
	int err = wait_event(&p->writable, (id = port_tx_claim(p, n)) != -EAGAIN,
		wait == PORT_WAIT ? THREAD_SLEEPING : THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
	return err ? err : id;
}

/* Gives n bytes in claimed buffer id to the device. */
static int port_tx_send(struct port *p, int id, u32 n)
{
	struct port_buffer *b = &p->tx_buffer[id];

	u64 flags = spin_lock_irqsave(&p->lock);
	int err = virtq_put_readable(&p->tx, b->physical, n, b);
	/* No more buffers than the queue has room for: port_tx_grow(). */
	ASSERT(err != -ENOSPC);
	if (err)
		p->tx_free |= 1U << id;
	bool kick = err == 0 && virtq_wants_kick(&p->tx);
	spin_unlock_irqrestore(&p->lock, flags);
	if (kick)
		virtq_kick(&p->tx);
	return err;
}

/* Puts a claimed buffer back unsent; somebody may have found none meanwhile. */
static void port_tx_unclaim(struct port *p, int id)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	p->tx_free |= 1U << id;
	spin_unlock_irqrestore(&p->lock, flags);
	waitq_wake_all(&p->writable);
}

/* Sends one buffer full. Bytes taken from the source, or -errno. */
static ssize_t port_write_once(struct port *p, struct iobuf *from, enum port_wait wait)
{
	int id = port_tx_wait(p, from->left, wait);

	if (id < 0)
		return id;
	struct port_buffer *b = &p->tx_buffer[id];
	ssize_t n = iobuf_take(from, b->data, MIN(from->left, (size_t)b->capacity));
	if (n <= 0) {
		port_tx_unclaim(p, id);
		return n;
	}
	int err = port_tx_send(p, id, (u32)n);
	return err ? err : n;
}

ssize_t port_write(struct port *p, struct iobuf *from, enum port_wait wait)
{
	ssize_t n = 0, done = 0;

	if (p->line)
		return serial_line_write(p->line, from, wait);
	while (from->left > 0) {
		n = port_write_once(p, from, wait);
		if (n <= 0)
			break;
		done += n;
	}
	return done ? done : n;
}

/* True if the device has nothing of this port's left to take, or never will. */
static bool port_tx_idle(struct port *p)
{
	bool idle;

	u64 flags = spin_lock_irqsave(&p->lock);
	do {
		port_tx_collect(p);
		idle = virtq_outstanding(&p->tx) == 0 || p->tx.broken || p->host == PORT_CLOSED;
	} while (!idle && virtq_enable_interrupts(&p->tx));
	port_unlock(p, flags);
	return idle;
}

void port_drain(struct port *p)
{
	if (p->line) {
		serial_line_drain(p->line);
		return;
	}
	int err = wait_event(&p->writable, port_tx_idle(p), THREAD_SLEEPING, WAIT_FOREVER);

	/* Neither signals nor a deadline can end this wait. */
	CHECK(err == 0);
}
