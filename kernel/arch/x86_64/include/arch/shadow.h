/*
 * The address sanitizer's shadow (sanitize/kasan.h): where it is mapped. In the variant `kasan` alone.
 *
 * The kernel's half has 32 slots of shadow. What has no memory behind it shares one page of zeros, mapped read-only: all
 * is permitted there, and the access itself faults. RAM, the image and the CPUs' areas have shadow of their own from start-up on,
 * kernel stacks get theirs when they are mapped.
 */
#ifndef ARCH_SHADOW_H
#define ARCH_SHADOW_H

#include "lib/compiler.h"
#include "lib/types.h"

#if defined(AIRLOCK_KASAN) || defined(KASAN_RUNTIME)
/* The first thing in C: one page for all of the shadow in the provisional tables, so that instrumented code can mark its frames. Nothing
 * is checked yet. */
void shadow_early(void);
/* Makes the shadow in the kernel's own table, before that is loaded. */
void shadow_init(u64 *top);
/* A kernel stack's, KERNEL_STACK_SIZE bytes; it stays for the next stack at that place. 0 or -ENOMEM. IF any. */
MUST_CHECK int shadow_map_stack(const void *stack);
#else
static inline void shadow_early(void)
{
}

static inline void shadow_init(u64 *top)
{
}

MUST_CHECK static inline int shadow_map_stack(const void *stack)
{
	return 0;
}
#endif
#endif
