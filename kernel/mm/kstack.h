/* Kernel stacks: KERNEL_STACK_SIZE mapped bytes in the vmalloc area with as much unmapped below,
 * cached for reuse so that a short-lived thread costs no shootdown. */
#ifndef MM_KSTACK_H
#define MM_KSTACK_H

#include "lib/compiler.h"
#include "lib/types.h"

/* The lowest usable address, or NULL. Thread context. */
MUST_CHECK void *kstack_alloc(void);
/* Any context except NMI; nobody runs on it. */
void kstack_free(void *stack);
/* Frees cached stacks until keep are left: how many went. Thread context, IF=1. */
u32 kstack_trim(u32 keep);
/* True if the address lies below a kernel stack, where nothing is mapped: for the double-fault
 * report. Any context. */
bool kstack_is_guard(const void *address);

#endif
