/*
 * mlock and its kin. There is nothing to page out to, so a page that is there stays: locking means
 * to count, to respect the limit, and (the caller does it) to give the pages at once.
 *
 * Lock: mm->lock, taken here.
 */
#include "lib/errno.h"
#include "mm/mm_private.h"

#define LOCK_FLAGS (AREA_LOCKED | AREA_LOCK_ON_FAULT)

static u64 locked_in(const struct mm *mm, uaddr_t start, uaddr_t end)
{
	const struct area *a = area_at_or_after(mm, start);
	u64 pages = 0;

	for (; a && a->start < end; a = area_next(a))
		if (a->flags & AREA_LOCKED)
			pages += (MIN(a->end, end) - MAX(a->start, start)) / PAGE_SIZE;
	return pages;
}

static bool too_much(const struct mm *mm, uaddr_t start, uaddr_t end)
{
	u64 pages = mm->locked_pages + (end - start) / PAGE_SIZE;
	struct mm_limits l;

	mm_get_limits(&l);
	if (pages <= l.locked / PAGE_SIZE)
		return false;
	return pages - locked_in(mm, start, end) > l.locked / PAGE_SIZE;
}

static int lock_area(struct mm *mm, struct area *a, uaddr_t start, uaddr_t end, const void *arg)
{
	u32 flags = *(const u32 *)arg;

	return map_set_flags_of(mm, a, start, end, flags, LOCK_FLAGS & ~flags);
}

int mm_lock_range(struct mm *mm, uaddr_t start, size_t length, u32 flags)
{
	uaddr_t end = start + length;
	int err;

	if (!map_range_ok(start, length))
		return -ENOMEM;
	mutex_lock(&mm->lock);
	if ((flags & AREA_LOCKED) && too_much(mm, start, end))
		err = -ENOMEM;
	else
		err = area_for_each(mm, start, end, false, lock_area, &flags);
	mutex_unlock(&mm->lock);
	return err;
}

int mm_lock_all(struct mm *mm, bool now, u32 now_flags, u32 later_flags)
{
	struct mm_limits l;
	int err = 0;

	mm_get_limits(&l);
	mutex_lock(&mm->lock);
	if (now && (now_flags & AREA_LOCKED) && mm->mapped_pages > l.locked / PAGE_SIZE)
		err = -ENOMEM;
	else
		mm->new_flags = later_flags;
	for (struct area *a = area_at_or_after(mm, 0); !err && now && a; a = area_next(a))
		area_set_flags(mm, a, now_flags, LOCK_FLAGS & ~now_flags);
	if (!err && now)
		area_merge(mm, 0, USER_END);
	mutex_unlock(&mm->lock);
	return err;
}

int mm_sync_check(struct mm *mm, uaddr_t start, size_t length, bool invalidate)
{
	int err = 0;

	mutex_lock(&mm->lock);
	const struct area *a = area_at_or_after(mm, start);
	for (; !err && a && a->start < start + length; a = area_next(a))
		if (invalidate && (a->flags & AREA_LOCKED))
			err = -EBUSY;
	if (!err && !area_covers(mm, start, start + length))
		err = -ENOMEM;
	mutex_unlock(&mm->lock);
	return err;
}
