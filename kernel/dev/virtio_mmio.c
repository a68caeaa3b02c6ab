/*
 * virtio over memory-mapped registers (virtio 1.2, section 4.2), version 2.
 *
 * There is no way to look for these devices: their places come from the command line
 * (docs/host-protocol.md). Each register access leaves the virtual machine, so start-up does as few
 * as it can, and afterwards only the notification (one write) and the interrupt's acknowledgement
 * (one read, one write) remain.
 *
 * The interrupt is requested as level-triggered. The order in the handler, acknowledge and then
 * look at the queues, is also right for an edge: what the device adds after the acknowledgement
 * raises the line again.
 */
#include "dev/virtio_mmio.h"

#include <linux/virtio_mmio.h>

#include "arch/boot_info.h"
#include "arch/io.h"
#include "arch/pagetable.h"
#include "dev/virtio.h"
#include "dev/virtqueue.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define LOG_SUBSYSTEM "virtio"
#include "trace/log.h"

/* "virt", and the version that is not legacy. */
#define MMIO_MAGIC 0x74726976
#define MMIO_VERSION 2

struct virtio_mmio {
	struct virtio_device device;
	volatile u8 *registers;
	u32 gsi;
};

static volatile u8 *mmio_register(struct virtio_device *d, u32 offset)
{
	return CONTAINER_OF(d, struct virtio_mmio, device)->registers + offset;
}

static u32 mmio_get(struct virtio_device *d, u32 offset)
{
	return mmio_read32(mmio_register(d, offset));
}

static void mmio_set(struct virtio_device *d, u32 offset, u32 value)
{
	mmio_write32(mmio_register(d, offset), value);
}

static u32 mmio_read_features(struct virtio_device *d, u32 word)
{
	mmio_set(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, word);
	return mmio_get(d, VIRTIO_MMIO_DEVICE_FEATURES);
}

static void mmio_write_features(struct virtio_device *d, u32 word, u32 features)
{
	mmio_set(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, word);
	mmio_set(d, VIRTIO_MMIO_DRIVER_FEATURES, features);
}

static u8 mmio_read_status(struct virtio_device *d)
{
	return (u8)mmio_get(d, VIRTIO_MMIO_STATUS);
}

static void mmio_write_status(struct virtio_device *d, u8 status)
{
	mmio_set(d, VIRTIO_MMIO_STATUS, status);
}

static u32 mmio_read_config(struct virtio_device *d, u32 offset)
{
	return mmio_get(d, VIRTIO_MMIO_CONFIG + offset);
}

static u32 mmio_select_queue(struct virtio_device *d, u32 index)
{
	mmio_set(d, VIRTIO_MMIO_QUEUE_SEL, index);
	return mmio_get(d, VIRTIO_MMIO_QUEUE_NUM_MAX);
}

static void mmio_set_address(struct virtio_device *d, u32 low, paddr_t pa)
{
	mmio_set(d, low, (u32)pa.v);
	mmio_set(d, low + 4, (u32)(pa.v >> 32));
}

static int mmio_enable_queue(struct virtio_device *d, struct virtqueue *q)
{
	q->notify_register = mmio_register(d, VIRTIO_MMIO_QUEUE_NOTIFY);
	mmio_set(d, VIRTIO_MMIO_QUEUE_NUM, q->size);
	mmio_set_address(d, VIRTIO_MMIO_QUEUE_DESC_LOW, q->memory);
	mmio_set_address(d, VIRTIO_MMIO_QUEUE_AVAIL_LOW, virtq_avail_address(q));
	mmio_set_address(d, VIRTIO_MMIO_QUEUE_USED_LOW, virtq_used_address(q));
	mmio_set(d, VIRTIO_MMIO_QUEUE_READY, 1);
	return 0;
}

static void mmio_notify(struct virtio_device *d, struct virtqueue *q)
{
	mmio_write32(q->notify_register, q->index);
}

static int mmio_request_irq(struct virtio_device *d, irq_handler_t handler, void *arg)
{
	struct virtio_mmio *m = CONTAINER_OF(d, struct virtio_mmio, device);

	return irq_request(m->gsi, IRQ_LEVEL, handler, arg, "virtio-mmio");
}

static void mmio_acknowledge(struct virtio_device *d)
{
	u32 status = mmio_get(d, VIRTIO_MMIO_INTERRUPT_STATUS);

	if (status != 0)
		mmio_set(d, VIRTIO_MMIO_INTERRUPT_ACK, status);
}

static const struct virtio_transport mmio_transport = {
	.read_features = mmio_read_features,
	.write_features = mmio_write_features,
	.read_status = mmio_read_status,
	.write_status = mmio_write_status,
	.read_config = mmio_read_config,
	.select_queue = mmio_select_queue,
	.enable_queue = mmio_enable_queue,
	.notify = mmio_notify,
	.request_irq = mmio_request_irq,
	.acknowledge = mmio_acknowledge,
};

/* True if a version 2 transport with device id behind it is there. */
static bool mmio_is(const volatile u8 *registers, u32 id, u64 address)
{
	if (mmio_read32(registers + VIRTIO_MMIO_MAGIC_VALUE) != MMIO_MAGIC ||
		mmio_read32(registers + VIRTIO_MMIO_DEVICE_ID) != id)
		return false;
	if (mmio_read32(registers + VIRTIO_MMIO_VERSION) == MMIO_VERSION)
		return true;
	log_warn("legacy transport at 0x%lx (QEMU: -global virtio-mmio.force-legacy=false)",
		address);
	return false;
}

static int mmio_probe(const struct virtio_mmio_place *place, u32 id, struct virtio_device **out)
{
	volatile u8 *registers = kernel_map_device(PADDR(place->address), place->size);

	if (registers == NULL)
		return -ENOMEM;
	if (!mmio_is(registers, id, place->address))
		return -ENODEV;
	struct virtio_mmio *m = kzalloc(sizeof(*m));
	if (m == NULL)
		return -ENOMEM;
	m->device.transport = &mmio_transport;
	m->registers = registers;
	m->gsi = place->gsi;
	*out = &m->device;
	return 0;
}

int virtio_mmio_find(u32 id, struct virtio_device **out)
{
	const char *words = boot_info.cmdline;
	struct virtio_mmio_place place;
	int err = -ENODEV;
	u32 bad = 0;

	while (err == -ENODEV && virtio_mmio_next(&words, &place, &bad))
		err = mmio_probe(&place, id, out);
	if (bad != 0)
		log_warn("%u words virtio_mmio.device= are not SIZE@ADDRESS:IRQ", bad);
	return err;
}
