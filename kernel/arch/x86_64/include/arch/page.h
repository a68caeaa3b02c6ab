/* Pages as bytes: the direct map of RAM, and clearing and copying whole pages. Any context. */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include "arch/layout.h"
#include "lib/types.h"

/* Where the kernel reaches a byte of RAM. Valid for what boot_info calls RAM, ACPI or NVS. */
static inline void *direct_map(paddr_t pa)
{
	return (void *)(DIRECT_MAP_BASE + pa.v);
}

static inline paddr_t direct_map_physical(const void *va)
{
	return PADDR((u64)va - DIRECT_MAP_BASE);
}

/* The physical address of something in the kernel's image, which is linked at KERNEL_BASE plus
 * where it is loaded. */
static inline paddr_t image_physical(const void *va)
{
	return PADDR((u64)va - KERNEL_BASE);
}

/* Both take page-aligned addresses. Eight bytes a step, because a REP string instruction counts
 * (and on CPUs without fast byte strings costs) one instruction a step. */
static inline void clear_page(void *page)
{
	u64 count = PAGE_SIZE / 8;
	__asm__ volatile("rep stosq" : "+D"(page), "+c"(count) : "a"(0UL) : "memory");
}

static inline void copy_page(void *to, const void *from)
{
	u64 count = PAGE_SIZE / 8;
	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count)::"memory");
}

#endif
