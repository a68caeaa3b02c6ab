/*
 * mremap: an area's pages at another place, or with another length.
 *
 * A range is first cut out of its areas, then a new area is made from each piece at the new place,
 * the pages are moved, and the old piece goes (or stays, empty: MREMAP_DONTUNMAP). Memory for all of
 * that, tables included, is had before anything is changed for good: if it can't be had, the pieces
 * are joined again.
 *
 * Lock: mm->lock.
 */
#include "lib/errno.h"
#include "mm/commit.h"
#include "mm/mm_private.h"

/* Linux wants room for what moving may cut, and for more if the caller says where to. */
#define AREAS_SPARE 3
#define AREAS_SPARE_FIXED 5

static int unmap_range(struct mm *mm, uaddr_t start, uaddr_t end)
{
	struct area_stock stock;

	if (start >= end || !map_range_ok(start, end - start))
		return -EINVAL;
	int err = area_stock_fill(&stock, mm, start, end);

	if (!err)
		map_unmap_locked(mm, start, end, &stock);
	return err;
}

/* Why the area at old can't have the new length there or elsewhere. */
static int check_resize(struct mm *mm, const struct area *a, const struct remap *r)
{
	if (!a)
		return -EFAULT;
	if (r->old_length == 0 && !(a->flags & AREA_SHARED))
		return -EINVAL;
	if (r->old_length > a->end - r->old)
		return -EFAULT;
	if (r->new_length == r->old_length)
		return 0;
	if (a->offset + (r->old - a->start) + r->new_length < r->new_length)
		return -EINVAL;
	u64 more = r->new_length > r->old_length ? r->new_length - r->old_length : 0;
	return map_check_limits(mm, a->prot, a->flags, more);
}

/* Moves the pages of one piece, an area of its own, under a new area at the new place. */
static int move_pages(struct mm *mm, struct area *piece, struct area *new)
{
	bool moved;
	int err = pagetable_move_range(&mm->tables, piece->start, piece->end, new->start, &moved);

	if (moved)
		tlb_flush_range(&mm->tlb, piece->start, piece->end);
	return err;
}

/* What the old place is after its pages have gone. */
static void leave_piece(struct mm *mm, struct area *piece, const struct remap *r)
{
	uaddr_t start = piece->start, end = piece->end;
	struct zap z;

	if (r->keep_old) {
		area_set_flags(mm, piece, 0, AREA_LOCKED);
		return;
	}
	area_unlink(mm, piece);
	if (piece->source)
		piece->source->ops->put(piece->source);
	area_free(piece);
	zap_start(&z, mm);
	zap_tables(&z, start, end);
	zap_finish(&z);
}

/* Tables that were made for a move that then failed. */
static void drop_tables(struct mm *mm, uaddr_t start, uaddr_t end)
{
	struct zap z;

	zap_start(&z, mm);
	zap_tables(&z, start, end);
	zap_finish(&z);
}

/* Nothing is at the new place. */
static int move_to(struct mm *mm, const struct remap *r, uaddr_t to)
{
	uaddr_t old_end = r->old + r->old_length;
	struct area_stock stock;

	if (mm->area_count >= AREAS_MAX - AREAS_SPARE)
		return -ENOMEM;
	int err = area_stock_fill(&stock, mm, r->old, old_end);
	if (err)
		return err;
	struct area *new = area_alloc();
	if (!new) {
		area_stock_drop(&stock);
		return -ENOMEM;
	}
	area_split_at(mm, r->old, &stock);
	if (r->old_length)
		area_split_at(mm, old_end, &stock);
	area_stock_drop(&stock);
	struct area *piece = area_at(mm, r->old);
	area_copy(new, piece);
	new->start = to;
	new->end = to + r->new_length;
	err = r->old_length ? move_pages(mm, piece, new) : 0;
	if (err) {
		drop_tables(mm, to, to + r->new_length);
		if (new->source)
			new->source->ops->put(new->source);
		area_free(new);
		area_merge(mm, r->old, old_end);
		return err;
	}
	area_link(mm, new);
	if (r->old_length)
		leave_piece(mm, piece, r);
	area_merge(mm, r->old, MAX(old_end, r->old + PAGE_SIZE));
	area_merge(mm, to, to + r->new_length);
	return 0;
}

static bool can_grow(const struct mm *mm, const struct area *a, u64 more)
{
	return map_range_ok(a->end, more) && map_is_free(mm, a->end, more);
}

/* Without a new address: in place if that is possible. */
static int resize(struct mm *mm, const struct remap *r, uaddr_t *out)
{
	struct area *a = area_at(mm, r->old);

	*out = r->old;
	if (!a)
		return -EFAULT;
	if (r->old_length >= r->new_length && r->old_length) {
		if (r->old_length == r->new_length)
			return 0;
		return unmap_range(mm, r->old + r->new_length, r->old + r->old_length);
	}
	int err = check_resize(mm, a, r);
	if (err)
		return err;
	u64 more = r->new_length - r->old_length;
	if (r->old + r->old_length == a->end && can_grow(mm, a, more)) {
		area_set_end(mm, a, a->end + more);
		area_merge(mm, a->start, a->end);
		return 0;
	}
	if (!r->may_move)
		return -ENOMEM;
	*out = 0;
	err = map_find_place(mm, 0, r->new_length, out);
	return err ? err : move_to(mm, r, *out);
}

/* To the caller's address, or (only to leave the old place mapped) to any. */
static int move(struct mm *mm, struct remap *r, uaddr_t *out)
{
	int err = 0;

	if (mm->area_count >= AREAS_MAX - AREAS_SPARE_FIXED)
		return -ENOMEM;
	if (r->fixed)
		err = unmap_range(mm, r->new, r->new + r->new_length);
	if (!err && r->old_length > r->new_length) {
		err = unmap_range(mm, r->old + r->new_length, r->old + r->old_length);
		r->old_length = r->new_length;
	}
	if (!err)
		err = check_resize(mm, area_at(mm, r->old), r);
	*out = r->new;
	if (!err && !r->fixed)
		err = map_find_place(mm, r->new, r->new_length, out);
	return err ? err : move_to(mm, r, *out);
}

/* Pages that will be promised in addition. */
static u64 promised_more(const struct mm *mm, const struct remap *r)
{
	const struct area *a = area_at(mm, r->old);

	if (!a || !(a->flags & AREA_ACCOUNT) || r->new_length <= r->old_length)
		return 0;
	return (r->new_length - r->old_length) / PAGE_SIZE;
}

static int remap_locked(struct mm *mm, struct remap *r, uaddr_t *out)
{
	u64 promised = promised_more(mm, r);
	int err = commit_reserve(mm, promised);

	if (err)
		return err;
	err = r->fixed || r->keep_old ? move(mm, r, out) : resize(mm, r, out);
	commit_release(promised);
	return err;
}

int mm_remap(struct mm *mm, struct remap *r, uaddr_t *out)
{
	mutex_lock(&mm->lock);
	int err = remap_locked(mm, r, out);
	const struct area *a = err ? NULL : area_at(mm, *out);
	r->populate = a && (a->flags & AREA_LOCKED) && r->new_length > r->old_length;
	mutex_unlock(&mm->lock);
	return err;
}
