/*
 * Kernel stacks.
 *
 * The part of the vmalloc slot behind the fixed mappings is an array of places, each twice a
 * stack's size: the lower half is never mapped, so running over a stack's end is a fault at once
 * (hazard I9), and whether an address is such a guard is plain arithmetic, fit for the double-fault
 * handler.
 *
 * A stack that is freed stays mapped, in a cache. Unmapping one costs a shootdown on every CPU, so
 * when there are too many, half of them go at once with one shootdown; only after it are their
 * frames and places free (hazard B20).
 *
 * Lock: lock guards the cache (chained through the stacks' lowest words) and the map of places.
 * Mapping is done without it.
 */
#include "mm/kstack.h"

#include "arch/irqflags.h"
#include "arch/layout.h"
#include "arch/pagetable.h"
#include "arch/shadow.h"
#include "arch/tlb.h"
#include "lib/assert.h"
#include "lib/list.h"
#include "mm/frame.h"
#include "mm/inject.h"
#include "mm/kstack_debug.h"
#include "mm/leak.h"
#include "sanitize/kasan.h"
#include "sync/spinlock.h"

#define AREA_BASE (KERNEL_FIXED_BASE + KERNEL_FIXED_SIZE)
#define PLACE_SIZE (2UL * KERNEL_STACK_SIZE)
#define PLACES 65536
#define WORD_BITS 64
#define CACHE_MAX 32
#define CACHE_KEEP 16

static struct spinlock lock = SPINLOCK_INIT("kernel stacks", RANK_KERNEL_MAP);
static u64 used[PLACES / WORD_BITS] GUARDED_BY(lock);
/* Every word below has no free place. */
static u32 search_from GUARDED_BY(lock);
static struct list cache GUARDED_BY(lock) = LIST_INIT(cache);
static u32 cached GUARDED_BY(lock);

static char *stack_at(u32 place)
{
	return (char *)AREA_BASE + place * PLACE_SIZE + KERNEL_STACK_SIZE;
}

static u32 place_of(const void *stack)
{
	return (u32)(((u64)stack - AREA_BASE) / PLACE_SIZE);
}

/* The lowest place that nobody has, so that few tables are needed; PLACES if there is none. */
static u32 take_place(void)
{
	u64 flags = spin_lock_irqsave(&lock);
	u32 place = PLACES;

	for (u32 word = search_from; word < ARRAY_SIZE(used) && place == PLACES; word++) {
		if (used[word] == UINT64_MAX)
			continue;
		u32 bit = (u32)__builtin_ctzl(~used[word]);
		used[word] |= BIT(bit);
		search_from = word;
		place = word * WORD_BITS + bit;
	}
	spin_unlock_irqrestore(&lock, flags);
	return place;
}

static void give_place(u32 place)
{
	u64 flags = spin_lock_irqsave(&lock);

	used[place / WORD_BITS] &= ~BIT(place % WORD_BITS);
	search_from = MIN(search_from, place / WORD_BITS);
	spin_unlock_irqrestore(&lock, flags);
}

/* Unmaps what is mapped of a stack, from the bottom: size bytes. The frames are to be freed after
 * the shootdown. */
static void unmap(char *stack, size_t size, struct list *frames)
{
	for (size_t at = 0; at < size; at += PAGE_SIZE)
		list_push_back(frames, &page_of(kernel_unmap_page(stack + at))->link);
}

/* Returns the bytes mapped. */
static size_t map(char *stack)
{
	size_t at;

	for (at = 0; at < KERNEL_STACK_SIZE; at += PAGE_SIZE) {
		struct page *page = frame_alloc(0, FRAME_USER);

		if (!page)
			break;
		if (kernel_map_page(stack + at, page_address_physical(page), PT_READ | PT_WRITE)) {
			frame_put(page);
			break;
		}
	}
	return at;
}

static void *make_stack(void)
{
	u32 place = take_place();
	struct list frames = LIST_INIT(frames);

	if (place == PLACES)
		return NULL;
	char *stack = stack_at(place);
	size_t mapped = shadow_map_stack(stack) ? 0 : map(stack);
	if (mapped == KERNEL_STACK_SIZE) {
		leak_count(LEAK_STACKS_MADE, 1);
		return stack;
	}
	unmap(stack, mapped, &frames);
	tlb_flush_kernel(stack, KERNEL_STACK_SIZE);
	frame_put_list(&frames);
	give_place(place);
	return NULL;
}

static void *take_cached(void)
{
	u64 flags = spin_lock_irqsave(&lock);
	struct list *stack = list_pop_front(&cache);

	if (stack)
		cached--;
	spin_unlock_irqrestore(&lock, flags);
	return stack;
}

void *kstack_alloc(void)
{
	if (inject_fails(INJECT_STACK, "kernel", KERNEL_STACK_SIZE, __builtin_return_address(0)))
		return NULL;
	void *stack = take_cached();
	if (!stack)
		stack = make_stack();
	if (!stack)
		return NULL;
	/* What its last thread's frames left, of which not all returned. */
	kasan_unpoison(stack, KERNEL_STACK_SIZE);
	kstack_debug_paint(stack);
	leak_count(LEAK_STACKS, 1);
	return stack;
}

/* Too many cached: but a shootdown needs interrupts on, so from where they are off the next caller
 * has to do it. */
void kstack_free(void *stack)
{
	kstack_debug_check(stack);
	leak_count(LEAK_STACKS, -1);
	u64 flags = spin_lock_irqsave(&lock);

	list_push_front(&cache, stack);
	cached++;
	bool many = cached > CACHE_MAX;
	spin_unlock_irqrestore(&lock, flags);
	if (many && !irq_disabled())
		kstack_trim(CACHE_KEEP);
}

/* Moves cached stacks to a list of the caller's until keep are left. */
static u32 take_surplus(u32 keep, struct list *stacks)
{
	u64 flags = spin_lock_irqsave(&lock);
	u32 n = 0;

	for (; cached > keep; n++) {
		list_push_back(stacks, list_pop_front(&cache));
		cached--;
	}
	spin_unlock_irqrestore(&lock, flags);
	return n;
}

u32 kstack_trim(u32 keep)
{
	struct list stacks = LIST_INIT(stacks), frames = LIST_INIT(frames);
	u32 n = take_surplus(keep, &stacks);
	struct list *stack;
	struct page *page;

	if (n == 0)
		return 0;
	leak_count(LEAK_STACKS_MADE, -(s64)n);
	while ((stack = list_pop_front(&stacks)) != NULL) {
		unmap((char *)stack, KERNEL_STACK_SIZE, &frames);
		/* Which place the frames were at, noted with the last of them. */
		list_last(&frames, struct page, link)->owner = stack;
	}
	tlb_flush_kernel((void *)AREA_BASE, PLACES * PLACE_SIZE);
	list_for_each_entry (page, &frames, link)
		if (page->owner)
			give_place(place_of(page->owner));
	frame_put_list(&frames);
	return n;
}

bool kstack_is_guard(const void *address)
{
	u64 offset = (u64)address - AREA_BASE;

	return (u64)address >= AREA_BASE && offset < PLACES * PLACE_SIZE &&
	       offset % PLACE_SIZE < KERNEL_STACK_SIZE;
}
