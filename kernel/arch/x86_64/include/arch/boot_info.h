/*
 * What the boot loader told us, copied out of its memory before anything reuses it, in one form for
 * PVH and Multiboot2. Constant after start-up.
 */
#ifndef ARCH_BOOT_INFO_H
#define ARCH_BOOT_INFO_H

#include "arch/cpu.h"
#include "lib/compiler.h"
#include "lib/types.h"

#define BOOT_RANGES_MAX 64
#define BOOT_CMDLINE_MAX 4096
/* Bytes of an ACPI 2.0 root pointer. */
#define BOOT_RSDP_MAX 36

enum boot_range_type { BOOT_RAM = 1, BOOT_RESERVED = 2, BOOT_ACPI = 3, BOOT_NVS = 4 };

struct boot_range {
	paddr_t start; /* a multiple of PAGE_SIZE, as is size */
	u64 size;      /* bytes */
	enum boot_range_type type;
};

struct boot_info {
	u32 range_count;
	struct boot_range range[BOOT_RANGES_MAX]; /* sorted by start, not overlapping */
	char cmdline[BOOT_CMDLINE_MAX];
	bool cmdline_cut; /* the loader's was longer */
	paddr_t archive;  /* the initial archive; size 0: none */
	u64 archive_size;
	u32 rsdp_size; /* of the copy below; 0: the loader gave none */
	u8 rsdp[BOOT_RSDP_MAX];
	u64 entry_tsc; /* TSC at the first instruction */
};

extern struct boot_info boot_info;

/* GS base of the boot CPU from the first line of C until cpu_load(0): zero but for self. */
extern struct cpu boot_cpu;

/* The boot CPU's stack, KERNEL_STACK_SIZE bytes with a page below that start-up unmaps. */
extern u8 boot_stack_guard[], boot_stack[], boot_stack_top[];

#endif
