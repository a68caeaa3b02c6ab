/*
 * A port's life and waiting: start-up, the host's side opening and closing, interrupts, poll.
 *
 * Why no wakeup is lost. A thread sleeps on readable or writable only through wait_event(), whose
 * condition runs after the thread has joined the queue. The condition looks under the port's lock and,
 * finding nothing, asks the device for an interrupt and looks once more (virtq_enable_interrupts()). So
 * what the device adds later raises an interrupt; its handler takes the same lock, so it sees that
 * somebody asked, and wakes the queue, where the thread already is. It does so even if the ring is empty
 * by then: any thread may take used buffers out of the ring, on whoever's behalf. The other conditions
 * (host, reading, tx_free, broken) change under the lock and their writers wake afterwards.
 *
 * Interrupts are off in a queue unless somebody waits: a busy stream runs without any.
 *
 * The lock is held for a few instructions at a time, never while bytes are copied or the device is
 * told something.
 */
#include "dev/port.h"

#include <asm/poll.h>

#include "dev/port_internal.h"
#include "lib/errno.h"
#include "mm/frame.h"

void port_init(struct port *p)
{
	spin_init(&p->lock, "port", RANK_DEVICE);
	waitq_init(&p->readable);
	waitq_init(&p->writable);
}

int port_buffer_alloc(struct port_buffer *b, u32 order)
{
	struct page *page = frame_alloc(order, 0);

	if (page == NULL)
		return -ENOMEM;
	b->data = page_address(page);
	b->physical = page_address_physical(page);
	b->capacity = (u32)(PAGE_SIZE << order);
	return 0;
}

void port_unlock(struct port *p, u64 flags)
{
	bool input = p->rx.broken, output = p->tx.broken;

	spin_unlock_irqrestore(&p->lock, flags);
	if (UNLIKELY(input))
		waitq_wake_all(&p->readable);
	if (UNLIKELY(output))
		waitq_wake_all(&p->writable);
}

void port_set_host(struct port *p, bool open)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	p->host = open ? PORT_OPEN : PORT_CLOSED;
	spin_unlock_irqrestore(&p->lock, flags);

	waitq_wake_all(&p->readable);
	waitq_wake_all(&p->writable);
}

/*
 * True if the queue's interrupt was asked for; asks no longer then: who is woken looks for himself, and
 * asks again if he must. Whether there is a used buffer does not matter: another thread may have taken
 * it out of the ring before the interrupt came, and the one who asked sleeps still.
 */
static bool port_queue_interrupted(struct virtqueue *q)
{
	if (!q->interrupts)
		return false;
	virtq_disable_interrupts(q);
	return true;
}

void port_interrupt(struct port *p)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	bool input = port_queue_interrupted(&p->rx);
	bool output = port_queue_interrupted(&p->tx);
	spin_unlock_irqrestore(&p->lock, flags);

	if (input)
		waitq_wake_all(&p->readable);
	if (output)
		waitq_wake_all(&p->writable);
}

u32 port_poll_input(struct port *p)
{
	/* At its end. */
	if (p->line)
		return POLLIN | POLLHUP;
	u64 flags = spin_lock_irqsave(&p->lock);
	/* While a thread reads, what it leaves is not known yet; it wakes readable when it is
	 * done. */
	bool ready = !p->reading && (p->rx_current != NULL || virtq_has_used(&p->rx) ||
					    virtq_enable_interrupts(&p->rx));
	u32 events = (ready ? POLLIN : 0) | (p->host == PORT_CLOSED ? POLLHUP : 0) |
		     (p->rx.broken ? POLLERR : 0);
	spin_unlock_irqrestore(&p->lock, flags);
	return events;
}

u32 port_poll_output(struct port *p)
{
	/* It takes anything, if slowly. */
	if (p->line)
		return POLLOUT;
	u64 flags = spin_lock_irqsave(&p->lock);
	int id = port_tx_find(p, 1);
	u32 events = id >= 0 ? POLLOUT : 0;
	if (id == -EPIPE || id == -EIO)
		events = POLLOUT | POLLERR;
	port_unlock(p, flags);
	return events;
}
