/*
 * What is in memory of an area, page by page, as Linux counts it for smaps.
 *
 * How many times a frame is mapped is not kept anywhere, but nearly all references to a program's frame
 * are mappings: a frame of private memory has one for each, a source's one more, which is the source's
 * own. Others are as short as a copy. So the count is read once, and what is shown may be one too many
 * for a moment, as it may on Linux.
 *
 * Pages of private memory that the program has written, or that were made for it, are anonymous. They are dirty, as
 * are those of a store: no disk has a copy (on Linux a hole's page that was only read is clean). The zero page does not count.
 *
 * Lock: mm->lock, for the whole area; its pages are many, so each is followed by a break.
 */
#include "mm/usage.h"

#include "mm/mm_private.h"
#include "mm/store.h"
#include "sched/break.h"

/* A private area's page that is still the one that its source has. */
static bool is_of_source(const struct area *a, uaddr_t va, paddr_t pa)
{
	paddr_t own;

	if (!a->source || !fault_source_fill(a, va))
		return false;
	if (a->flags & AREA_SHARED)
		return true;
	if (!a->source->ops->get_resident)
		return !page_is_own(pa);
	u64 index = (a->offset + (va - a->start)) >> PAGE_SHIFT;
	if (!a->source->ops->get_resident(a->source, index, 1, &own))
		return false;
	frame_put(page_of(own));
	return own.v == pa.v;
}

/* How often the frame is mapped; the kernel's own pages, which everybody has, count as two. */
static u64 mappings_of(paddr_t pa, bool of_source)
{
	const struct page *page = page_of(pa);

	if (page->state == PAGE_RESERVED)
		return 2;
	u32 refs = refcount_read(&page->refs);
	return MAX(of_source ? refs - 1 : refs, 1U);
}

static void add_page(const struct area *a, uaddr_t va, paddr_t pa, u32 flags, struct mm_usage *u)
{
	bool of_source = is_of_source(a, va, pa);
	bool of_store = of_source && a->source->ops->get_resident;
	bool dirty = !of_source || of_store || (flags & PT_DIRTY);
	u64 mappings = mappings_of(pa, of_source);
	u64 pss = (PAGE_SIZE << MM_PSS_SHIFT) / mappings;

	u->resident += PAGE_SIZE;
	if (flags & PT_ACCESSED)
		u->referenced += PAGE_SIZE;
	if (!of_source) {
		u->anonymous += PAGE_SIZE;
		u->pss_anon += pss;
	} else if (of_store) {
		u->pss_store += pss;
	} else {
		u->pss_file += pss;
	}
	if (dirty)
		u->pss_dirty += pss;
	if (a->flags & AREA_LOCKED)
		u->pss_locked += pss;
	if (mappings > 1)
		*(dirty ? &u->shared_dirty : &u->shared_clean) += PAGE_SIZE;
	else
		*(dirty ? &u->private_dirty : &u->private_clean) += PAGE_SIZE;
}

void mm_usage_add(struct mm *mm, const struct area *a, struct mm_usage *u)
{
	paddr_t pa;
	u32 flags;

	for (uaddr_t va = a->start; va < a->end; va += PAGE_SIZE) {
		va = pagetable_next(&mm->tables, va, a->end);
		if (va >= a->end)
			break;
		if (IS_ALIGNED(va, LARGE_PAGE_SIZE) &&
			pagetable_lookup_large(&mm->tables, va, &pa, &flags))
			u->anon_huge += LARGE_PAGE_SIZE;
		if (pagetable_lookup(&mm->tables, va, &pa, &flags) && pa.v != zero_frame.v)
			add_page(a, va, pa, flags, u);
		sched_break();
	}
	sched_break();
}

bool mm_huge_eligible(const struct mm *mm, const struct area *a)
{
	uaddr_t first = ALIGN_UP(a->start, LARGE_PAGE_SIZE);

	return first < a->end && a->end - first >= LARGE_PAGE_SIZE && huge_is_wanted(mm, a);
}
