/*
 * Taking pages out of an address space.
 *
 * Order is everything (hazard B20): entries are cleared, then every CPU drops its translations, and
 * only then are frames and tables freed. So what goes is collected: a frame of which ours is the
 * only reference is chained through its struct page, which needs no memory at all; others (the
 * archive's, a source's) are noted in a small array, and when that is full the flush is done in
 * between.
 *
 * Lock: mm->lock throughout, so nobody can gain a reference to a frame with one.
 */
#include "mm/mm_private.h"
#include "sched/break.h"

void zap_start(struct zap *z, struct mm *mm)
{
	z->mm = mm;
	z->unused = false;
	z->flush_start = UINT64_MAX;
	z->flush_end = 0;
	z->shared_count = 0;
	z->tables = PADDR(0);
	list_init(&z->own);
}

void zap_start_unused(struct zap *z, struct mm *mm)
{
	zap_start(z, mm);
	z->unused = true;
}

static void free_collected(struct zap *z)
{
	frame_put_list(&z->own);
	for (u32 i = 0; i < z->shared_count; i++)
		frame_put(z->shared[i]);
	z->shared_count = 0;
	pagetable_free_chain(z->tables);
	z->tables = PADDR(0);
}

void zap_finish(struct zap *z)
{
	/* Tables that were taken out may be in CPUs' caches of the upper levels, which only a full
	 * flush is sure to empty. */
	if (z->unused)
		;
	else if (z->tables.v)
		tlb_flush_all(&z->mm->tlb);
	else if (z->flush_start < z->flush_end)
		tlb_flush_range(&z->mm->tlb, z->flush_start, z->flush_end);
	z->flush_start = UINT64_MAX;
	z->flush_end = 0;
	free_collected(z);
}

/* One page that was just taken out. The zero frame has no references for its mappings. */
static void collect(void *arg, uaddr_t va, paddr_t pa)
{
	struct zap *z = arg;
	struct page *page = page_of(pa);

	sched_break();
	z->flush_start = MIN(z->flush_start, va);
	z->flush_end = va + PAGE_SIZE;
	if (pa.v == zero_frame.v)
		return;
	mm_count_page(z->mm, page, -1UL);
	if (page_is_own(pa)) {
		list_push_front(&z->own, &page->link);
		return;
	}
	if (z->unused) {
		frame_put(page);
		return;
	}
	if (z->shared_count == ZAP_SHARED_MAX)
		zap_finish(z);
	z->shared[z->shared_count++] = page;
}

/* Ranges come by rising address. */
void zap_range(struct zap *z, uaddr_t start, uaddr_t end)
{
	pagetable_unmap_range(&z->mm->tables, start, end, collect, z);
}

/* Rare, so page by page. */
void zap_range_of(struct zap *z, uaddr_t start, uaddr_t end, const struct page_source *s)
{
	struct pagetable *tables = &z->mm->tables;
	uaddr_t va = pagetable_next(tables, start, end);

	for (; va < end; va = pagetable_next(tables, va + PAGE_SIZE, end)) {
		paddr_t pa;
		u32 flags;

		if (pagetable_lookup(tables, va, &pa, &flags) && page_of(pa)->owner == s &&
			pagetable_unmap(tables, va, &pa, &flags))
			collect(z, va, pa);
	}
}

void zap_tables(struct zap *z, uaddr_t start, uaddr_t end)
{
	struct area *next = area_at_or_after(z->mm, start);
	struct rb_node *n = next ? rb_prev(&next->node) : rb_last(&z->mm->areas);
	uaddr_t hole_start = n ? rb_entry(n, struct area, node)->end : 0;
	uaddr_t hole_end = next ? next->start : USER_END;

	pagetable_prune(&z->mm->tables, start, end, hole_start, hole_end, &z->tables);
}
