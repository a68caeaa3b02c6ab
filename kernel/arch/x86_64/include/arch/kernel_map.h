/*
 * The kernel's own table: made once at start-up, its top level never changes afterwards (hazard
 * C10).
 *
 *   direct map     RAM RW-NX with the largest pages that fit; from kernel_map_seal() on, the
 *                  image's text, read-only data and .ro_after_init read-only here, too
 *   image          text RX, read-only data R-NX, data RW-NX, in 4 KiB pages
 *   device, vmalloc, page array, CPU areas     filled by their owners
 *
 * No page is ever both writable and executable.
 */
#ifndef ARCH_KERNEL_MAP_H
#define ARCH_KERNEL_MAP_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Makes the table and loads it on the boot CPU; the identity map is gone afterwards. After
 * pti_init(). Boot CPU, IF=0. */
void kernel_map_init(void);

/* Maps memory at a kernel address with the largest pages that fit. During start-up, before
 * boot_alloc_finish(). */
void kernel_map_early(void *va, paddr_t pa, size_t size, u32 prot);

/* Start-up is over: .ro_after_init becomes read-only, the image's .init sections are unmapped and
 * their frames go to the frame allocator. No CPU may run on a stack there. IF=1 once other CPUs
 * run. */
void kernel_map_seal(void);

/* A root below 4 GiB for starting CPUs: the kernel's slots, and the first 2 MiB at their physical
 * addresses. NX is used in it, so EFER.NXE comes first. */
paddr_t kernel_map_ap_root(void);

/* Loads the kernel's own table for good on a started CPU and turns on what the boot CPU uses
 * (global pages, PCID). IF=0. */
void kernel_map_load(void);

#endif
