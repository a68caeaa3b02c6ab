/*
 * The virtio console device with named ports (virtio 1.2, section 5.3; the names are in
 * docs/host-protocol.md).
 *
 * Queues: port 0 has 0 and 1, the control channel 2 and 3, port n from 1 on has 2n+2 and 2n+3; the
 * even one brings input. The handshake, with our side on the left:
 *
 *   DEVICE_READY            >
 *                           <  PORT_ADD(n), for each port
 *   PORT_READY(n)           >
 *                           <  PORT_NAME(n, name), PORT_OPEN(n, 1) when the host is there
 *   PORT_OPEN(n, 1)         >  once the port has its buffers; input flows from here on
 *
 * The interrupt handler takes the device's messages and answers them; console_init() sends the
 * first and the last message above. The structure is never freed: the handler stays registered, and
 * the device keeps the memory of its queues until a reset.
 */
#include "dev/console.h"

#include <linux/virtio_ids.h>

#include "arch/clock.h"
#include "dev/console_device.h"
#include "dev/control.h"
#include "dev/serial_line.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"

#define LOG_SUBSYSTEM "console"
#include "trace/log.h"

#define CONSOLE_PORTS 7
#define CONSOLE_QUEUES (2 * (CONSOLE_PORTS + 1UL))
#define CONSOLE_CONTROL_RX 2
#define CONSOLE_CONTROL_TX 3

/* A host whose CPUs are all taken may need long; one that answers, answers everything in one go. */
#define CONSOLE_STREAMS_NS (10 * NS_PER_SEC)
#define CONSOLE_CONTROL_NS (1 * NS_PER_SEC)

/*
 * Locking key: (c) constant once the device works; (o) written once by the handler with release
 * order, read with acquire.
 */
struct console {
	struct virtio_device *device; /* (c) */
	atomic32_t live;	      /* set before the device may work: the handler's licence */
	struct control control;
	struct port port[CONSOLE_PORTS];
	u32 port_count;			  /* (c) ports that have queues */
	struct port *role[CONSOLE_ROLES]; /* (o) */
};

/* Apart from the queue, so that all of it is zero and takes no room in the image. */
static struct console console;
static struct waitq role_changed = WAITQ_INIT(role_changed); /* a role got its port */

static const char *const role_names[CONSOLE_ROLES] = {
	[CONSOLE_STDIN] = "airlock.stdin",
	[CONSOLE_STDOUT] = "airlock.stdout",
	[CONSOLE_STDERR] = "airlock.stderr",
	[CONSOLE_CONTROL] = "airlock.control",
	[CONSOLE_TRACE] = "airlock.trace",
	[CONSOLE_STRACE] = "airlock.strace",
};

struct port *console_port(enum console_role role)
{
	/* Pairs with console_set_port(): who sees the port sees it initialised. */
	return __atomic_load_n(&console.role[role], __ATOMIC_ACQUIRE);
}

void console_set_port(enum console_role role, struct port *p)
{
	/* Pairs with console_port(). */
	__atomic_store_n(&console.role[role], p, __ATOMIC_RELEASE);
	waitq_wake_all(&role_changed);
}

static void console_name_port(struct console *c, u32 id, const char *name)
{
	for (u32 i = 0; i < CONSOLE_ROLES; i++) {
		if (strcmp(name, role_names[i]) != 0 || c->role[i] != NULL)
			continue;
		console_set_port(i, &c->port[id]);
		return;
	}
	log_debug("port %u is called %s: not ours", id, name);
}

