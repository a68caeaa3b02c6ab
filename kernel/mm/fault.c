/*
 * Page faults: what a program touches for the first time, or writes to for the first time.
 *
 *   no page yet        anonymous, read     the zero frame, read-only
 *                      anonymous, write    a new zeroed frame
 *                      source              its frame, read-only or (shared area) as the area says;
 *                                          with a read its neighbours', too (fault_around.c)
 *                      source, private write; or a page that the source fills only in part
 *                                          a new frame with a copy
 *   write, read-only   shared              becomes writable
 *                      the zero frame      a new zeroed frame
 *                      only ours           becomes writable
 *                      otherwise           a new frame with a copy, in place of the old one
 *   anything else      another thread was faster, or a stale translation: nothing to do
 *
 * Whether a frame is only ours is what its reference count says: a mapping holds one, the source
 * (or, after a fork, the other process) another.
 *
 * All under mm->lock, so threads that fault on one page at the same time come one after the other,
 * and the second finds the work done.
 */
#include <asm/siginfo.h>

#include "arch/upcalls.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/mm_private.h"

/* Read by every program that reads memory it never wrote. Its mappings hold no references. */
RO_AFTER_INIT paddr_t zero_frame;

INIT_TEXT void fault_init(void)
{
	struct page *page = frame_alloc(0, FRAME_ZERO);

	CHECK(page);
	zero_frame = page_address_physical(page);
}

bool page_is_own(paddr_t pa)
{
	const struct page *page = page_of(pa);

	/* Relaxed: with mm->lock held nobody can raise a count of 1, and one that falls to 1
	 * meanwhile only costs a copy. */
	return pa.v != zero_frame.v && page->state != PAGE_RESERVED &&
	       atomic32_load_relaxed(&page->refs.count) == 1;
}

static bool access_allowed(const struct area *a, u32 access)
{
	if (UNLIKELY(access & FAULT_FORCED))
		return !(access & FAULT_WRITE) || (a->prot & PT_WRITE) || !(a->flags & AREA_SHARED);
	if (access & FAULT_WRITE)
		return a->prot & PT_WRITE;
	if (access & FAULT_EXEC)
		return a->prot & PT_EXEC;
	/* x86 has no page that can be written or executed but not read. */
	return a->prot & (PT_READ | PT_WRITE | PT_EXEC);
}

/* A frame where nothing was. Takes over the reference to it. -EEXIST: another thread was faster. */
static int install(struct mm *mm, uaddr_t va, struct page *page, u32 prot)
{
	int err = pagetable_map_new(&mm->tables, va, page_address_physical(page), prot);

	if (UNLIKELY(err))
		frame_put(page);
	else
		mm_count_page(mm, page, 1);
	return err;
}

/* A frame in place of another. Takes over the reference to it. */
static int replace(struct mm *mm, uaddr_t va, struct page *page, u32 prot)
{
	paddr_t old;
	int err = pagetable_map(&mm->tables, va, page_address_physical(page), prot, &old);

	/* There is a table: it can't be made, nor fail to be. */
	CHECK(!err && old.v);
	/* Other threads may be reading the old frame through their translations. */
	tlb_flush_range(&mm->tlb, va, va + PAGE_SIZE);
	mm_count_page(mm, page, 1);
	if (old.v == zero_frame.v)
		return 0;
	mm_count_page(mm, page_of(old), -1UL);
	frame_put(page_of(old));
	return 0;
}

/* A new frame with n bytes of from and zeros behind, for a program. */
static struct page *new_frame(paddr_t from, u64 n)
{
	bool zero = n == 0 || from.v == zero_frame.v;
	struct page *page = frame_alloc(0, FRAME_USER | (zero ? FRAME_ZERO : 0));

	if (!page || zero)
		return page;
	if (n == PAGE_SIZE) {
		copy_page(page_address(page), direct_map(from));
	} else {
		memcpy(page_address(page), direct_map(from), n);
		memset((char *)page_address(page) + n, 0, PAGE_SIZE - n);
	}
	return page;
}

/* May begin a huge page. Only there it is looked whether another thread has made one meanwhile: a single
 * page would cut it. */
static NOINLINE bool fault_huge(
	struct mm *mm, const struct area *a, uaddr_t va, u32 access, int *err)
{
	paddr_t pa;
	u32 flags;

	*err = 0;
	if (huge_fault_absent(mm, a, va, access))
		return true;
	*err = -EEXIST;
	return pagetable_lookup_large(&mm->tables, va, &pa, &flags);
}

static int fault_anonymous(struct mm *mm, const struct area *a, uaddr_t va, u32 access)
{
	int err;

	if (UNLIKELY(a->end - a->start >= LARGE_PAGE_SIZE) && fault_huge(mm, a, va, access, &err))
		return err;
	if (!(access & FAULT_WRITE))
		return pagetable_map_new(&mm->tables, va, zero_frame, area_prot_unwritten(a));
	struct page *page = frame_alloc(0, FRAME_USER | FRAME_ZERO);
	return page ? install(mm, va, page, a->prot | PT_DIRTY) : -ENOMEM;
}

