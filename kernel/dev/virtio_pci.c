/*
 * virtio over PCI (virtio 1.2, section 4.1), the modern interface.
 *
 * Vendor capabilities in configuration space say in which BAR, and where in it, the common
 * registers, the notification words and the device's own configuration lie. One MSI-X vector serves
 * all queues, so the handler has nothing to acknowledge: a message is an edge and each one runs the
 * handler.
 */
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>

#include "arch/io.h"
#include "arch/pagetable.h"
#include "dev/pci.h"
#include "dev/virtio.h"
#include "dev/virtqueue.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define LOG_SUBSYSTEM "virtio"
#include "trace/log.h"

#define VIRTIO_PCI_VENDOR 0x1af4
#define VIRTIO_PCI_MODERN 0x1040
#define VIRTIO_PCI_TRANSITIONAL 0x1000
/* More than any device's structures take; what claims more is not mapped. */
#define VIRTIO_PCI_STRUCTURE_MAX (1UL * MIB)

/* One of the structures that a capability points to. */
struct virtio_pci_window {
	volatile u8 *base;
	u32 size;
};

struct virtio_pci {
	struct virtio_device device;
	struct pci_function function;
	struct virtio_pci_window common, notify, config;
	u32 notify_multiplier;
};

static struct virtio_pci *pci_device(struct virtio_device *d)
{
	return CONTAINER_OF(d, struct virtio_pci, device);
}

static volatile u8 *pci_common(struct virtio_device *d, u32 offset)
{
	return pci_device(d)->common.base + offset;
}

static u32 pci_read_features(struct virtio_device *d, u32 word)
{
	mmio_write32(pci_common(d, VIRTIO_PCI_COMMON_DFSELECT), word);
	return mmio_read32(pci_common(d, VIRTIO_PCI_COMMON_DF));
}

static void pci_write_features(struct virtio_device *d, u32 word, u32 features)
{
	mmio_write32(pci_common(d, VIRTIO_PCI_COMMON_GFSELECT), word);
	mmio_write32(pci_common(d, VIRTIO_PCI_COMMON_GF), features);
}

static u8 pci_read_status(struct virtio_device *d)
{
	return mmio_read8(pci_common(d, VIRTIO_PCI_COMMON_STATUS));
}

static void pci_write_status(struct virtio_device *d, u8 status)
{
	mmio_write8(pci_common(d, VIRTIO_PCI_COMMON_STATUS), status);
}

static u32 pci_read_config(struct virtio_device *d, u32 offset)
{
	const struct virtio_pci_window *w = &pci_device(d)->config;

	return offset + 4 <= w->size ? mmio_read32(w->base + offset) : 0;
}

static u32 pci_select_queue(struct virtio_device *d, u32 index)
{
	mmio_write16(pci_common(d, VIRTIO_PCI_COMMON_Q_SELECT), (u16)index);
	return mmio_read16(pci_common(d, VIRTIO_PCI_COMMON_Q_SIZE));
}

static void pci_set_address(struct virtio_device *d, u32 low, paddr_t pa)
{
	mmio_write32(pci_common(d, low), (u32)pa.v);
	mmio_write32(pci_common(d, low + 4), (u32)(pa.v >> 32));
}

static int pci_enable_queue(struct virtio_device *d, struct virtqueue *q)
{
	struct virtio_pci *p = pci_device(d);
	u64 at = (u64)mmio_read16(pci_common(d, VIRTIO_PCI_COMMON_Q_NOFF)) * p->notify_multiplier;

	if (at + sizeof(u16) > p->notify.size)
		return -EIO;
	q->notify_register = p->notify.base + at;
	mmio_write16(pci_common(d, VIRTIO_PCI_COMMON_Q_SIZE), q->size);
	mmio_write16(pci_common(d, VIRTIO_PCI_COMMON_Q_MSIX), 0);
	/* The device answers with "no vector" if it could not take it. */
	if (mmio_read16(pci_common(d, VIRTIO_PCI_COMMON_Q_MSIX)) != 0)
		return -EIO;
	pci_set_address(d, VIRTIO_PCI_COMMON_Q_DESCLO, q->memory);
	pci_set_address(d, VIRTIO_PCI_COMMON_Q_AVAILLO, virtq_avail_address(q));
	pci_set_address(d, VIRTIO_PCI_COMMON_Q_USEDLO, virtq_used_address(q));
	mmio_write16(pci_common(d, VIRTIO_PCI_COMMON_Q_ENABLE), 1);
	return 0;
}

