/* Where the kernel command line says that virtio-mmio transports are. */
#ifndef DEV_VIRTIO_MMIO_H
#define DEV_VIRTIO_MMIO_H

#include "lib/compiler.h"
#include "lib/types.h"

struct virtio_mmio_place {
	u64 size;
	u64 address;
	u32 gsi;
};

/* The next word `virtio_mmio.device=SIZE@ADDRESS:IRQ` (Linux's spelling: numbers decimal, 0 octal
 * or 0x hex, SIZE with K or M, an optional `:ID` at the end) of the command line, which is moved
 * past it; false if there is none. Words that can't be read are passed over, and counted in
 * *bad. */
MUST_CHECK bool virtio_mmio_next(const char **line, struct virtio_mmio_place *out, u32 *bad);

#endif
