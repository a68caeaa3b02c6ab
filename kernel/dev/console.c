/*
 * The virtio console device with named ports (virtio 1.2, section 5.3; the names are in docs/host-protocol.md).
 *
 * Queues: port 0 has 0 and 1, the control channel 2 and 3, port n from 1 on has 2n+2 and 2n+3; the even one brings input.
 * The handshake, with our side on the left:
 *
 *   DEVICE_READY            >
 *                           <  PORT_ADD(n), for each port
 *   PORT_READY(n)           >
 *                           <  PORT_NAME(n, name), PORT_OPEN(n, 1) when the host is there
 *   PORT_OPEN(n, 1)         >  once the port has its buffers; input flows from here on
 *
 * Who does what: messages of the device are read by the interrupt handler alone, which runs on one CPU and never
 * inside itself; so they take effect in the order in which they were sent. It also writes the answers; control_lock
 * guards the queue that they share with console_init(). Taken inside no other lock, and none inside it.
 *
 * The structure is never freed: the handler stays registered, and the device keeps the memory of its queues until a
 * reset.
 */
#include "dev/console.h"

#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>

#include "arch/clock.h"
#include "dev/console_device.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"

#define LOG_SUBSYSTEM "console"
#include "trace/log.h"

#define CONSOLE_PORTS 7
#define CONSOLE_QUEUES (2 * (CONSOLE_PORTS + 1))
#define CONSOLE_CONTROL_RX 2
#define CONSOLE_CONTROL_TX 3

/* A frame holds the messages of a control queue: room for a name behind each. */
#define CONTROL_MESSAGES VIRTQ_SIZE_MAX
#define CONTROL_MESSAGE_SIZE (PAGE_SIZE / CONTROL_MESSAGES)

/* A host whose CPUs are all taken may need long; one that answers, answers everything in one go. */
#define CONSOLE_STREAMS_NS (10 * NS_PER_SEC)
#define CONSOLE_CONTROL_NS (1 * NS_PER_SEC)

/*
 * Locking key: (c) constant once the device works; (h) the interrupt handler alone; (l) control_lock; (o) written once by the
 * handler with release order, read with acquire.
 */
struct console {
	struct virtio_device *device;	  /* (c) */
	struct port port[CONSOLE_PORTS];  /* each its own lock */
	u32 port_count;			  /* (c) ports that have queues */
	struct port *role[CONSOLE_ROLES]; /* (o) */
	struct waitq changed;		  /* a role got its port */
	atomic32_t live;	      /* set before the device may work: the handler's licence */
	struct virtqueue control_rx;  /* (h) */
	u32 rx_unkicked;	      /* (h) buffers given back that the device was not told of */
	char *rx_messages;	      /* (h) */
	paddr_t rx_physical;	      /* (c) */
	struct spinlock control_lock; /* RANK_DEVICE */
	struct virtqueue control_tx GUARDED_BY(control_lock);
	u32 tx_free GUARDED_BY(control_lock); /* bit n: message n is not with the device */
	char *tx_messages GUARDED_BY(control_lock);
	paddr_t tx_physical; /* (c) */
};

static struct console console = {
	.changed = WAITQ_INIT(console.changed),
	.control_lock = SPINLOCK_INIT("console", RANK_DEVICE),
};

static const char *const role_names[CONSOLE_ROLES] = {
	[CONSOLE_STDIN] = "airlock.stdin",
	[CONSOLE_STDOUT] = "airlock.stdout",
	[CONSOLE_STDERR] = "airlock.stderr",
	[CONSOLE_CONTROL] = "airlock.control",
};

struct port *console_port(enum console_role role)
{
	/* Pairs with console_name_port(): who sees the port sees it initialised. */
	return __atomic_load_n(&console.role[role], __ATOMIC_ACQUIRE);
}

/* -- what we say -- */

/* A message buffer that the device does not have, or -1. */
static int control_message_claim(struct console *c) REQUIRES(c->control_lock)
{
	u32 written;
	char *done;

	while ((done = virtq_get(&c->control_tx, &written)) != NULL)
		c->tx_free |= 1U << ((u32)(done - c->tx_messages) / CONTROL_MESSAGE_SIZE);
	if (c->tx_free == 0)
		return -1;
	int i = __builtin_ctz(c->tx_free);
	c->tx_free &= ~(1U << i);
	return i;
}

/* Puts a message into the control queue. The device is told by control_kick(). */
static void control_put(struct console *c, u32 id, u16 event, u16 value)
{
	struct virtio_console_control message = {.id = id, .event = event, .value = value};
	int err = -ENOSPC;

	u64 flags = spin_lock_irqsave(&c->control_lock);
	int i = control_message_claim(c);
	if (i >= 0) {
		u32 at = (u32)i * CONTROL_MESSAGE_SIZE;
		memcpy(c->tx_messages + at, &message, sizeof(message));
		err = virtq_put_readable(&c->control_tx, PADDR(c->tx_physical.v + at),
			sizeof(message), c->tx_messages + at);
		if (err)
			c->tx_free |= 1U << i;
	}
	spin_unlock_irqrestore(&c->control_lock, flags);
	if (err)
		log_warn("control message %u for port %u lost: the device takes none", event, id);
}