static void pci_notify(struct virtio_device *d, struct virtqueue *q)
{
	mmio_write16(q->notify_register, q->index);
}

static int pci_request_irq(struct virtio_device *d, irq_handler_t handler, void *arg)
{
	int err = pci_request_msix(pci_device(d)->function, handler, arg, "virtio-pci");

	if (err == 0)
		mmio_write16(pci_common(d, VIRTIO_PCI_COMMON_MSIX), (u16)VIRTIO_MSI_NO_VECTOR);
	return err;
}

static void pci_acknowledge(struct virtio_device *d)
{
}

static const struct virtio_transport pci_transport = {
	.read_features = pci_read_features,
	.write_features = pci_write_features,
	.read_status = pci_read_status,
	.write_status = pci_write_status,
	.read_config = pci_read_config,
	.select_queue = pci_select_queue,
	.enable_queue = pci_enable_queue,
	.notify = pci_notify,
	.request_irq = pci_request_irq,
	.acknowledge = pci_acknowledge,
};

static bool pci_is(struct pci_function f, void *arg)
{
	u32 id = *(const u32 *)arg;

	if (pci_read16(f, PCI_VENDOR_ID) != VIRTIO_PCI_VENDOR)
		return false;
	u32 device = pci_read16(f, PCI_DEVICE_ID);
	if (device >= VIRTIO_PCI_TRANSITIONAL && device < VIRTIO_PCI_MODERN)
		return pci_read16(f, PCI_SUBSYSTEM_ID) == id;
	return device == VIRTIO_PCI_MODERN + id;
}

/* The first capability of this type, mapped. *at is where the capability lies. -ENODEV, -ENOMEM. */
static int pci_map_structure(
	struct pci_function f, u32 type, struct virtio_pci_window *out, u32 *at)
{
	paddr_t bar;

	*at = 0;
	do {
		*at = pci_next_capability(f, PCI_CAP_ID_VNDR, *at);
		if (*at == 0)
			return -ENODEV;
	} while (pci_read8(f, *at + VIRTIO_PCI_CAP_CFG_TYPE) != type);

	u32 offset = pci_read32(f, *at + VIRTIO_PCI_CAP_OFFSET);
	out->size = pci_read32(f, *at + VIRTIO_PCI_CAP_LENGTH);
	if (out->size == 0 || out->size > VIRTIO_PCI_STRUCTURE_MAX || !IS_ALIGNED(offset, 4))
		return -ENODEV;
	int err = pci_bar_address(f, pci_read8(f, *at + VIRTIO_PCI_CAP_BAR), &bar);
	if (err)
		return err;
	out->base = kernel_map_device(PADDR(bar.v + offset), out->size);
	return out->base == NULL ? -ENOMEM : 0;
}

static int pci_map(struct virtio_pci *p)
{
	u32 at;

	int err = pci_map_structure(p->function, VIRTIO_PCI_CAP_COMMON_CFG, &p->common, &at);
	if (err)
		return err;
	if (p->common.size < sizeof(struct virtio_pci_common_cfg))
		return -ENODEV;
	err = pci_map_structure(p->function, VIRTIO_PCI_CAP_DEVICE_CFG, &p->config, &at);
	if (err)
		return err;
	err = pci_map_structure(p->function, VIRTIO_PCI_CAP_NOTIFY_CFG, &p->notify, &at);
	if (err)
		return err;
	p->notify_multiplier = pci_read32(p->function, at + VIRTIO_PCI_NOTIFY_CAP_MULT);
	return 0;
}

int virtio_pci_find(u32 id, struct virtio_device **out)
{
	struct pci_function f;

	int err = pci_find(pci_is, &id, &f);
	if (err)
		return err;
	struct virtio_pci *p = kzalloc(sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	p->device.transport = &pci_transport;
	p->function = f;
	pci_enable(f);
	err = pci_map(p);
	if (err) {
		log_warn("device %02x:%02x.%u has no modern interface: %d", f.bus, f.slot,
			f.function, err);
		kfree(p);
		return err;
	}
	*out = &p->device;
	return 0;
}
