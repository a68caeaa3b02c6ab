/*
 * Starting a virtio device: the order of section 3.1.1 of the specification.
 *
 *   reset > ACKNOWLEDGE > DRIVER > features > FEATURES_OK > (the driver's queues) > DRIVER_OK
 *
 * The device is the host's, and the host is trusted no more than it must be: every answer is looked
 * at, and a device that does not answer is given up after RESET_TRIES reads instead of hanging the
 * boot.
 */
#include "dev/virtio.h"

#include <linux/virtio_config.h>

#include "arch/irqflags.h"
#include "lib/errno.h"

#define LOG_SUBSYSTEM "virtio"
#include "trace/log.h"

/* A device answers a reset at once, or within a few register reads when it has work in flight. */
#define RESET_TRIES 100000

static void virtio_add_status(struct virtio_device *d, u8 bits)
{
	d->status |= bits;
	d->transport->write_status(d, d->status);
}

bool virtio_reset(struct virtio_device *d)
{
	d->status = 0;
	d->transport->write_status(d, 0);
	for (u32 i = 0; i < RESET_TRIES; i++) {
		if (d->transport->read_status(d) == 0)
			return true;
		cpu_relax();
	}
	log_warn("the device does not answer a reset");
	return false;
}

bool virtio_fail(struct virtio_device *d)
{
	bool stopped = virtio_reset(d);

	virtio_add_status(d, VIRTIO_CONFIG_S_FAILED);
	return stopped;
}

static u64 virtio_offered(struct virtio_device *d)
{
	u64 low = d->transport->read_features(d, 0);

	return low | (u64)d->transport->read_features(d, 1) << 32;
}

int virtio_begin(struct virtio_device *d, u64 wanted)
{
	if (!virtio_reset(d))
		return -EIO;
	virtio_add_status(d, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	virtio_add_status(d, VIRTIO_CONFIG_S_DRIVER);

	u64 offered = virtio_offered(d);
	if (!(offered >> VIRTIO_F_VERSION_1 & 1)) {
		log_warn("a device of before virtio 1.0 is not supported");
		return -EIO;
	}
	d->features = offered & (wanted | 1UL << VIRTIO_F_VERSION_1);
	d->transport->write_features(d, 0, (u32)d->features);
	d->transport->write_features(d, 1, (u32)(d->features >> 32));

	virtio_add_status(d, VIRTIO_CONFIG_S_FEATURES_OK);
	if (!(d->transport->read_status(d) & VIRTIO_CONFIG_S_FEATURES_OK)) {
		log_warn("the device refuses features %lx of %lx", d->features, offered);
		return -EIO;
	}
	return 0;
}

void virtio_ready(struct virtio_device *d)
{
	virtio_add_status(d, VIRTIO_CONFIG_S_DRIVER_OK);
}

int virtio_find(u32 id, struct virtio_device **out)
{
	int err = virtio_mmio_find(id, out);

	return err == -ENODEV ? virtio_pci_find(id, out) : err;
}
