/*
 * A virtio device for the host: the device's half of split rings, written from the specification
 * and sharing no code with the driver, on a bus that is plain C. A test plays the device: it takes
 * buffers with fake_pop(), gives them back with fake_push(), or lies with the fields of struct
 * fake_queue.
 */
#ifndef FAKE_VIRTIO_H
#define FAKE_VIRTIO_H

#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "dev/virtqueue.h"

#define FAKE_QUEUES 18

struct fake_queue {
	u32 max; /* what the device says; 0: there is no such queue */
	u32 size;
	bool enabled;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	u16 seen;  /* avail ring entries taken */
	u16 given; /* used ring entries written */
	u32 kicks;
	bool pushed; /* something was given back since the last interrupt */
};

struct fake_virtio {
	struct virtio_device device;
	struct fake_queue queue[FAKE_QUEUES];
	u64 offered;
	u64 accepted;
	u32 selected;
	u32 config[8];
	bool refuse_features;
	bool no_reset;
	int irq_error;
	irq_handler_t handler;
	void *handler_arg;
	u32 interrupts;
	u32 resets;
	void (*on_notify)(struct fake_virtio *f, u32 index);
};

struct fake_buffer {
	u32 id;
	void *data;
	u32 length;
	bool writable;
};

/* A device with these features and FAKE_QUEUES queues of max entries. */
void fake_virtio_init(struct fake_virtio *f, u64 offered, u32 max);

/* The next buffer that the driver put. */
bool fake_pop(struct fake_virtio *f, u32 index, struct fake_buffer *out);
void fake_push(struct fake_virtio *f, u32 index, u32 id, u32 length);
/* How many could be popped. */
u32 fake_waiting(struct fake_virtio *f, u32 index);
/* Interrupts if something was pushed to a queue whose driver wants to know; the handler runs with
 * interrupts off. */
void fake_interrupt(struct fake_virtio *f);

#endif
