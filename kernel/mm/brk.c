/*
 * The break: an area of private zeros behind the program, which grows and shrinks at its end. Lock:
 * mm->lock, taken here.
 */
#include "lib/errno.h"
#include "mm/commit.h"
#include "mm/mm_private.h"

static int brk_grow(struct mm *mm, uaddr_t from, uaddr_t to)
{
	if (!map_range_ok(from, to - from) || !map_is_free(mm, from, to - from))
		return -ENOMEM;
	if (map_promise_too_large(PT_WRITE, 0, to - mm->brk_start) || mm->area_count > AREAS_MAX)
		return -ENOMEM;
	if (map_check_limits(mm, PT_READ | PT_WRITE, mm->new_flags, to - from))
		return -ENOMEM;
	u64 promised = (to - from) / PAGE_SIZE;
	int err = commit_reserve(mm, promised);
	if (err)
		return err;
	struct area *new = area_alloc();
	if (new) {
		*new = (struct area){.start = from,
			.end = to,
			.prot = PT_READ | PT_WRITE,
			.flags = AREA_BRK | AREA_ACCOUNT | mm->new_flags,
			.source_bytes = ~0UL};
		area_link(mm, new);
	}
	commit_release(promised);
	if (!new)
		return -ENOMEM;
	area_merge(mm, from, to);
	return 0;
}

static int brk_shrink(struct mm *mm, uaddr_t from, uaddr_t to)
{
	struct area_stock stock;
	int err = area_stock_fill(&stock, mm, to, from);

	if (!err)
		map_unmap_locked(mm, to, from, &stock);
	return err;
}

static int set_brk_locked(struct mm *mm, uaddr_t brk)
{
	uaddr_t old_end = ALIGN_UP(mm->brk, PAGE_SIZE), new_end = ALIGN_UP(brk, PAGE_SIZE);
	int err = 0;

	if (brk < mm->brk_start || brk > USER_END)
		return -ENOMEM;
	if (new_end < old_end)
		err = brk_shrink(mm, old_end, new_end);
	else if (new_end > old_end)
		err = brk_grow(mm, old_end, new_end);
	if (!err)
		mm->brk = brk;
	return err;
}

uaddr_t mm_set_brk(struct mm *mm, uaddr_t brk)
{
	mutex_lock(&mm->lock);
	/* A break that can't be moved stays: the caller compares. */
	(void)!set_brk_locked(mm, brk);
	uaddr_t now = mm->brk;
	mutex_unlock(&mm->lock);
	return now;
}
