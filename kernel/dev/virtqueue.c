/*
 * Split virtqueues (virtio 1.2, section 2.7).
 *
 * Three arrays in memory that the device reads and writes: the descriptor table and the available
 * ring are ours to write, the used ring is the device's. Each side owns one running index; the
 * entries below the index are published by storing it. The device is another processor as far as
 * memory order goes, so the pairs are:
 *
 *   (A) we store entry and descriptor, then avail->idx   it loads avail->idx, then the entry
 *   (B) it stores entry and data, then used->idx         we load used->idx, then the entry
 *   (C) we store avail->idx, fence, load used->flags     it stores flags, fence, loads avail->idx
 *   (D) we store avail->flags, fence, load used->idx     it stores used->idx, fence, loads flags
 *
 * (C) and (D) are the same argument twice: each side stores and then looks; with a full fence
 * between, at least one of the two sees the other's store, so either a notification is sent or it
 * was not needed. A sleeper cannot be left behind by (D), nor a buffer by (C).
 *
 * What the device says is not believed: an index that runs ahead of what it was given, a number
 * that is out of range or that it does not hold, mark the queue broken for ever; a length is cut to
 * the buffer's size. Each shared word is loaded once, so that it can't change between check and
 * use. Nothing is read back from memory that the device can write except the used ring.
 */
#include "dev/virtqueue.h"

#include <linux/virtio_ring.h>

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/inject.h"

#define LOG_SUBSYSTEM "virtio"
#include "trace/log.h"

#define AVAIL_OFFSET (VIRTQ_SIZE_MAX * sizeof(struct vring_desc))
#define USED_OFFSET                                                                              \
	ALIGN_UP(AVAIL_OFFSET + sizeof(struct vring_avail) + (VIRTQ_SIZE_MAX + 1) * sizeof(u16), \
		VRING_USED_ALIGN_SIZE)

_Static_assert(USED_OFFSET + sizeof(struct vring_used) +
			       VIRTQ_SIZE_MAX * sizeof(struct vring_used_elem) + sizeof(u16) <=
		       VIRTQ_MEMORY,
	"a queue's rings fit its memory");

static void virtq_break(struct virtqueue *q, const char *why)
{
	if (q->broken)
		return;
	q->broken = true;
	log_error("queue %u given up: the device %s", q->index, why);
}

/* The largest power of two up to both limits. */
static u16 virtq_fit_size(u32 device_max)
{
	u16 size = VIRTQ_SIZE_MAX;

	while (size > device_max)
		size /= 2;
	return size;
}

int virtq_init(struct virtqueue *q, struct virtio_device *d, u16 index, void *memory, paddr_t pa)
{
	u32 max = d->transport->select_queue(d, index);

	if (max == 0)
		return -ENODEV;
	*q = (struct virtqueue){
		.device = d,
		.desc = memory,
		.avail = (void *)((char *)memory + AVAIL_OFFSET),
		.used = (void *)((char *)memory + USED_OFFSET),
		.memory = pa,
		.index = index,
		.size = virtq_fit_size(max),
	};
	for (u16 i = 0; i < q->size; i++)
		q->slot[i].next_free = i + 1;
	q->free_count = q->size;
	WRITE_ONCE(q->avail->flags, VRING_AVAIL_F_NO_INTERRUPT);
	return d->transport->enable_queue(d, q);
}

paddr_t virtq_avail_address(const struct virtqueue *q)
{
	return PADDR(q->memory.v + AVAIL_OFFSET);
}

paddr_t virtq_used_address(const struct virtqueue *q)
{
	return PADDR(q->memory.v + USED_OFFSET);
}

static int virtq_put(struct virtqueue *q, paddr_t pa, u32 n, u16 flags, void *token)
{
	ASSERT(token != NULL && n > 0);
	if (q->broken || inject_fails(INJECT_DEVICE, "request", n, __builtin_return_address(0)))
		return -EIO;
	if (q->free_count == 0)
		return -ENOSPC;

	u16 id = q->free_first;
	struct virtq_slot *slot = &q->slot[id];
	q->free_first = slot->next_free;
	q->free_count--;
	slot->token = token;
	slot->capacity = flags & VRING_DESC_F_WRITE ? n : 0;

	q->desc[id] = (struct vring_desc){.addr = pa.v, .len = n, .flags = flags};
	q->avail->ring[q->avail_next & (q->size - 1)] = id;
	q->avail_next++;
	/* (A): the entry, and what the buffer holds, before the index that publishes them. */
	__atomic_store_n(&q->avail->idx, q->avail_next, __ATOMIC_RELEASE);
	return 0;
}

int virtq_put_readable(struct virtqueue *q, paddr_t pa, u32 n, void *token)
{
	return virtq_put(q, pa, n, 0, token);
}

int virtq_put_writable(struct virtqueue *q, paddr_t pa, u32 n, void *token)
{
	return virtq_put(q, pa, n, VRING_DESC_F_WRITE, token);
}

bool virtq_wants_kick(struct virtqueue *q)
{
	/* (C): avail->idx must be visible before we ask whether the device still looks by
	 * itself. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !q->broken && !(READ_ONCE(q->used->flags) & VRING_USED_F_NO_NOTIFY);
}

void virtq_kick(struct virtqueue *q)
{
	q->device->transport->notify(q->device, q);
}

bool virtq_has_used(struct virtqueue *q)
{
	/* (B): pairs with the device's store of the index after the entry and the data. */
	return !q->broken && __atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE) != q->used_next;
}

/* Takes slot id back from the device. NULL if the device did not hold it. */
static void *virtq_take_slot(struct virtqueue *q, u32 id, u32 *capacity)
{
	if (id >= q->size)
		return NULL;
	struct virtq_slot *slot = &q->slot[id];
	void *token = slot->token;
	if (token == NULL)
		return NULL;
	*capacity = slot->capacity;
	slot->token = NULL;
	slot->next_free = q->free_first;
	q->free_first = (u16)id;
	q->free_count++;
	return token;
}

void *virtq_get(struct virtqueue *q, u32 *written)
{
	if (q->broken)
		return NULL;
	/* (B), as above. */
	u16 published = __atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE);
	u16 new = (u16)(published - q->used_next);
	if (new == 0)
		return NULL;
	if (new > virtq_outstanding(q)) {
		virtq_break(q, "claims to have used more than it was given");
		return NULL;
	}

	const struct vring_used_elem *entry = &q->used->ring[q->used_next & (q->size - 1)];
	u32 id = READ_ONCE(entry->id);
	u32 length = READ_ONCE(entry->len);
	u32 capacity = 0;
	void *token = virtq_take_slot(q, id, &capacity);
	if (token == NULL) {
		virtq_break(q, "gave back a buffer that it does not hold");
		return NULL;
	}
	q->used_next++;
	*written = MIN(length, capacity);
	return token;
}

bool virtq_enable_interrupts(struct virtqueue *q)
{
	q->interrupts = true;
	WRITE_ONCE(q->avail->flags, 0);
	/* (D): the flag must be visible before we look for what came without an interrupt. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return virtq_has_used(q);
}

void virtq_disable_interrupts(struct virtqueue *q)
{
	/* A hint only: an interrupt too many does no harm, so nothing is ordered here. */
	q->interrupts = false;
	WRITE_ONCE(q->avail->flags, VRING_AVAIL_F_NO_INTERRUPT);
}
