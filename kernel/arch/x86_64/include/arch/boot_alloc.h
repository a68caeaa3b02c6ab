/*
 * Memory before there is an allocator, and the list of what may not be handed to it.
 *
 * Boot CPU, before frame_init(). What is allocated here is never freed.
 */
#ifndef ARCH_BOOT_ALLOC_H
#define ARCH_BOOT_ALLOC_H

#include "arch/page.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* Zeroed memory in the direct map; align is a power of two, 8 at least. Refuses to start if there
 * is none: at this point only the machine's size can be wrong. Until kernel_map_init() has run it
 * comes from the first GiB. */
void *boot_alloc(size_t size, size_t align);

static inline paddr_t boot_physical(const void *memory)
{
	return direct_map_physical(memory);
}

/* The same, neither zeroed nor mapped yet: a physical address with the given remainder of align. */
paddr_t boot_alloc_physical(size_t size, size_t align, u64 remainder);

/* The next stretch of RAM at or after *cursor, in whole pages, that nobody took; false after the
 * last. *cursor moves behind it. For frame_init(). */
bool boot_next_free(paddr_t *cursor, paddr_t *start, paddr_t *end);

/* From here on boot_alloc() is a mistake: the frame allocator owns the rest. */
void boot_alloc_finish(void);
bool boot_alloc_finished(void);

#endif
