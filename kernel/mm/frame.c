/*
 * Giving frames out and taking them back: references on top of the buddy allocator (buddy.c) and
 * the CPUs' caches (frame_cache.c).
 */
#include "mm/frame.h"

#include "arch/upcalls.h"
#include "lib/assert.h"
#include "mm/frame_private.h"
#include "mm/inject.h"
#include "mm/leak.h"
#include "mm/slab_private.h"
#include "sanitize/kasan.h"
#include "sched/break.h"

static u64 total;
/* What programs leave to the kernel. */
static u64 reserve;

#define RESERVE_MIN 64
#define RESERVE_MAX 1024
#define PUT_BATCH 64

static void clear(struct page *page, u32 order)
{
	char *at = page_address(page);

	for (u64 i = 0; i < 1UL << order; i++)
		clear_page(at + i * PAGE_SIZE);
}

static NOINLINE struct page *alloc_block(u32 order)
{
	struct page *page = buddy_alloc(order);

	/* The other half of a block may be in our cache. */
	if (!page && cache_drain())
		page = buddy_alloc(order);
	return page;
}

/* caller is noted as the owner, for reports of leaks. */
static inline struct page *take(u32 order, u32 flags, void *caller)
{
	CHECK(order < FRAME_ORDERS);
	if (UNLIKELY((flags & FRAME_USER) && frame_is_short()))
		return NULL;
	struct page *page = LIKELY(order == 0) ? cache_alloc() : alloc_block(order);
	if (UNLIKELY(!page))
		return NULL;
	ASSERT(page->state == PAGE_CACHED && page->order == order);
	kasan_unpoison(page_address(page), PAGE_SIZE << order);
	if (FRAME_DEBUG)
		frame_debug_alloc(page, order);
	page->state = PAGE_USED;
	page->owner = NULL;
	refcount_init(&page->refs);
	leak_note_frame((u64)(page - page_array()), (u64)caller);
	if (flags & FRAME_ZERO)
		clear(page, order);
	return page;
}

struct page *frame_alloc(u32 order, u32 flags)
{
	void *caller = __builtin_return_address(0);

	if (inject_fails(INJECT_FRAME, "block", PAGE_SIZE << order, caller))
		return NULL;
	return take(order, flags, caller);
}

struct page *frame_alloc_singles(u32 order, u32 flags)
{
	u64 caller = (u64)__builtin_return_address(0), n = 1UL << order;

	if (!frame_has(2 * n) ||
		inject_fails(INJECT_FRAME, "block", PAGE_SIZE << order, (void *)caller))
		return NULL;
	struct page *pages = take(order, flags, (void *)caller);
	for (u64 i = 0; pages && i < n; i++) {
		pages[i].state = PAGE_USED;
		pages[i].order = 0;
		pages[i].owner = NULL;
		refcount_init(&pages[i].refs);
		leak_note_frame((u64)(&pages[i] - page_array()), caller);
	}
	return pages;
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
	leak_forget_frame((u64)(page - page_array()));
	/* Parts of it were marked by the slab allocator. */
	kasan_unpoison(page_address(page), PAGE_SIZE << page->order);
	if (FRAME_DEBUG)
		frame_debug_free(page, page->order);
	kasan_poison(page_address(page), PAGE_SIZE << page->order, KASAN_FRAME_FREE);
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

/* Straight to the buddy allocator, some at a time: so many would only pass through the CPU's cache,
 * and its interrupts should not be off for long. */
void frame_put_list(struct list *pages)
{
	struct list batch = LIST_INIT(batch);
	u32 n = 0;

	while (!list_empty(pages)) {
		struct page *page = list_first(pages, struct page, link);

		CHECK(page->state == PAGE_USED && page->order == 0);
		/* Nobody else has a reference, so nobody changes the count. */
		CHECK(atomic32_load_relaxed(&page->refs.count) == 1);
		atomic32_store_relaxed(&page->refs.count, 0);
		list_remove(&page->link);
		leak_forget_frame((u64)(page - page_array()));
		if (FRAME_DEBUG)
			frame_debug_free(page, 0);
		kasan_poison(page_address(page), PAGE_SIZE, KASAN_FRAME_FREE);
		page->state = PAGE_CACHED;
		list_push_back(&batch, &page->link);
		if (++n % PUT_BATCH == 0) {
			buddy_free_list(&batch);
			sched_break();
		}
	}
	buddy_free_list(&batch);
}

u64 frame_free_count(void)
{
	/* What the sanitizer still watches is free, too. */
	slab_kasan_flush();
	return buddy_free_frames() + cache_frames();
}

u64 frame_total_count(void)
{
	return READ_ONCE(total);
}

bool frame_has(u64 n)
{
	return buddy_free_frames() >= READ_ONCE(reserve) + n;
}

bool frame_is_short(void)
{
	return buddy_free_frames() < READ_ONCE(reserve);
}

/* Start-up, and its end. */
void frame_add(paddr_t start, paddr_t end)
{
	WRITE_ONCE(total, total + (end.v - start.v) / PAGE_SIZE);
	/* A 64th of memory, but no less than a quarter MiB and no more than four. */
	WRITE_ONCE(reserve, MIN(MAX(total / 64, RESERVE_MIN), RESERVE_MAX));
	kasan_poison(direct_map(start), end.v - start.v, KASAN_FRAME_FREE);
	buddy_add(start, end);
}

void upcall_memory_add(paddr_t start, paddr_t end)
{
	frame_add(start, end);
}

paddr_t upcall_table_alloc(u32 order, bool program)
{
	void *caller = __builtin_return_address(0);

	if (inject_fails(INJECT_TABLE, program ? "a program's" : "the kernel's", PAGE_SIZE << order,
		    caller))
		return PADDR(0);
	struct page *page = take(order, FRAME_ZERO | (program ? FRAME_USER : 0), caller);
	if (!page)
		return PADDR(0);
	page->state = PAGE_TABLE;
	/* Those of the kernel stay: they are nobody's leak. */
	page->owner = program ? page : NULL;
	leak_count(LEAK_TABLES, program ? 1L << order : 0);
	return page_address_physical(page);
}

void upcall_table_free(paddr_t pa)
{
	struct page *page = page_of(pa);

	CHECK(page->state == PAGE_TABLE);
	leak_count(LEAK_TABLES, page->owner ? -(1L << page->order) : 0);
	frame_put(page);
}