static void control_kick(struct console *c)
{
	u64 flags = spin_lock_irqsave(&c->control_lock);
	bool kick = virtq_wants_kick(&c->control_tx);
	spin_unlock_irqrestore(&c->control_lock, flags);
	if (kick)
		virtq_kick(&c->control_tx);
}

/* -- what the device says -- */

static void console_name_port(struct console *c, u32 id, const char *name)
{
	for (u32 i = 0; i < CONSOLE_ROLES; i++) {
		if (strcmp(name, role_names[i]) != 0 || c->role[i] != NULL)
			continue;
		/* Pairs with console_port(). */
		__atomic_store_n(&c->role[i], &c->port[id], __ATOMIC_RELEASE);
		waitq_wake_all(&c->changed);
		return;
	}
	log_debug("port %u is called %s: not ours", id, name);
}

/* Takes one message; true if it was answered. */
static bool control_handle(
	struct console *c, const struct virtio_console_control *message, const char *name)
{
	u32 id = message->id;
	bool ours = id < c->port_count;

	if (message->event == VIRTIO_CONSOLE_PORT_ADD) {
		if (!ours)
			log_warn("port %u is beyond the %u supported", id, c->port_count);
		control_put(c, id, VIRTIO_CONSOLE_PORT_READY, ours);
		return true;
	}
	if (!ours)
		return false;
	switch (message->event) {
	case VIRTIO_CONSOLE_PORT_NAME:
		console_name_port(c, id, name);
		break;
	case VIRTIO_CONSOLE_PORT_OPEN:
		port_set_host(&c->port[id], message->value != 0);
		break;
	case VIRTIO_CONSOLE_PORT_REMOVE:
		port_set_host(&c->port[id], false);
		break;
	default:
		/* CONSOLE_PORT and RESIZE are about text screens, which these ports are not. */
		break;
	}
	return false;
}

/* Reads one message of the device: true if there was one. */
static bool control_receive(struct console *c, bool *answered)
{
	struct virtio_console_control message;
	char name[CONTROL_MESSAGE_SIZE - sizeof(message) + 1];
	u32 written;

	char *data = virtq_get(&c->control_rx, &written);
	if (data == NULL)
		return false;
	if (written >= sizeof(message)) {
		/* A copy, so that the device can't change what was checked. */
		u32 length = written - (u32)sizeof(message);
		memcpy(&message, data, sizeof(message));
		memcpy(name, data + sizeof(message), length);
		name[length] = '\0';
		*answered |= control_handle(c, &message, name);
	}
	/* It came out of this queue, so there is room. The device is told before it can have run dry. */
	if (virtq_put_writable(&c->control_rx,
		    PADDR(c->rx_physical.v + (u64)(data - c->rx_messages)), CONTROL_MESSAGE_SIZE,
		    data) == 0)
		c->rx_unkicked++;
	if (c->rx_unkicked >= c->control_rx.size / 2) {
		c->rx_unkicked = 0;
		if (virtq_wants_kick(&c->control_rx))
			virtq_kick(&c->control_rx);
	}
	return true;
}

static void console_interrupt(void *arg)
{
	struct console *c = arg;
	bool answered;

	c->device->transport->acknowledge(c->device);
	/* Pairs with console_start(): the queues are there. */
	if (!atomic32_load_acquire(&c->live))
		return;
	do {
		answered = false;
		while (control_receive(c, &answered))
			continue;
		/* A host that works inside the notification has answered by the next turn, which saves an interrupt. */
		if (answered)
			control_kick(c);
	} while (answered);
	for (u32 i = 0; i < c->port_count; i++)
		port_interrupt(&c->port[i]);
}

/* -- start -- */

/* One frame for each direction's messages. */
static int control_alloc(struct console *c)
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
	c->rx_messages = page_address(rx);
	c->rx_physical = page_address_physical(rx);
	c->tx_physical = page_address_physical(tx);
	u64 flags = spin_lock_irqsave(&c->control_lock);
	c->tx_messages = page_address(tx);
	c->tx_free = (u32)(BIT(CONTROL_MESSAGES) - 1);
	spin_unlock_irqrestore(&c->control_lock, flags);
	return 0;
}

/* The device may write as many messages as its queue takes before we have read one. */
static int control_fill(struct console *c)
{
	int err = 0;

	for (u32 i = 0; i < c->control_rx.size && err == 0; i++) {
		u32 at = i * CONTROL_MESSAGE_SIZE;
		err = virtq_put_writable(&c->control_rx, PADDR(c->rx_physical.v + at),
			CONTROL_MESSAGE_SIZE, c->rx_messages + at);
	}
	return err;
}

