/*
 * One split virtqueue of single-descriptor buffers.
 *
 * The caller serialises all functions on one queue with a lock of its own, except virtq_kick(),
 * which is called after that lock was dropped (under TCG it runs the host's device to the end
 * before it returns).
 *
 * Who owns a buffer: from virtq_put() until virtq_get() gives its token back, the device; no one
 * else reads, writes or frees it then (hazard B29). If the queue breaks, the device keeps what it
 * has until it has been reset.
 */
#ifndef DEV_VIRTQUEUE_H
#define DEV_VIRTQUEUE_H

#include "dev/virtio.h"
#include "lib/compiler.h"
#include "lib/types.h"

struct vring_desc;
struct vring_avail;
struct vring_used;

#define VIRTQ_SIZE_MAX 32
/* Ring memory of one queue: descriptors 512, available ring 70, used ring 262 bytes; aligned to its
 * size. */
#define VIRTQ_MEMORY 1024UL

/* What we gave the device under one descriptor number. Kept apart from the ring, which the device
 * could change. */
struct virtq_slot {
	void *token;  /* NULL: free */
	u32 capacity; /* bytes the device may write; 0 for one that it reads */
	u16 next_free;
};

/* Locking key: (c) constant after virtq_init(); (q) the caller's lock; (d) shared with the device,
 * see virtqueue.c. */
struct virtqueue {
	struct virtio_device *device;	/* (c) */
	volatile void *notify_register; /* (c) the transport's */
	struct vring_desc *desc;	/* (d) */
	struct vring_avail *avail;	/* (d) */
	struct vring_used *used;	/* (d) */
	paddr_t memory;			/* (c) of desc */
	u16 index;			/* (c) */
	u16 size;			/* (c) */
	u16 free_first;			/* (q) */
	u16 free_count;			/* (q) */
	u16 avail_next;			/* (q) what we last wrote to avail->idx */
	u16 used_next;			/* (q) first entry of the used ring not yet looked at */
	bool broken;			/* (q) the device broke the protocol */
	bool interrupts;		/* (q) the device was asked to interrupt */
	struct virtq_slot slot[VIRTQ_SIZE_MAX]; /* (q) */
};

/* Sets the queue up in VIRTQ_MEMORY zeroed bytes, and in the device, interrupts not wanted.
 * -ENODEV: the device has no such queue; -EIO. */
MUST_CHECK int virtq_init(
	struct virtqueue *q, struct virtio_device *d, u16 index, void *memory, paddr_t pa);

/* Gives the device n contiguous bytes to read. token is not NULL. -ENOSPC: the queue is full; -EIO:
 * it is broken. */
MUST_CHECK int virtq_put_readable(struct virtqueue *q, paddr_t pa, u32 n, void *token);
/* Gives the device n bytes to write to. */
MUST_CHECK int virtq_put_writable(struct virtqueue *q, paddr_t pa, u32 n, void *token);

/* Must the device be told of what was put? If so, the caller drops its lock and calls
 * virtq_kick(). */
MUST_CHECK bool virtq_wants_kick(struct virtqueue *q);
void virtq_kick(struct virtqueue *q);

/* The token of a buffer that the device has given back and how many bytes it wrote, at most the
 * buffer's size; NULL: none, or the queue is broken. */
MUST_CHECK void *virtq_get(struct virtqueue *q, u32 *written);

/* True if virtq_get() has something to look at. */
MUST_CHECK bool virtq_has_used(struct virtqueue *q);
/* Asks for an interrupt at the next buffer given back. True: one was given back meanwhile, maybe
 * without an interrupt, so the caller must look again before it sleeps. */
MUST_CHECK bool virtq_enable_interrupts(struct virtqueue *q);
void virtq_disable_interrupts(struct virtqueue *q);

/* Where the device finds the other two arrays: for the transports. */
paddr_t virtq_avail_address(const struct virtqueue *q);
paddr_t virtq_used_address(const struct virtqueue *q);

/* Buffers that the device has. */
static inline u32 virtq_outstanding(const struct virtqueue *q)
{
	return (u32)q->size - q->free_count;
}

#endif
