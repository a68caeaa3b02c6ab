/*
 * Debug kernels: a single frame that is freed is filled with a pattern, and when it is handed out
 * again the pattern must still be there: whoever wrote to it in between used memory that was not
 * his.
 *
 * That a frame has the pattern is noted in struct page's owner, which is the allocator's while the
 * frame is free. A block's other frames may have old notes in theirs, so allocating a block wipes
 * them all.
 */
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frame_private.h"

#define POISON 0xdeadf4a3deadf4a3UL
#define NOTE ((void *)0x9015013d9015013dUL)

#ifdef AIRLOCK_DEBUG

void frame_debug_free(struct page *page, u32 order)
{
	u64 *words = page_address(page);

	if (order > 0)
		return;
	for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++)
		words[i] = POISON;
	page->owner = NOTE;
}

static void check(const struct page *page)
{
	const u64 *words = page_address(page);

	for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++)
		if (words[i] != POISON)
			panic("frame %#lx was written to while it was free: %#lx at offset %#lx",
				page_address_physical(page).v, words[i], i * sizeof(u64));
}

void frame_debug_alloc(struct page *page, u32 order)
{
	if (order == 0 && page->owner == NOTE)
		check(page);
	for (u64 i = 0; i < 1UL << order; i++)
		page[i].owner = NULL;
}

#else

void frame_debug_free(struct page *page, u32 order)
{
}

void frame_debug_alloc(struct page *page, u32 order)
{
}

#endif
