/*
 * madvise: what it does to areas and pages. Lock: mm->lock, taken here.
 */
#include "lib/errno.h"
#include "mm/mm_private.h"

static bool is_kernels(const struct area *a)
{
	return a->source && a->source->ops->is_kernels;
}

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
		if ((a->source && anonymous_only) || is_kernels(a))
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

int map_set_flags_of(struct mm *mm, struct area *a, uaddr_t start, uaddr_t end, u32 set, u32 clear)
{
	return area_change(mm, a, start, end, a->prot, (a->flags & ~clear) | set);
}

struct new_flags {
	u32 set, clear;
};

static int advise_area(struct mm *mm, struct area *a, uaddr_t start, uaddr_t end, const void *arg)
{
	const struct new_flags *f = arg;

	/* What nothing would be changed of is not looked at. */
	if (is_kernels(a))
		return f->clear == AREA_WIPEONFORK ? 0 : -EINVAL;
	/* Only what can be made again from nothing can be left out of a child's copy. */
	if ((f->set & AREA_WIPEONFORK) && a->source)
		return -EINVAL;
	/* madvise(2) means a hole by -ENOMEM. */
	return map_set_flags_of(mm, a, start, end, f->set, f->clear) ? -EAGAIN : 0;
}

int mm_set_flags(struct mm *mm, uaddr_t start, size_t length, u32 set, u32 clear)
{
	struct new_flags flags = {set, clear};

	length = ALIGN_UP(length, PAGE_SIZE);
	if (!map_range_ok(start, length))
		return -EINVAL;
	mutex_lock(&mm->lock);
	int err = area_for_each(mm, start, start + length, true, advise_area, &flags);
	mutex_unlock(&mm->lock);
	return err;
}

static int check_advice(
	struct mm *mm, struct area *a, uaddr_t start, uaddr_t end, const void *unlocked)
{
	return is_kernels(a) || ((a->flags & AREA_LOCKED) && *(const bool *)unlocked) ? -EINVAL : 0;
}

int mm_check_advice(struct mm *mm, uaddr_t start, size_t length, bool unlocked)
{
	mutex_lock(&mm->lock);
	int err = area_for_each(mm, start, start + length, true, check_advice, &unlocked);
	mutex_unlock(&mm->lock);
	return err;
}

/* -- MADV_REMOVE -- */

/* What a part of one area shows. */
struct shown {
	struct page_source *source;
	u64 start, end;
};

static int check_punch(const struct area *a)
{
	if ((a->flags & AREA_LOCKED) || !a->source || !a->source->ops->punch)
		return -EINVAL;
	return (a->flags & AREA_SHARED) && (a->flags & AREA_MAY_WRITE) ? 0 : -EACCES;
}

/* The first area of [*start, end), which is advanced behind it: what it shows, with a reference to the source. *hole: something
 * before it is not mapped. -ENOMEM: there is none. */
static int next_shown(struct mm *mm, uaddr_t *start, uaddr_t end, struct shown *out, bool *hole)
{
	mutex_lock(&mm->lock);
	const struct area *a = area_at_or_after(mm, *start);
	int err = a && a->start < end ? check_punch(a) : -ENOMEM;

	*hole |= a && a->start > *start;
	if (!err) {
		uaddr_t from = MAX(*start, a->start), to = MIN(end, a->end);

		*out = (struct shown){.source = a->source,
			.start = a->offset + (from - a->start),
			.end = a->offset + (to - a->start)};
		out->source->ops->get(out->source);
		*start = to;
	}
	mutex_unlock(&mm->lock);
	return err;
}

/* Holes are made without mm->lock, which comes after the sources' own: an area that goes meanwhile, or changes, was still there
 * when it was asked for. */
int mm_punch(struct mm *mm, uaddr_t start, size_t length)
{
	uaddr_t end = start + ALIGN_UP(length, PAGE_SIZE);
	bool hole = false;

	while (start < end) {
		struct shown s;
		int err = next_shown(mm, &start, end, &s, &hole);

		if (err)
			return err;
		err = s.source->ops->punch(s.source, s.start, s.end);
		s.source->ops->put(s.source);
		if (err)
			return err;
	}
	return hole ? -ENOMEM : 0;
}
