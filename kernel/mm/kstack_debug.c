/* See mm/kstack_debug.h. The lowest words are painted when the stack is handed out; the first that changed says how deep it was used. */
#include "mm/kstack_debug.h"

#include "arch/layout.h"
#include "lib/assert.h"
#include "lib/types.h"

#if defined(AIRLOCK_DEBUG) && !defined(AIRLOCK_HOST_TEST)

#define PAINT 0x57acc57acc57acc5UL
/* More than must stay unused, so that a report can say by how much. */
#define PAINTED (KERNEL_STACK_SIZE / 2)

void kstack_debug_paint(void *stack)
{
	u64 *words = stack;

	for (u32 i = 0; i < PAINTED / sizeof(u64); i++)
		words[i] = PAINT;
}

void kstack_debug_check(const void *stack)
{
	const u64 *words = stack;
	u32 i = 0;

	while (i < PAINTED / sizeof(u64) && words[i] == PAINT)
		i++;
	if (i * sizeof(u64) < KSTACK_SPARE)
		panic("a kernel stack was used to %lu bytes from its end; %u must stay unused",
			i * sizeof(u64), KSTACK_SPARE);
}

#endif
