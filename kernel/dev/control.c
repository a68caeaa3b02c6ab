/*
 * The control channel's buffers.
 *
 * Messages of the device are read by the interrupt handler alone, which runs on one CPU and never
 * inside itself; so they take effect in the order in which they were sent. A device that finds no
 * buffer may lose a message, so it gets as many as its queue holds, and each goes back to it at
 * once.
 */
#include "dev/control.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"

#define LOG_SUBSYSTEM "console"
#include "trace/log.h"

_Static_assert(CONTROL_MESSAGES <= 32, "a bit for each");

int control_init(struct control *c)
{
	struct page *rx = frame_alloc(0, FRAME_ZERO);
	struct page *tx = frame_alloc(0, FRAME_ZERO);

	if (rx == NULL || tx == NULL) {
		if (rx != NULL)
			frame_put(rx);
		if (tx != NULL)
			frame_put(tx);
		return -ENOMEM;
	}
	spin_init(&c->lock, "console control", RANK_DEVICE);
	c->rx_messages = page_address(rx);
	c->rx_physical = page_address_physical(rx);
	c->tx_physical = page_address_physical(tx);
	u64 flags = spin_lock_irqsave(&c->lock);
	c->tx_messages = page_address(tx);
	c->tx_free = (u32)(BIT(CONTROL_MESSAGES) - 1);
	spin_unlock_irqrestore(&c->lock, flags);
	return 0;
}

static int control_put_back(struct control *c, char *message)
{
	u64 at = (u64)(message - c->rx_messages);

	return virtq_put_writable(
		&c->rx, PADDR(c->rx_physical.v + at), CONTROL_MESSAGE_SIZE, message);
}

int control_fill(struct control *c)
{
	int err = 0;

	for (u32 i = 0; i < c->rx.size && err == 0; i++)
		err = control_put_back(c, c->rx_messages + i * CONTROL_MESSAGE_SIZE);
	if (err)
		return err;
	/* The device does not work yet, so it can't have used any. */
	return virtq_enable_interrupts(&c->rx) ? -EIO : 0;
}

/* A message buffer that the device does not have, or -1. */
static int control_claim(struct control *c) REQUIRES(c->lock)
{
	u32 written;
	char *done;

	while ((done = virtq_get(&c->tx, &written)) != NULL)
		c->tx_free |= 1U << ((u32)(done - c->tx_messages) / CONTROL_MESSAGE_SIZE);
	if (c->tx_free == 0)
		return -1;
	int i = __builtin_ctz(c->tx_free);
	c->tx_free &= ~(1U << i);
	return i;
}

static int control_put(struct control *c, const struct virtio_console_control *head)
	REQUIRES(c->lock)
{
	int i = control_claim(c);

	if (i < 0)
		return -ENOSPC;
	u32 at = (u32)i * CONTROL_MESSAGE_SIZE;
	memcpy(c->tx_messages + at, head, sizeof(*head));
	int err = virtq_put_readable(
		&c->tx, PADDR(c->tx_physical.v + at), sizeof(*head), c->tx_messages + at);
	if (err)
		c->tx_free |= 1U << i;
	return err;
}

void control_send(struct control *c, u32 port, u16 event, u16 value)
{
	struct virtio_console_control head = {.id = port, .event = event, .value = value};

	u64 flags = spin_lock_irqsave(&c->lock);
	int err = control_put(c, &head);
	spin_unlock_irqrestore(&c->lock, flags);
	if (err)
		log_warn("control message %u for port %u lost (%d)", event, port, err);
}

void control_kick(struct control *c)
{
	u64 flags = spin_lock_irqsave(&c->lock);
	bool kick = virtq_wants_kick(&c->tx);
	spin_unlock_irqrestore(&c->lock, flags);
	if (kick)
		virtq_kick(&c->tx);
}

/* Gives a read message's buffer back. The device is told before it can have run dry. */
static void control_recycle(struct control *c, char *message)
{
	/* It came out of this queue, so there is room; a broken queue gets no more. */
	if (control_put_back(c, message) == 0)
		c->rx_unkicked++;
	if (c->rx_unkicked < c->rx.size / 2)
		return;
	c->rx_unkicked = 0;
	if (virtq_wants_kick(&c->rx))
		virtq_kick(&c->rx);
}

bool control_receive(struct control *c, struct control_message *out)
{
	u32 written;
	char *message;

	do {
		message = virtq_get(&c->rx, &written);
		if (message == NULL)
			return false;
		/* One that is too short to be any is passed over. */
		if (written >= sizeof(out->head)) {
			u32 length = written - (u32)sizeof(out->head);
			memcpy(&out->head, message, sizeof(out->head));
			memcpy(out->text, message + sizeof(out->head), length);
			out->text[length] = '\0';
		}
		control_recycle(c, message);
	} while (written < sizeof(out->head));
	return true;
}
