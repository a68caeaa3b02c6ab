#include "dev/fake_virtio.h"

#include <string.h>

#include "unit.h"

#include "arch/irqflags.h"
#include "arch/layout.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/frame.h"

static struct fake_virtio *fake(struct virtio_device *d)
{
	return CONTAINER_OF(d, struct fake_virtio, device);
}

static u32 fake_read_features(struct virtio_device *d, u32 word)
{
	return (u32)(fake(d)->offered >> (32 * word));
}

static void fake_write_features(struct virtio_device *d, u32 word, u32 features)
{
	struct fake_virtio *f = fake(d);

	CHECK((f->device.status & VIRTIO_CONFIG_S_DRIVER) &&
		!(f->device.status & VIRTIO_CONFIG_S_FEATURES_OK));
	f->accepted &= ~(0xffffffffUL << (32 * word));
	f->accepted |= (u64)features << (32 * word);
}

static u8 fake_read_status(struct virtio_device *d)
{
	struct fake_virtio *f = fake(d);

	if (f->no_reset && d->status == 0)
		return VIRTIO_CONFIG_S_DRIVER_OK;
	return f->refuse_features ? d->status & (u8)~VIRTIO_CONFIG_S_FEATURES_OK : d->status;
}

static void fake_write_status(struct virtio_device *d, u8 status)
{
	struct fake_virtio *f = fake(d);

	if (status == 0)
		f->resets++;
	if (status & VIRTIO_CONFIG_S_FEATURES_OK)
		CHECK((f->accepted & ~f->offered) == 0);
}

static u32 fake_read_config(struct virtio_device *d, u32 offset)
{
	CHECK(offset % 4 == 0 && offset / 4 < ARRAY_SIZE(fake(d)->config));
	return fake(d)->config[offset / 4];
}

static u32 fake_select_queue(struct virtio_device *d, u32 index)
{
	fake(d)->selected = index;
	return index < FAKE_QUEUES ? fake(d)->queue[index].max : 0;
}

static int fake_enable_queue(struct virtio_device *d, struct virtqueue *q)
{
	struct fake_queue *fq = &fake(d)->queue[fake(d)->selected];

	CHECK(q->index == fake(d)->selected && !fq->enabled);
	CHECK(q->size > 0 && q->size <= fq->max && (q->size & (q->size - 1)) == 0);
	CHECK(!(d->status & VIRTIO_CONFIG_S_DRIVER_OK));
	fq->size = q->size;
	fq->desc = direct_map(q->memory);
	fq->avail = direct_map(virtq_avail_address(q));
	fq->used = direct_map(virtq_used_address(q));
	CHECK(IS_ALIGNED((u64)fq->desc, 16UL) && IS_ALIGNED((u64)fq->avail, 2UL) &&
		IS_ALIGNED((u64)fq->used, 4UL));
	fq->enabled = true;
	return 0;
}

static void fake_notify(struct virtio_device *d, struct virtqueue *q)
{
	struct fake_virtio *f = fake(d);

	f->queue[q->index].kicks++;
	if (f->on_notify)
		f->on_notify(f, q->index);
}

static int fake_request_irq(struct virtio_device *d, irq_handler_t handler, void *arg)
{
	fake(d)->handler = handler;
	fake(d)->handler_arg = arg;
	return fake(d)->irq_error;
}

static void fake_acknowledge(struct virtio_device *d)
{
}

static const struct virtio_transport fake_transport = {
	.read_features = fake_read_features,
	.write_features = fake_write_features,
	.read_status = fake_read_status,
	.write_status = fake_write_status,
	.read_config = fake_read_config,
	.select_queue = fake_select_queue,
	.enable_queue = fake_enable_queue,
	.notify = fake_notify,
	.request_irq = fake_request_irq,
	.acknowledge = fake_acknowledge,
};

void fake_virtio_init(struct fake_virtio *f, u64 offered, u32 max)
{
	memset(f, 0, sizeof(*f));
	f->device.transport = &fake_transport;
	f->offered = offered;
	for (u32 i = 0; i < FAKE_QUEUES; i++)
		f->queue[i].max = max;
}

u32 fake_waiting(struct fake_virtio *f, u32 index)
{
	struct fake_queue *q = &f->queue[index];

	return (u16)(__atomic_load_n(&q->avail->idx, __ATOMIC_ACQUIRE) - q->seen);
}

bool fake_pop(struct fake_virtio *f, u32 index, struct fake_buffer *out)
{
	struct fake_queue *q = &f->queue[index];

	if (!q->enabled || fake_waiting(f, index) == 0)
		return false;
	CHECK(fake_waiting(f, index) <= q->size);
	out->id = q->avail->ring[q->seen++ % q->size];
	CHECK(out->id < q->size);
	struct vring_desc *d = &q->desc[out->id];
	CHECK(!(d->flags & (VRING_DESC_F_NEXT | VRING_DESC_F_INDIRECT)) && d->len > 0);
	out->data = direct_map(PADDR(d->addr));
	out->length = d->len;
	out->writable = d->flags & VRING_DESC_F_WRITE;
	return true;
}

void fake_push(struct fake_virtio *f, u32 index, u32 id, u32 length)
{
	struct fake_queue *q = &f->queue[index];

	q->used->ring[q->given % q->size] = (struct vring_used_elem){.id = id, .len = length};
	__atomic_store_n(&q->used->idx, ++q->given, __ATOMIC_RELEASE);
	q->pushed = true;
}

void fake_interrupt(struct fake_virtio *f)
{
	bool wanted = false;

	for (u32 i = 0; i < FAKE_QUEUES; i++) {
		struct fake_queue *q = &f->queue[i];
		if (q->pushed && !(q->avail->flags & VRING_AVAIL_F_NO_INTERRUPT))
			wanted = true;
		q->pushed = false;
	}
	if (!wanted || f->handler == NULL)
		return;
	f->interrupts++;
	u64 flags = irq_save();
	f->handler(f->handler_arg);
	irq_restore(flags);
}