/* Takes one message; true if it was answered. */
static bool console_handle(struct console *c, const struct control_message *message)
{
	u32 id = message->head.id;
	bool ours = id < c->port_count;

	if (message->head.event == VIRTIO_CONSOLE_PORT_ADD) {
		if (!ours)
			log_warn("port %u is beyond the %u supported", id, c->port_count);
		control_send(&c->control, id, VIRTIO_CONSOLE_PORT_READY, ours);
		return true;
	}
	if (!ours)
		return false;
	switch (message->head.event) {
	case VIRTIO_CONSOLE_PORT_NAME:
		console_name_port(c, id, message->text);
		break;
	case VIRTIO_CONSOLE_PORT_OPEN:
		port_set_host(&c->port[id], message->head.value != 0);
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

static void console_interrupt(void *arg)
{
	struct console *c = arg;
	struct control_message message;
	bool answered;

	c->device->transport->acknowledge(c->device);
	/* Pairs with console_start(): the queues are there. */
	if (!atomic32_load_acquire(&c->live))
		return;
	do {
		answered = false;
		while (control_receive(&c->control, &message))
			answered |= console_handle(c, &message);
		/* A host that works inside the notification has answered by the next turn, which
		 * saves an interrupt. */
		if (answered)
			control_kick(&c->control);
	} while (answered);
	for (u32 i = 0; i < c->port_count; i++)
		port_interrupt(&c->port[i]);
}

/* Queue index of the device, in its part of the ring memory. */
static int console_queue(struct console *c, struct virtqueue *q, u32 index, struct page *rings)
{
	u64 at = index * VIRTQ_MEMORY;

	return virtq_init(q, c->device, (u16)index, (char *)page_address(rings) + at,
		PADDR(page_address_physical(rings).v + at));
}

/* Sets up the control queues and those of every port. Nobody else knows of the structure yet. */
static int console_queues(struct console *c) NO_THREAD_SAFETY
{
	u32 order = 0;

	while (PAGE_SIZE << order < CONSOLE_QUEUES * VIRTQ_MEMORY)
		order++;
	struct page *rings = frame_alloc(order, FRAME_ZERO);
	if (rings == NULL)
		return -ENOMEM;

	int err = console_queue(c, &c->control.rx, CONSOLE_CONTROL_RX, rings);
	if (err == 0)
		err = console_queue(c, &c->control.tx, CONSOLE_CONTROL_TX, rings);
	for (u32 i = 0; i < c->port_count && err == 0; i++) {
		u32 index = i == 0 ? 0 : 2 * i + 2;
		port_init(&c->port[i]);
		err = console_queue(c, &c->port[i].rx, index, rings);
		if (err == 0)
			err = console_queue(c, &c->port[i].tx, index + 1, rings);
	}
	return err ? err : control_fill(&c->control);
}

/* Standard input that is at its end from the start, as a serial line's is. */
static struct port no_input;
static struct serial_line no_line;

void console_no_input(void)
{
	port_init(&no_input);
	no_input.line = &no_line;
	console_set_port(CONSOLE_STDIN, &no_input);
}

/* The ports that the command line says are there, besides those that always are. Set before console_init(). */
static bool wanted[CONSOLE_ROLES];

void console_want(bool trace, bool strace)
{
	wanted[CONSOLE_TRACE] = trace;
	wanted[CONSOLE_STRACE] = strace;
}

static bool console_has_wanted(void)
{
	for (u32 i = 0; i < CONSOLE_ROLES; i++)
		if (wanted[i] && console_port(i) == NULL)
			return false;
	return console_port(CONSOLE_CONTROL) != NULL;
}

static bool console_has_streams(void)
{
	return console_port(CONSOLE_STDIN) != NULL && console_port(CONSOLE_STDOUT) != NULL &&
	       console_port(CONSOLE_STDERR) != NULL;
}

static void console_warn_missing(void)
{
	if (console_port(CONSOLE_CONTROL) == NULL)
		log_warn("the host offers no port %s: it will not see events",
			role_names[CONSOLE_CONTROL]);
	for (u32 i = 0; i < CONSOLE_ROLES; i++)
		if (wanted[i] && console_port(i) == NULL)
			log_warn("the host offers no port %s", role_names[i]);
}

/*
 * Sends DEVICE_READY and waits for the ports. No wakeup is lost: the handler stores the role, then
 * wakes; the conditions load it after joining the queue.
 */
static int console_handshake(struct console *c)
{
	control_send(&c->control, VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1);
	control_kick(&c->control);
	if (wait_event(&role_changed, console_has_streams(), THREAD_SLEEPING,
		    clock_now_ns() + CONSOLE_STREAMS_NS)) {
		log_error("the host offers no ports %s, %s, %s", role_names[CONSOLE_STDIN],
			role_names[CONSOLE_STDOUT], role_names[CONSOLE_STDERR]);
		return -ENODEV;
	}
	if (wait_event(&role_changed, console_has_wanted(), THREAD_SLEEPING,
		    clock_now_ns() + CONSOLE_CONTROL_NS))
		console_warn_missing();
	return 0;
}

/* Gives the ports their buffers and opens our side of them. */
static int console_open_ports(struct console *c)
{
	for (u32 i = 0; i < CONSOLE_ROLES; i++) {
		struct port *p = console_port(i);
		/* Not the device's: no_input. */
		if (p == NULL || p->line != NULL)
			continue;
		int err = i == CONSOLE_STDIN ? port_start_input(p) : port_start_output(p);
		if (err)
			return err;
		control_send(&c->control, (u32)(p - c->port), VIRTIO_CONSOLE_PORT_OPEN, 1);
	}
	control_kick(&c->control);
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
	err = control_init(&c->control);
	if (err)
		return err;
	err = c->device->transport->request_irq(c->device, console_interrupt, c);
	if (err)
		return err;
	return console_queues(c);
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
	/* The memory stays taken: the machine does not go on without its console, and the handler
	 * may still run. */
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
