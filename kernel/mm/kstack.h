/* Kernel stacks: KERNEL_STACK_SIZE mapped bytes in the vmalloc area with an unmapped guard page below, cached for
 * reuse so that a short-lived thread costs no shootdown. Thread context. */
#ifndef MM_KSTACK_H
#define MM_KSTACK_H

#include "lib/compiler.h"
#include "lib/types.h"

MUST_CHECK void *kstack_alloc(void); /* lowest usable address, or NULL */
void kstack_free(void *stack);
/* True if the address lies in a guard page of a kernel stack: for the double-fault report. */
bool kstack_is_guard(const void *address);

#endif
