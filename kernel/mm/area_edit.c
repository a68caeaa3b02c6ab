/*
 * Cutting areas in two and joining neighbours.
 *
 * What takes a range out first makes its borders borders of areas and then works on whole areas. The one thing that can fail,
 * memory for the second half of a cut area, is had in advance (struct area_stock).
 *
 * What changes a range goes area by area, as Linux does: each is cut, changed, and joined with neighbours that are alike then
 * (area_change()), so an error in the middle leaves what was done before.
 *
 * How many areas there may be is counted as Linux counts: taking out of the middle of an area needs room for one more, taking
 * its end needs none, though it is cut for a moment. A change needs room for each cut, but none if it only moves the border to
 * a neighbour that is alike then.
 *
 * Lock: mm->lock.
 */
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/mm_private.h"
#include "sched/break.h"

static bool is_inside(const struct mm *mm, uaddr_t va)
{
	const struct area *a = area_at(mm, va);

	return a && a->start < va;
}

int area_stock_fill(struct area_stock *stock, const struct mm *mm, uaddr_t start, uaddr_t end)
{
	const struct area *a = area_at(mm, start);
	u32 need = (is_inside(mm, start) ? 1 : 0) + (is_inside(mm, end) ? 1 : 0);

	*stock = (struct area_stock){0};
	if (mm->area_count >= AREAS_MAX && a && a->start < start && end < a->end)
		return -ENOMEM;
	for (u32 i = 0; i < need; i++) {
		stock->spare[i] = area_alloc();
		if (stock->spare[i])
			continue;
		area_free(stock->spare[0]);
		return -ENOMEM;
	}
	return 0;
}

void area_stock_drop(struct area_stock *stock)
{
	for (u32 i = 0; i < ARRAY_SIZE(stock->spare); i++)
		area_free(stock->spare[i]);
}

static struct area *stock_take(struct area_stock *stock)
{
	u32 i = stock->spare[0] ? 0 : 1;
	struct area *a = stock->spare[i];

	CHECK(a);
	stock->spare[i] = NULL;
	return a;
}

/* Makes a copy of an area a copy of a part of it. */
static void trim(struct area *a, uaddr_t start, uaddr_t end)
{
	u64 before = start - a->start;

	a->offset += a->source ? before : 0;
	if (a->source_bytes != ~0UL) {
		u64 filled = a->source_bytes > before ? a->source_bytes - before : 0;

		a->source_bytes = MIN(filled, end - start);
	}
	a->start = start;
	a->end = end;
}

void area_split_at(struct mm *mm, uaddr_t va, struct area_stock *stock)
{
	struct area *a = area_at(mm, va);

	if (!a || a->start == va)
		return;
	struct area *upper = stock_take(stock);

	area_copy(upper, a);
	trim(upper, va, a->end);
	if (a->source_bytes != ~0UL)
		a->source_bytes = MIN(a->source_bytes, va - a->start);
	area_set_end(mm, a, va);
	area_link(mm, upper);
}

static bool sources_continue(const struct area *a, const struct area *b)
{
	if (a->source != b->source)
		return false;
	if (!a->source)
		return true;
	u64 length = a->end - a->start;
	/* The lower one is filled to its end, or the upper one not at all; both without limit or
	 * both with. */
	if ((a->source_bytes == ~0UL) != (b->source_bytes == ~0UL))
		return false;
	bool filled = a->source_bytes == ~0UL || a->source_bytes == length || b->source_bytes == 0;
	return filled && a->offset + length == b->offset;
}

static bool can_join(const struct area *a, const struct area *b)
{
	return a->end == b->start && a->prot == b->prot && a->flags == b->flags &&
	       sources_continue(a, b);
}

/* The upper one goes into the lower one. */
static void join(struct mm *mm, struct area *a, struct area *b)
{
	uaddr_t end = b->end;

	if (a->source && a->source_bytes != ~0UL)
		a->source_bytes += b->source_bytes;
	area_unlink(mm, b);
	if (b->source)
		b->source->ops->put(b->source);
	area_free(b);
	area_set_end(mm, a, end);
	/* It has pages that it did not have. */
	if (a->mm) {
		reverse_detach(a);
		reverse_attach(mm, a);
	}
}

void area_merge(struct mm *mm, uaddr_t start, uaddr_t end)
{
	struct area *a = area_at_or_after(mm, start > 0 ? start - 1 : 0);

	while (a && a->end <= end) {
		struct area *next = area_next(a);

		if (next && can_join(a, next))
			join(mm, a, next);
		else
			a = next;
	}
}

/* One cut of a change. */
static int cut(struct mm *mm, uaddr_t va, bool counts)
{
	struct area_stock stock = {0};

	if (!is_inside(mm, va))
		return 0;
	if (counts && mm->area_count >= AREAS_MAX)
		return -ENOMEM;
	stock.spare[0] = area_alloc();
	if (!stock.spare[0])
		return -ENOMEM;
	area_split_at(mm, va, &stock);
	return 0;
}

static bool joins_neighbour(const struct area *a, const struct area *piece)
{
	const struct area *before = area_prev(a), *after = area_next(a);

	return (before && can_join(before, piece)) || (after && can_join(piece, after));
}

int area_change(struct mm *mm, struct area *a, uaddr_t start, uaddr_t end, u32 prot, u32 flags)
{
	struct area piece = *a;

	if (a->prot == prot && a->flags == flags)
		return 0;
	trim(&piece, start, end);
	piece.prot = prot;
	piece.flags = flags;
	bool counts = !joins_neighbour(a, &piece);
	int err = cut(mm, start, counts);
	if (!err)
		err = cut(mm, end, counts);
	/* Without memory nothing has happened; where there would be too many, Linux leaves what it has cut. */
	if (err && mm->area_count < AREAS_MAX)
		area_merge(mm, start, start);
	if (err)
		return err;
	a = area_at(mm, start);
	area_set_flags(mm, a, flags & ~a->flags, a->flags & ~flags);
	area_set_prot(mm, a, prot);
	area_merge(mm, start, end);
	return 0;
}

int area_for_each(
	struct mm *mm, uaddr_t start, uaddr_t end, bool skip_holes, area_fn fn, const void *arg)
{
	int hole = 0;

	while (start < end) {
		struct area *a = area_at_or_after(mm, start);
		uaddr_t from = a ? MAX(a->start, start) : end;

		if (from > start)
			hole = -ENOMEM;
		if (from >= end || (hole && !skip_holes))
			break;
		start = MIN(a->end, end);
		int err = fn(mm, a, from, start, arg);
		if (err)
			return err;
		sched_break();
	}
	return hole;
}
