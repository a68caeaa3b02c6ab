/*
 * Fault-around: a read (or jump) that finds no page maps, besides the page it wants, those of its
 * neighbours that are in memory already. A program that starts goes through most pages of its text
 * once, and a fault costs as much as mapping 20 pages.
 *
 * The neighbourhood is, as in Linux, AROUND pages from an aligned address on or from the beginning of the area,
 * cut at the end of the table of the last level (so one serves it), at the end of the area, and where the source
 * stops filling whole pages. Each neighbour gets the
 * entry that a read of it would have made: read-only in a private area, as the area says in a shared
 * one, never dirty. A neighbour that is mapped already, or a private copy, is left alone. Nothing is
 * made, read or waited for: what the source does not have stays missing and is asked for when it is
 * touched.
 *
 * Lock: mm->lock from the look at the source to the entries, so who takes pages away from a source
 * (mm_unmap_source()) either took them out before we looked, or comes for the entries afterwards.
 */
#include "mm/mm_private.h"

/* Twice Linux's fault_around_bytes: a file here has only those pages in memory that somebody touched. */
#define AROUND 32U
_Static_assert(AROUND <= 64, "a bit for each");

static void put_frames(u64 which, const paddr_t *frames)
{
	for (; which; which &= which - 1)
		frame_put(page_of(frames[__builtin_ctzl(which)]));
}

/* The part of the neighbourhood of va that the source fills: *start to *end. */
static void neighbourhood(const struct area *a, uaddr_t va, uaddr_t *start, uaddr_t *end)
{
	uaddr_t block = ALIGN_DOWN(va, AROUND * PAGE_SIZE);

	*start = MAX(block, a->start);
	*end = MIN(
		MIN(*start + AROUND * PAGE_SIZE, ALIGN_DOWN(va, LARGE_PAGE_SIZE) + LARGE_PAGE_SIZE),
		a->end);
	if (a->source_bytes != ~0UL)
		*end = MIN(*end, a->start + ALIGN_DOWN(a->source_bytes, PAGE_SIZE));
}

bool fault_around(struct mm *mm, const struct area *a, uaddr_t va)
{
	paddr_t frames[AROUND];
	uaddr_t start, end;

	if (!a->source->ops->get_resident)
		return false;
	neighbourhood(a, va, &start, &end);
	u64 wanted = pagetable_find_empty(&mm->tables, start, (u32)((end - start) / PAGE_SIZE));
	u64 first = (a->offset + (start - a->start)) >> PAGE_SHIFT;
	u64 found = a->source->ops->get_resident(a->source, first, wanted, frames);
	u32 prot = a->flags & AREA_SHARED ? a->prot : area_prot_unwritten(a);
	if (!found)
		return false;
	if (pagetable_map_some(&mm->tables, start, found, frames, prot)) {
		put_frames(found, frames);
		return false;
	}
	for (u64 left = found; left; left &= left - 1)
		mm_count_page(mm, page_of(frames[__builtin_ctzl(left)]), 1);
	return found >> ((va - start) / PAGE_SIZE) & 1;
}
