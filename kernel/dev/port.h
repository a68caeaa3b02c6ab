/*
 * One port of a virtio console: a stream of bytes in each direction, with buffering and waiting.
 *
 * Thread context, except where it says otherwise.
 */
#ifndef DEV_PORT_H
#define DEV_PORT_H

#include "dev/virtqueue.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/file.h"
#include "sched/wait.h"
#include "sync/spinlock.h"

/* The host gives input in pieces of at most a page, however large the buffer. */
#define PORT_RX_BUFFERS 16
#define PORT_RX_KICK (PORT_RX_BUFFERS / 2)
#define PORT_TX_BUFFERS 16
/* Output buffers are of this many frames where memory allows, else of one. */
#define PORT_TX_ORDER 2

struct serial_line;

enum port_wait { PORT_NO_WAIT, PORT_WAIT_INTERRUPTIBLE, PORT_WAIT };
enum port_host { PORT_NEVER_OPEN, PORT_OPEN, PORT_CLOSED };

struct port_buffer {
	char *data;
	paddr_t physical;
	u32 capacity;
};

/*
 * Locking key: (c) constant after port_init(); (l) lock; (r) the thread that set reading; (b) data
 * belongs to the thread that claimed the buffer, then to the device, until it is free again.
 */
struct port {
	struct serial_line *line; /* (c) the bytes go there; NULL: to the two queues */
	struct spinlock lock;	  /* RANK_DEVICE, also taken by the interrupt handler */
	struct virtqueue rx GUARDED_BY(&lock);
	struct virtqueue tx GUARDED_BY(&lock);
	enum port_host host GUARDED_BY(&lock);
	struct waitq readable; /* input, end of input, or another reader is done */
	struct waitq writable; /* output buffers came back, or the host opened or closed */

	bool reading GUARDED_BY(&lock);	   /* a thread owns the fields marked (r) */
	u32 rx_unkicked GUARDED_BY(&lock); /* buffers given back that the device was not told of */
	struct port_buffer *rx_current;	   /* (r) NULL: none */
	u32 rx_offset, rx_length;	   /* (r) what is left in it */
	struct port_buffer rx_buffer[PORT_RX_BUFFERS]; /* (b) */

	u32 tx_free GUARDED_BY(&lock);		       /* bit n: tx_buffer[n] is nobody's */
	u32 tx_count GUARDED_BY(&lock);		       /* buffers that have memory; they keep it */
	struct port_buffer tx_buffer[PORT_TX_BUFFERS]; /* (b) */
};

/* Prepares the structure; the queues have been set up by the caller. */
void port_init(struct port *p);
/* Gives the port memory for a direction: 0 or -ENOMEM. Input fills its queue with buffers; the
 * device is told. */
MUST_CHECK int port_start_input(struct port *p);
MUST_CHECK int port_start_output(struct port *p);

/* Bytes read, as many as are there; 0: the host closed its side and all was read; -EAGAIN
 * (PORT_NO_WAIT), -EINTR, -EFAULT, -EIO (the device broke the protocol). */
MUST_CHECK ssize_t port_read(struct port *p, struct iobuf *to, enum port_wait wait);

/* Bytes written: all, unless waiting was not allowed or was interrupted, the host closed its side
 * (-EPIPE), the source faulted or the device broke the protocol (-EIO). Up to a page at a time is
 * never mixed with other threads' bytes. */
MUST_CHECK ssize_t port_write(struct port *p, struct iobuf *from, enum port_wait wait);

/* Waits until the device has taken all that was written. */
void port_drain(struct port *p);

/* POLLIN, POLLHUP and POLLOUT, POLLERR that hold now; a change of the others will wake readable or
 * writable. */
u32 port_poll_input(struct port *p);
u32 port_poll_output(struct port *p);
/* Bytes that a read would give at once, at least. */
u32 port_input_ready(struct port *p);

/* The host opened or closed its side. Any context. */
void port_set_host(struct port *p, bool open);
/* The device interrupted: wakes whom that concerns. Interrupt context. */
void port_interrupt(struct port *p);

#endif