/* How many bytes of the page at va its source fills. */
u64 fault_source_fill(const struct area *a, uaddr_t va)
{
	u64 offset = va - a->start;

	if (!a->source)
		return 0;
	if (a->source_bytes == ~0UL)
		return PAGE_SIZE;
	return offset < a->source_bytes ? MIN(a->source_bytes - offset, PAGE_SIZE) : 0;
}

/* The rarer ways are kept out of line, so that the common one saves few registers. */
static NOINLINE int fault_source(
	struct mm *mm, const struct area *a, uaddr_t va, u32 access, u64 fill)
{
	u64 index = (a->offset + (va - a->start)) >> PAGE_SHIFT;
	bool shared = a->flags & AREA_SHARED;
	struct page *page;

	if (!(access & (FAULT_WRITE | FAULT_FORCED)) && fill == PAGE_SIZE &&
		fault_around(mm, a, va))
		return 0;
	int err = a->source->ops->get_page(a->source, index, &page);
	if (err)
		return err;
	if (shared)
		return install(mm, va, page, a->prot);
	if (!(access & FAULT_WRITE) && fill == PAGE_SIZE)
		return install(mm, va, page, area_prot_unwritten(a));
	struct page *copy = new_frame(page_address_physical(page), fill);
	frame_put(page);
	return copy ? install(mm, va, copy, a->prot | PT_DIRTY) : -ENOMEM;
}

static int fault_absent(struct mm *mm, const struct area *a, uaddr_t va, u32 access)
{
	u64 fill = fault_source_fill(a, va);

	return fill ? fault_source(mm, a, va, access, fill) : fault_anonymous(mm, a, va, access);
}

static NOINLINE int fault_present(
	struct mm *mm, const struct area *a, uaddr_t va, u32 access, paddr_t pa, u32 flags)
{
	if (!(access & FAULT_WRITE) || (flags & PT_WRITE))
		return 0;
	if (huge_fault_present(mm, a, va))
		return 0;
	if (!(a->flags & AREA_SHARED) && !page_is_own(pa)) {
		struct page *copy = new_frame(pa, PAGE_SIZE);
		return copy ? replace(mm, va, copy, a->prot | PT_DIRTY) : -ENOMEM;
	}
	/* More rights need no shootdown: a CPU with the old translation faults and comes here. */
	pagetable_protect(&mm->tables, va, a->prot);
	return 0;
}

/* access says whether the CPU found a page; if another thread has changed that since, the other way
 * is the right one. */
static int fault_allowed(struct mm *mm, const struct area *a, uaddr_t va, u32 access)
{
	paddr_t pa;
	u32 flags;

	if (!(access & FAULT_PRESENT)) {
		int err = fault_absent(mm, a, va, access);
		if (LIKELY(err != -EEXIST))
			return err;
	}
	if (!pagetable_lookup(&mm->tables, va, &pa, &flags))
		return fault_absent(mm, a, va, access);
	return fault_present(mm, a, va, access, pa, flags);
}

/* A stack that ends above va and may reach down to it. */
static NOINLINE struct area *grow_stack(struct mm *mm, uaddr_t va)
{
	struct area *a = area_at_or_after(mm, va);

	if (!a || !(a->flags & AREA_STACK) || a->end - va > mm->stack_limit || va < MAP_LOWEST)
		return NULL;
	struct area *below = area_prev(a);
	if (below && below->prot && va < below->end + STACK_GUARD_GAP)
		return NULL;
	if (map_check_limits(mm, a->prot, a->flags, a->start - va))
		return NULL;
	u64 promised = a->flags & AREA_ACCOUNT ? (a->start - va) / PAGE_SIZE : 0;
	if (commit_reserve(mm, promised))
		return NULL;
	area_set_start(mm, a, va);
	commit_release(promised);
	return a;
}

int fault_locked(struct mm *mm, uaddr_t va, u32 access, int *code)
{
	struct area *a = NULL;

	va &= PAGE_MASK;
	if (LIKELY(va < USER_END)) {
		a = area_at(mm, va);
		if (UNLIKELY(!a))
			a = grow_stack(mm, va);
	}
	if (UNLIKELY(!a || !access_allowed(a, access))) {
		*code = a ? SEGV_ACCERR : SEGV_MAPERR;
		return -EFAULT;
	}
	*code = BUS_ADRERR;
	return fault_allowed(mm, a, va, access);
}

int mm_fault(struct mm *mm, uaddr_t address, u32 access, int *code)
{
	int err;

	do {
		mutex_lock(&mm->lock);
		err = fault_locked(mm, address, access, code);
		mutex_unlock(&mm->lock);
	} while (err == -ENOMEM && oom_try_again());
	return err;
}
