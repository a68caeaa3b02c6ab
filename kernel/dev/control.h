/*
 * The control channel of a virtio console: short messages in both directions (virtio 1.2, section
 * 5.3.6.2).
 */
#ifndef DEV_CONTROL_H
#define DEV_CONTROL_H

#include <linux/virtio_console.h>

#include "dev/virtqueue.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "sync/spinlock.h"

/* A frame holds the messages of one direction: room for a name behind each. */
#define CONTROL_MESSAGES VIRTQ_SIZE_MAX
#define CONTROL_MESSAGE_SIZE (PAGE_SIZE / CONTROL_MESSAGES)

/* One that the device sent, copied, so that the device can't change what was checked. */
struct control_message {
	struct virtio_console_control head;
	char text[CONTROL_MESSAGE_SIZE + 1]; /* what follows it, NUL-terminated */
};

/* Locking key: (c) constant once the device works; (h) the interrupt handler alone; (l) lock. */
struct control {
	struct virtqueue rx; /* (h) */
	u32 rx_unkicked;     /* (h) buffers given back that the device was not told of */
	char *rx_messages;   /* (h) */
	paddr_t rx_physical; /* (c) */
	struct spinlock
		lock; /* RANK_DEVICE: the queue that the handler shares with console_init() */
	struct virtqueue tx GUARDED_BY(&lock);
	u32 tx_free GUARDED_BY(&lock); /* bit n: message n is not with the device */
	char *tx_messages GUARDED_BY(&lock);
	paddr_t tx_physical; /* (c) */
};

/* Takes memory for the messages: 0 or -ENOMEM. The caller sets up the queues, then fills. */
MUST_CHECK int control_init(struct control *c);
/* Gives the device room for as many messages as its queue takes, and asks for an interrupt at each.
 * 0, -EIO. */
MUST_CHECK int control_fill(struct control *c);

/* Queues a message; lost with a log line if the device has not taken the last CONTROL_MESSAGES. Any
 * context. */
void control_send(struct control *c, u32 port, u16 event, u16 value);
/* Tells the device of what was sent. Any context. */
void control_kick(struct control *c);

/* The next message of the device: false if there is none. Interrupt handler. */
MUST_CHECK bool control_receive(struct control *c, struct control_message *out);

#endif
