/*
 * madvise: what it does to areas and pages. Lock: mm->lock, taken here.
 */
#include "lib/errno.h"
#include "mm/mm_private.h"

/* Areas in order, until one refuses. */
static int discard_areas(
	struct mm *mm, uaddr_t start, uaddr_t end, bool anonymous_only, bool locked_too)
{
	int err = 0;
	struct zap z;

	zap_start(&z, mm);
	for (struct area *a = area_at_or_after(mm, start); a && a->start < end; a = area_next(a)) {
		if ((a->flags & AREA_LOCKED) && !locked_too)
			err = -EINVAL;
		if (a->source && anonymous_only)
			err = -EINVAL;
		if (err)
			break;
		zap_range(&z, MAX(start, a->start), MIN(end, a->end));
	}
	zap_finish(&z);
	return err;
}

static int discard(
	struct mm *mm, uaddr_t start, size_t length, bool anonymous_only, bool locked_too)
{
	uaddr_t end = start + ALIGN_UP(length, PAGE_SIZE);

	if (!map_range_ok(start, end - start))
		return -EINVAL;
	mutex_lock(&mm->lock);
	/* What is mapped is discarded even if not all is. */
	int err = discard_areas(mm, start, end, anonymous_only, locked_too);
	if (!err && !area_covers(mm, start, end))
		err = -ENOMEM;
	mutex_unlock(&mm->lock);
	return err;
}

int mm_discard(struct mm *mm, uaddr_t start, size_t length)
{
	return discard(mm, start, length, false, false);
}

int mm_discard_locked(struct mm *mm, uaddr_t start, size_t length)
{
	return discard(mm, start, length, false, true);
}

int mm_discard_anonymous(struct mm *mm, uaddr_t start, size_t length)
{
	return discard(mm, start, length, true, false);
}

/* Only what can be made again from nothing can be left out of a child's copy. */
static bool flags_refused(const struct mm *mm, uaddr_t start, uaddr_t end, u32 set)
{
	const struct area *a = area_at_or_after(mm, start);

	for (; a && a->start < end; a = area_next(a))
		if ((set & AREA_WIPEONFORK) && a->source)
			return true;
	return false;
}

int map_set_flags_locked(struct mm *mm, uaddr_t start, uaddr_t end, u32 set, u32 clear)
{
	struct area_stock stock;

	if (flags_refused(mm, start, end, set))
		return -EINVAL;
	int err = area_stock_fill(&stock, mm, start, end);

	if (err)
		return err;
	/* What is mapped is changed even if not all is. */
	err = area_covers(mm, start, end) ? 0 : -ENOMEM;
	area_split_at(mm, start, &stock);
	area_split_at(mm, end, &stock);
	for (struct area *a = area_at_or_after(mm, start); a && a->start < end; a = area_next(a))
		area_set_flags(mm, a, set, clear);
	area_merge(mm, start, end);
	return err;
}

int mm_set_flags(struct mm *mm, uaddr_t start, size_t length, u32 set, u32 clear)
{
	length = ALIGN_UP(length, PAGE_SIZE);
	if (!map_range_ok(start, length))
		return -EINVAL;
	mutex_lock(&mm->lock);
	int err = map_set_flags_locked(mm, start, start + length, set, clear);
	mutex_unlock(&mm->lock);
	return err;
}
