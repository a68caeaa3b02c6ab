/*
 * What the boot loader told us, copied out of its memory before anything reuses it, in one form for PVH and
 * Multiboot2. Constant after start-up.
 */
#ifndef ARCH_BOOT_INFO_H
#define ARCH_BOOT_INFO_H

#include "lib/types.h"

#define BOOT_RANGES_MAX 64
#define BOOT_CMDLINE_MAX 4096

enum boot_range_type { BOOT_RAM = 1, BOOT_RESERVED = 2, BOOT_ACPI = 3, BOOT_NVS = 4 };

struct boot_range {
	paddr_t start;
	u64 size; /* bytes */
	enum boot_range_type type;
};

struct boot_info {
	u32 range_count;
	struct boot_range range[BOOT_RANGES_MAX]; /* sorted by start, not overlapping */
	char cmdline[BOOT_CMDLINE_MAX];
	paddr_t archive; /* the initial archive; size 0: none */
	u64 archive_size;
	paddr_t rsdp; /* v == 0: unknown */
	u64 entry_tsc; /* TSC at the first instruction */
};

extern struct boot_info boot_info;

#endif
