/*
 * The machine of the tests of the kernel's own table: 64 MiB of fake RAM, an image at 1 MiB, and an archive. Privileged instructions are done
 * by a model (ring0.h), so that what no emulator at hand has (PCIDs, INVPCID) runs as well.
 *
 * With it come the sources that are tested: they are compiled for this machine.
 */
#ifndef TESTS_MAP_MACHINE_H
#define TESTS_MAP_MACHINE_H

/* For the registers of a signal's context. */
#define _GNU_SOURCE
#include "unit.h"

#include <sanitizer/asan_interface.h>

#include "arch/cpu.h"
#include "arch/features.h"
#include "arch/page.h"
#include "arch/smp.h"
#include "fake_ram.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "ring0.h"

/* Constants in the tested files' tables; nothing there goes through the host's array. */
#undef PAGE_ARRAY_BASE
#define PAGE_ARRAY_BASE 0xffffe00000000000

/* The linker script's, where a kernel has them. */
#define ARCH_IMAGE_H
#define IMAGE(offset) ((const char *)(KERNEL_BASE + KERNEL_PHYS + (offset)))
#define __image_start IMAGE(0)
#define __text_start IMAGE(0)
#define __text_end IMAGE(0x8000)
#define __rodata_start IMAGE(0x8000)
#define __rodata_end IMAGE(0xa000)
#define __ro_after_init_start IMAGE(0xa000)
#define __ro_after_init_end IMAGE(0xb000)
#define __init_start IMAGE(0x10000)
#define __init_text_start IMAGE(0x10000)
#define __init_text_end IMAGE(0x12000)
#define __init_end IMAGE(0x14000)
#define __image_end IMAGE(0x20000)

#include "arch/x86_64/mm/boot_alloc.c"
#undef LOG_SUBSYSTEM
#include "arch/x86_64/mm/kernel_map.c"
#include "arch/x86_64/mm/kernel_page.c"
#include "arch/x86_64/mm/pti.c"
#include "arch/x86_64/mm/tlb_switch.c"

#define RAM_END (64 * MIB)
#define ARCHIVE 0x300800UL
#define ARCHIVE_SIZE 0x2900UL

struct boot_info boot_info;
struct cpu_features cpu_features;

/* -- what stands above -- */

/* Tables that the frame allocator still gives. */
static u32 tables_left;

paddr_t upcall_table_alloc(u32 order, bool program)
{
	struct page *page = tables_left ? frame_alloc(order, FRAME_ZERO) : NULL;

	tables_left -= tables_left != 0;
	return page ? page_address_physical(page) : PADDR(0);
}

static paddr_t added_from, added_to;

void upcall_memory_add(paddr_t start, paddr_t end)
{
	added_from = start;
	added_to = end;
}

static u32 kernel_flushes;

void tlb_flush_kernel(void *start, size_t size)
{
	kernel_flushes++;
}

/* Hazard C12, and what a load needs to be there. */
static inline void check_control(u32 number, u64 value)
{
	if (number == 4 && (value & ~ring0.cr4 & CR4_PCIDE)) {
		assert_int_equal(ring0.cr3 & 0xfff, 0);
		assert_int_equal(ring0.cr3, kernel_root().v);
	}
	if (number == 3)
		assert_true(ring0.efer & EFER_NXE);
}

static inline void machine(bool pcid, u64 ram_end)
{
	__asan_unpoison_memory_region(direct_map(PADDR(0)), FAKE_RAM_SIZE);
	memset(direct_map(PADDR(0)), 0xa5, RAM_END);
	ring0_begin();
	ring0.cr4 = CR4_PGE | CR4_PAE;
	ring0.cr3 = 0x5000;
	ring0.cr_written = check_control;
	cpu_features = (struct cpu_features){.pcid = pcid, .invpcid = pcid};
	boot_info = (struct boot_info){.range_count = 2,
		.range = {{PADDR(0), 640 * KIB, BOOT_RAM}, {PADDR(MIB), ram_end - MIB, BOOT_RAM}},
		.archive = PADDR(ARCHIVE),
		.archive_size = ARCHIVE_SIZE};
	taken_count = 0;
	finished = loaded = false;
	fixed_next = KERNEL_FIXED_BASE;
	tables_left = 1000;
	kernel_flushes = 0;
	memset(cpus, 0, sizeof(cpus));
}

static inline void machine_with_map(enum pti_mode pti, bool pcid)
{
	machine(pcid, RAM_END);
	pti_init(pti);
	kernel_map_init();
}

#endif
