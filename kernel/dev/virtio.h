/*
 * A virtio 1.x device, whichever bus it sits on (OASIS "Virtual I/O Device (VIRTIO) Version 1.2",
 * chapters 2 to 4).
 *
 * A driver finds its device with virtio_find(), agrees on features with virtio_begin(), sets up its
 * queues (dev/virtqueue.h) and its interrupt, and lets the device go with virtio_ready(). Legacy
 * devices are refused.
 *
 * Start-up runs in one thread. Afterwards the structure is constant, and the only register that is
 * touched is the notification, which any CPU may write at any time, and the interrupt status, which
 * the handler acknowledges.
 */
#ifndef DEV_VIRTIO_H
#define DEV_VIRTIO_H

#include "irq/irq.h"
#include "lib/compiler.h"
#include "lib/types.h"

struct virtio_device;
struct virtqueue;

/* What a bus gives. Registers are little-endian and so are we. */
struct virtio_transport {
	u32 (*read_features)(struct virtio_device *d, u32 word);
	void (*write_features)(struct virtio_device *d, u32 word, u32 features);
	u8 (*read_status)(struct virtio_device *d);
	void (*write_status)(struct virtio_device *d, u8 status);
	/* An aligned 32-bit word of the device's own configuration. */
	u32 (*read_config)(struct virtio_device *d, u32 offset);
	/* The largest size the device takes for the queue; 0: there is no such queue. Selects it
	 * for the next call. */
	u32 (*select_queue)(struct virtio_device *d, u32 index);
	/* Tells the device where the selected queue lies and turns it on. 0 or -EIO. */
	int (*enable_queue)(struct virtio_device *d, struct virtqueue *q);
	/* There is something new in the queue. Any context, any CPU. */
	void (*notify)(struct virtio_device *d, struct virtqueue *q);
	/* Must come before enable_queue(): a queue is told its vector when it is turned on. */
	int (*request_irq)(struct virtio_device *d, irq_handler_t handler, void *arg);
	/* The handler's first act: from here on, a change makes a new interrupt. */
	void (*acknowledge)(struct virtio_device *d);
};

struct virtio_device {
	const struct virtio_transport *transport;
	u64 features; /* agreed on */
	u8 status;    /* as last written */
};

/* The first device with this number (VIRTIO_ID_* of <linux/virtio_ids.h>), on virtio-mmio and then
 * on PCI. It is never freed. 0, -ENODEV, -ENOMEM. */
MUST_CHECK int virtio_find(u32 id, struct virtio_device **out);
/* The two buses' parts of it. */
MUST_CHECK int virtio_mmio_find(u32 id, struct virtio_device **out);
MUST_CHECK int virtio_pci_find(u32 id, struct virtio_device **out);

/* Resets the device and agrees on those of the wanted features that it has. -EIO: it does not
 * reset, is not of version 1, or refuses. */
MUST_CHECK int virtio_begin(struct virtio_device *d, u64 wanted);
/* The queues are set up: the device may work from here on. */
void virtio_ready(struct virtio_device *d);
/* Stops the device. True once it has said so: only then has it let go of all memory it was given
 * (hazard B29). */
MUST_CHECK bool virtio_reset(struct virtio_device *d);
/* Resets it and leaves a note that the driver gave up. What virtio_reset() returned. */
MUST_CHECK bool virtio_fail(struct virtio_device *d);

static inline bool virtio_has(const struct virtio_device *d, u32 feature)
{
	return d->features >> feature & 1;
}

#endif
