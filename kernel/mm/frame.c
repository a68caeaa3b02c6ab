/*
 * Giving frames out and taking them back: references on top of the buddy allocator (buddy.c) and the CPUs' caches
 * (frame_cache.c).
 */
#include "mm/frame.h"

#include "arch/upcalls.h"
#include "lib/assert.h"
#include "mm/frame_private.h"

static u64 total;

static struct page *alloc_block(u32 order)
{
	if (LIKELY(order == 0))
		return cache_alloc();
	struct page *page = buddy_alloc(order);
	/* The other half of a block may be in our cache. */
	if (!page && cache_drain())
		page = buddy_alloc(order);
	return page;
}

struct page *frame_alloc(u32 order, u32 flags)
{
	CHECK(order < FRAME_ORDERS);
	if (UNLIKELY((flags & FRAME_USER) && frame_is_short()))
		return NULL;
	struct page *page = alloc_block(order);
	if (UNLIKELY(!page))
		return NULL;
	ASSERT(page->state == PAGE_CACHED && page->order == order);
	frame_debug_alloc(page, order);
	page->state = PAGE_USED;
	page->owner = NULL;
	refcount_init(&page->refs);
	if (flags & FRAME_ZERO)
		for (u64 i = 0; i < 1UL << order; i++)
			clear_page((char *)page_address(page) + i * PAGE_SIZE);
	return page;
}

void frame_get(struct page *page)
{
	ASSERT(page->state != PAGE_FREE && page->state != PAGE_CACHED && page->state != PAGE_SLAB);
	refcount_get(&page->refs);
}

static void release(struct page *page)
{
	/* A reserved frame's own reference is never dropped. */
	CHECK(page->state == PAGE_USED || page->state == PAGE_TABLE);
	frame_debug_free(page, page->order);
	if (LIKELY(page->order == 0)) {
		cache_free(page);
		return;
	}
	page->state = PAGE_CACHED;
	buddy_free(page, page->order);
}

void frame_put(struct page *page)
{
	ASSERT(page->state != PAGE_FREE && page->state != PAGE_CACHED && page->state != PAGE_SLAB);
	if (refcount_put(&page->refs))
		release(page);
}

void frame_put_list(struct list *pages)
{
	struct page *page, *next;

	list_for_each_entry_safe (page, next, pages, link)
		frame_put(page);
	list_init(pages);
}

u64 frame_free_count(void)
{
	return buddy_free_frames() + cache_frames();
}

u64 frame_total_count(void)
{
	return READ_ONCE(total);
}

/* A 64th of memory, but no less than a quarter MiB and no more than four. */
bool frame_is_short(void)
{
	return buddy_free_frames() < MIN(MAX(total / 64, 64), 1024);
}

void frame_add(paddr_t start, paddr_t end)
{
	WRITE_ONCE(total, total + (end.v - start.v) / PAGE_SIZE);
	buddy_add(start, end);
}

void upcall_memory_add(paddr_t start, paddr_t end)
{
	frame_add(start, end);
}

paddr_t upcall_table_alloc(u32 order, bool program)
{
	struct page *page = frame_alloc(order, FRAME_ZERO | (program ? FRAME_USER : 0));

	if (!page)
		return PADDR(0);
	page->state = PAGE_TABLE;
	return page_address_physical(page);
}

void upcall_table_free(paddr_t pa)
{
	CHECK(page_of(pa)->state == PAGE_TABLE);
	frame_put(page_of(pa));
}