/* Queue index of the device, in its part of the ring memory. */
static int console_queue(struct console *c, struct virtqueue *q, u32 index, struct page *rings)
{
	u64 at = index * (u64)VIRTQ_MEMORY;

	return virtq_init(q, c->device, (u16)index, (char *)page_address(rings) + at,
		PADDR(page_address_physical(rings).v + at));
}

/* Sets up the control queues and those of every port. Nobody else knows of the structure yet. */
static int console_queues(struct console *c) NO_THREAD_SAFETY
{
	u32 order = 0;

	while ((PAGE_SIZE << order) < CONSOLE_QUEUES * VIRTQ_MEMORY)
		order++;
	struct page *rings = frame_alloc(order, FRAME_ZERO);
	if (rings == NULL)
		return -ENOMEM;

	int err = console_queue(c, &c->control_rx, CONSOLE_CONTROL_RX, rings);
	if (err == 0)
		err = console_queue(c, &c->control_tx, CONSOLE_CONTROL_TX, rings);
	for (u32 i = 0; i < c->port_count && err == 0; i++) {
		u32 index = i == 0 ? 0 : 2 * i + 2;
		port_init(&c->port[i]);
		err = console_queue(c, &c->port[i].rx, index, rings);
		if (err == 0)
			err = console_queue(c, &c->port[i].tx, index + 1, rings);
	}
	return err ? err : control_fill(c);
}

static bool console_has_streams(void)
{
	return console_port(CONSOLE_STDIN) != NULL && console_port(CONSOLE_STDOUT) != NULL &&
	       console_port(CONSOLE_STDERR) != NULL;
}

/*
 * Sends DEVICE_READY and waits for the ports. No wakeup is lost: the handler stores the role, then wakes; the
 * conditions load it after joining the queue.
 */
static int console_handshake(struct console *c)
{
	control_put(c, VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1);
	control_kick(c);
	if (wait_event(&c->changed, console_has_streams(), THREAD_SLEEPING,
		    clock_now_ns() + CONSOLE_STREAMS_NS)) {
		log_error("the host offers no ports %s, %s, %s", role_names[CONSOLE_STDIN],
			role_names[CONSOLE_STDOUT], role_names[CONSOLE_STDERR]);
		return -ENODEV;
	}
	if (wait_event(&c->changed, console_port(CONSOLE_CONTROL) != NULL, THREAD_SLEEPING,
		    clock_now_ns() + CONSOLE_CONTROL_NS))
		log_warn("the host offers no port %s: it will not see events",
			role_names[CONSOLE_CONTROL]);
	return 0;
}

/* Gives the ports their buffers and opens our side of them. */
static int console_open_ports(struct console *c)
{
	for (u32 i = 0; i < CONSOLE_ROLES; i++) {
		struct port *p = console_port(i);
		if (p == NULL)
			continue;
		int err = i == CONSOLE_STDIN ? port_start_input(p) : port_start_output(p);
		if (err)
			return err;
		control_put(c, (u32)(p - c->port), VIRTIO_CONSOLE_PORT_OPEN, 1);
	}
	control_kick(c);
	return 0;
}

static int console_set_up(struct console *c)
{
	int err = virtio_begin(c->device, BIT(VIRTIO_CONSOLE_F_MULTIPORT));
	if (err)
		return err;
	if (!virtio_has(c->device, VIRTIO_CONSOLE_F_MULTIPORT)) {
		log_error("the device has no named ports");
		return -ENODEV;
	}
	u32 offered = c->device->transport->read_config(
		c->device, offsetof(struct virtio_console_config, max_nr_ports));
	c->port_count = MIN(offered, (u32)CONSOLE_PORTS);
	err = control_alloc(c);
	if (err)
		return err;
	err = c->device->transport->request_irq(c->device, console_interrupt, c);
	if (err)
		return err;
	err = console_queues(c);
	if (err)
		return err;
	return virtq_enable_interrupts(&c->control_rx) ? -EIO : 0;
}

int console_start(struct virtio_device *d)
{
	struct console *c = &console;

	c->device = d;
	int err = console_set_up(c);
	if (err)
		goto fail;
	/* Pairs with console_interrupt(). */
	atomic32_store_release(&c->live, 1);
	virtio_ready(d);
	err = console_handshake(c);
	if (err == 0)
		err = console_open_ports(c);
	if (err)
		goto fail;
	return 0;

fail:
	/* The memory stays taken: the machine does not go on without its console, and the handler may still run. */
	if (!virtio_fail(d))
		log_error("the device could not be stopped");
	return err;
}

int console_init(void)
{
	struct virtio_device *d;

	int err = virtio_find(VIRTIO_ID_CONSOLE, &d);
	return err ? err : console_start(d);
}

void console_drain(void)
{
	for (u32 i = CONSOLE_STDOUT; i < CONSOLE_ROLES; i++) {
		struct port *p = console_port(i);
		if (p != NULL)
			port_drain(p);
	}
}
