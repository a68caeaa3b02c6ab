/*
 * The memory map, from what loaders give (any order, overlapping, not page-aligned, too long) to
 * what the kernel uses.
 *
 * Pure: no state, runs on the host in unit tests.
 */
#ifndef BOOT_MEMMAP_H
#define BOOT_MEMMAP_H

#include "arch/boot_info.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* UEFI machines have been seen with about 100. */
#define MEMMAP_RAW_MAX 512

struct memmap_raw {
	u64 start, end;
	enum boot_range_type type;
};

struct memmap {
	u32 count;
	struct memmap_raw raw[MEMMAP_RAW_MAX];
	/* memmap_normalize()'s: every place where a range starts or ends. */
	u64 edge[2 * MEMMAP_RAW_MAX];
};

/* Adds a range as a loader describes it; types other than enum boot_range_type's count as reserved.
 * Empty ranges and what lies beyond the direct map are left out. False if there is no room, and
 * then the map can't be trusted: what is missing might be a reservation. */
MUST_CHECK bool memmap_add(struct memmap *m, u64 start, u64 size, u32 type);

/*
 * Writes at most max ranges, sorted, page-aligned, not overlapping, neighbours of one type joined.
 * Returns how many. Where ranges overlap, the type that allows less wins: reserved, NVS, ACPI, RAM.
 * A page that is only partly RAM isn't RAM. If there are more than max, reserved ranges go first
 * (not being listed means the same), then the smallest.
 */
u32 memmap_normalize(struct memmap *m, struct boot_range *out, u32 max);

#endif
