/*
 * shmdt: all that is left of one mapping of a source, found by where it began.
 *
 * It may have been cut, and parts of it moved or unmapped: what lies where it would be and comes
 * from the same place of the same source belongs to it. Lock: mm->lock, taken here.
 */
#include "lib/errno.h"
#include "mm/mm_private.h"

static bool belongs(const struct area *a, uaddr_t start)
{
	return a->start - start == a->offset;
}

/* The first part of a mapping that began at start. */
static struct area *find_first(
	struct mm *mm, uaddr_t start, bool (*is_kind)(const struct page_source *s))
{
	struct area *a = area_at_or_after(mm, start);

	while (a && !(a->source && belongs(a, start) && is_kind(a->source)))
		a = area_next(a);
	return a;
}

int mm_unmap_whole(struct mm *mm, uaddr_t start, bool (*is_kind)(const struct page_source *s))
{
	struct area_stock none = {0};

	mutex_lock(&mm->lock);
	struct area *a = find_first(mm, start, is_kind);
	const struct page_source *source = a ? a->source : NULL;
	int err = a ? 0 : -EINVAL;
	while (a) {
		struct area *next = area_next(a);

		/* Whole areas: nothing is cut. The source may go with the last. */
		if (a->source == source && belongs(a, start))
			map_unmap_locked(mm, a->start, a->end, &none);
		a = next;
	}
	mutex_unlock(&mm->lock);
	return err;
}
