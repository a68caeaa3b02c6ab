/*
 * Cutting areas in two and joining neighbours.
 *
 * A change of a range first makes its borders borders of areas, then works on whole areas, then
 * joins what has become alike. The one thing that can fail, memory for the second half of a cut
 * area, is had in advance (struct area_stock).
 *
 * Lock: mm->lock.
 */
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/mm_private.h"

static bool is_inside(const struct mm *mm, uaddr_t va)
{
	const struct area *a = area_at(mm, va);

	return a && a->start < va;
}

int area_stock_fill(struct area_stock *stock, const struct mm *mm, uaddr_t start, uaddr_t end)
{
	u32 need = (is_inside(mm, start) ? 1 : 0) + (is_inside(mm, end) ? 1 : 0);

	*stock = (struct area_stock){0};
	if (mm->area_count + need > AREAS_MAX)
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

/* What the source fills of an area of the given length. */
static u64 first_bytes(u64 source_bytes, u64 length)
{
	return source_bytes == ~0UL ? ~0UL : MIN(source_bytes, length);
}

void area_split_at(struct mm *mm, uaddr_t va, struct area_stock *stock)
{
	struct area *a = area_at(mm, va);

	if (!a || a->start == va)
		return;
	struct area *upper = stock_take(stock);
	u64 length = va - a->start;

	area_copy(upper, a);
	upper->start = va;
	upper->offset += a->source ? length : 0;
	if (a->source_bytes != ~0UL)
		upper->source_bytes = a->source_bytes > length ? a->source_bytes - length : 0;
	a->source_bytes = first_bytes(a->source_bytes, length);
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
