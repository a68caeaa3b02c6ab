/*
 * Transparent huge pages: 2 MiB at once for private memory without a file, where a write finds nothing.
 *
 * A huge page is an entry for 512 adjacent frames (arch/x86_64/mm/large.c), which are single frames to
 * everybody else: each has its own reference, is freed, shared, copied and asked for by itself. What
 * touches a part of one has it cut into 512 entries on the way, which can't fail. So nothing else in mm/
 * knows of huge pages but this file, and the fault that may make or keep one.
 *
 * One is made if the area covers the aligned 2 MiB, nothing of it has been mapped yet, and a free block
 * lies there; none is searched for, no memory is moved, and a few more must stay free, so that one
 * program's huge page is not another's shortage. Otherwise the fault gives 4 KiB as ever. After a fork the
 * entry is shared read-only; a write then makes it writable again if all frames are ours alone, else it
 * is cut and one frame copied.
 *
 * Who wants them: huge_mode says always, only where madvise(MADV_HUGEPAGE) asked, or never;
 * MADV_NOHUGEPAGE and PR_SET_THP_DISABLE mean no. The default is madvise, as most distributions have it
 * for servers: a program that touches a few bytes in each of its threads' stacks and arenas would
 * otherwise have 2 MiB cleared for each, which small VMs have not got (docs/cost.md has figures).
 *
 * Lock: mm->lock. huge_mode is one word, read without a lock: each fault takes what it finds.
 */
#include "mm/huge.h"

#include "arch/upcalls.h"
#include "lib/errno.h"
#include "mm/mm_private.h"

#define HUGE_FRAMES (LARGE_PAGE_SIZE / PAGE_SIZE)

static u32 mode = HUGE_MADVISE;

enum huge_mode huge_mode_get(void)
{
	return READ_ONCE(mode);
}

void huge_mode_set(enum huge_mode new_mode)
{
	WRITE_ONCE(mode, new_mode);
}

bool huge_is_wanted(const struct mm *mm, const struct area *a)
{
	if (a->source || (a->flags & (AREA_STACK | AREA_NO_HUGE)) || READ_ONCE(mm->no_huge) ||
		!a->prot)
		return false;
	switch (huge_mode_get()) {
	case HUGE_ALWAYS:
		return true;
	case HUGE_MADVISE:
		return a->flags & AREA_HUGE;
	default:
		return false;
	}
}

static bool make(struct mm *mm, const struct area *a, uaddr_t start)
{
	struct page *pages = frame_alloc_singles(LARGE_PAGE_ORDER, FRAME_USER | FRAME_ZERO);

	if (!pages)
		return false;
	if (pagetable_map_large(&mm->tables, start, page_address_physical(pages), a->prot)) {
		for (u32 i = 0; i < HUGE_FRAMES; i++)
			frame_put(&pages[i]);
		return false;
	}
	mm->pages += HUGE_FRAMES;
	return true;
}

bool huge_fault_absent(struct mm *mm, const struct area *a, uaddr_t va, u32 access)
{
	uaddr_t start = ALIGN_DOWN(va, LARGE_PAGE_SIZE);

	if (start < a->start || a->end - start < LARGE_PAGE_SIZE || !huge_is_wanted(mm, a))
		return false;
	return (access & FAULT_WRITE) && pagetable_large_fits(&mm->tables, start) &&
	       make(mm, a, start);
}

bool huge_fault_present(struct mm *mm, const struct area *a, uaddr_t va)
{
	uaddr_t start = ALIGN_DOWN(va, LARGE_PAGE_SIZE);
	paddr_t first;
	u32 flags;

	if (!pagetable_lookup_large(&mm->tables, va, &first, &flags))
		return false;
	/* All 512 get the area's permissions, so it must be all theirs. */
	if (start < a->start || a->end - start < LARGE_PAGE_SIZE || !(a->prot & PT_WRITE))
		return false;
	for (u64 at = 0; at < LARGE_PAGE_SIZE; at += PAGE_SIZE)
		if (!page_is_own(PADDR(first.v + at)))
			return false;
	/* More rights need no shootdown: see fault.c. */
	pagetable_protect_large(&mm->tables, start, a->prot);
	return true;
}

u64 huge_total_bytes(void)
{
	return pagetable_large_total() * LARGE_PAGE_SIZE;
}
