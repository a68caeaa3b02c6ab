/*
 * The buddy allocator: free memory in blocks of 2^order frames, each aligned to its size. A block's
 * buddy is the other half of the block twice as large; when both are free they become that block.
 *
 * Invariants, under the lock:
 *   - blocks[o] holds exactly the first pages of free blocks of order o: state PAGE_FREE, order o;
 *   - a block below the largest order that is free has a buddy that is not (or is split);
 *   - free_frames is the sum over all lists.
 *
 * Whether a buddy is free is read from its first struct page. That one is meaningful although most
 * of the array is never initialised: a block below the largest order exists because a larger one
 * was split, which wrote the first page of both halves, or because start-up made it, in a largest
 * block whose struct pages were all cleared. So start-up does not touch the struct pages of blocks
 * that are free as a whole, but for the first.
 *
 * Lock: lock (RANK_FRAMES, taken by interrupt handlers).
 */
#include "lib/assert.h"
#include "mm/frame_private.h"
#include "sync/spinlock.h"

#define ORDER_MAX (FRAME_ORDERS - 1)

static struct spinlock lock = SPINLOCK_INIT("frames", RANK_FRAMES);
static struct list blocks[FRAME_ORDERS] GUARDED_BY(lock);
static u64 free_frames GUARDED_BY(lock); /* read without it: WRITE_ONCE() */

static void count_free(s64 more) REQUIRES(lock)
{
	WRITE_ONCE(free_frames, free_frames + (u64)more);
}

static u64 number_of(const struct page *page)
{
	return (u64)(page - page_array());
}

/* Somebody wrote to a struct page that is not his, or freed one twice: found here rather than where
 * the list breaks. */
static void check_link(const struct page *page)
{
	ASSERT(page->link.next->prev == &page->link);
	ASSERT(page->link.prev->next == &page->link);
}

static void push(struct page *page, u32 order) REQUIRES(lock)
{
	page->state = PAGE_FREE;
	page->order = (u8)order;
	list_push_front(&blocks[order], &page->link);
}

static struct page *pop(u32 order) REQUIRES(lock)
{
	struct page *page = list_first(&blocks[order], struct page, link);

	check_link(page);
	list_remove(&page->link);
	ASSERT(page->state == PAGE_FREE && page->order == order);
	return page;
}

static struct page *alloc_locked(u32 order) REQUIRES(lock)
{
	u32 found = order;

	while (found <= ORDER_MAX && list_empty(&blocks[found]))
		found++;
	if (found > ORDER_MAX)
		return NULL;
	struct page *page = pop(found);
	/* The upper halves go back. */
	while (found > order) {
		found--;
		push(page + (1UL << found), found);
	}
	page->state = PAGE_CACHED;
	page->order = (u8)order;
	count_free(-(1L << order));
	return page;
}

static void free_locked(struct page *page, u32 order) REQUIRES(lock)
{
	ASSERT(page->state != PAGE_FREE && IS_ALIGNED(number_of(page), 1UL << order));
	count_free(1L << order);
	for (; order < ORDER_MAX; order++) {
		struct page *buddy = page_array() + (number_of(page) ^ (1UL << order));

		if (buddy->state != PAGE_FREE || buddy->order != order)
			break;
		check_link(buddy);
		list_remove(&buddy->link);
		/* What is inside a block is no first page, whatever it was. */
		page->state = buddy->state = PAGE_RESERVED;
		page = MIN(page, buddy);
	}
	push(page, order);
}

struct page *buddy_alloc(u32 order)
{
	u64 flags = spin_lock_irqsave(&lock);
	struct page *page = alloc_locked(order);

	spin_unlock_irqrestore(&lock, flags);
	return page;
}

void buddy_free(struct page *page, u32 order)
{
	u64 flags = spin_lock_irqsave(&lock);

	free_locked(page, order);
	spin_unlock_irqrestore(&lock, flags);
}

/* The smallest free block, made no larger than n frames: its order, or FRAME_ORDERS if there is
 * none. */
static u32 take_up_to(u32 n, struct page **out) REQUIRES(lock)
{
	u32 order = 0;

	while (order <= ORDER_MAX && list_empty(&blocks[order]))
		order++;
	if (order > ORDER_MAX)
		return FRAME_ORDERS;
	*out = pop(order);
	while (1UL << order > n) {
		order--;
		push(*out + (1UL << order), order);
	}
	return order;
}

u32 buddy_alloc_list(struct list *to, u32 n)
{
	u64 flags = spin_lock_irqsave(&lock);
	struct page *page;
	u32 got = 0, order;

	while (got < n && (order = take_up_to(n - got, &page)) < FRAME_ORDERS) {
		for (u64 i = 0; i < 1UL << order; i++) {
			page[i].state = PAGE_CACHED;
			page[i].order = 0;
			list_push_back(to, &page[i].link);
		}
		got += 1U << order;
	}
	count_free(-(s64)got);
	spin_unlock_irqrestore(&lock, flags);
	return got;
}

void buddy_free_list(struct list *pages)
{
	u64 flags = spin_lock_irqsave(&lock);
	struct page *page, *next;

	list_for_each_entry_safe (page, next, pages, link)
		free_locked(page, 0);
	spin_unlock_irqrestore(&lock, flags);
	list_init(pages);
}

/* Read without the lock: a figure for reports and for the reserve, right to within what other CPUs
 * do at this moment. */
u64 buddy_free_frames(void) NO_THREAD_SAFETY
{
	return READ_ONCE(free_frames);
}

void buddy_add(paddr_t start, paddr_t end)
{
	u64 flags = spin_lock_irqsave(&lock);
	struct page *page = page_of(start), *stop = page_of(end);

	if (!blocks[0].next)
		for (u32 o = 0; o <= ORDER_MAX; o++)
			list_init(&blocks[o]);
	while (page < stop) {
		u32 order = ORDER_MAX;

		while (!IS_ALIGNED(number_of(page), 1UL << order) || page + (1UL << order) > stop)
			order--;
		page->state = PAGE_RESERVED;
		free_locked(page, order);
		page += 1UL << order;
	}
	spin_unlock_irqrestore(&lock, flags);
}
