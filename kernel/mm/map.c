/*
 * mmap, munmap, mprotect: what they do to areas and pages.
 *
 * mmap and munmap first check everything and get the memory they may need, then change things without
 * being able to fail; mprotect goes area by area (area_edit.c). Lock: mm->lock, taken here.
 */
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/commit.h"
#include "mm/mm_private.h"
#include "mm/store.h"
#include "sched/break.h"

bool map_range_ok(uaddr_t start, u64 length)
{
	return IS_ALIGNED(start | length, PAGE_SIZE) && length > 0 && start < USER_END &&
	       length <= USER_END - start;
}

/*
 * What surely can't be kept is refused, as Linux does by default: private writable memory that is
 * many times what there is. (Linux draws the line at memory and swap together; there is no swap
 * here, so it is drawn further out.) The rest is promised; if it is then used and memory runs out,
 * a process is ended.
 */
#define PROMISE_FACTOR 8

bool map_promise_too_large(u32 prot, u32 flags, u64 length)
{
	if (!(prot & PT_WRITE) || (flags & (AREA_SHARED | AREA_NORESERVE | AREA_STACK)) ||
		commit_mode() != COMMIT_GUESS)
		return false;
	return length / PAGE_SIZE > frame_total_count() * PROMISE_FACTOR;
}

bool map_is_free(const struct mm *mm, uaddr_t start, u64 length)
{
	uaddr_t found;

	return area_find_gap(mm, length, start, start + length, &found);
}

static bool overlaps(const struct mm *mm, uaddr_t start, uaddr_t end)
{
	const struct area *a = area_at_or_after(mm, start);

	return a && a->start < end;
}

/* Below mmap_base; if that is full, above it. */
int map_find_place(const struct mm *mm, uaddr_t hint, u64 length, uaddr_t *out)
{
	if (hint >= MAP_LOWEST && map_range_ok(hint, length) && map_is_free(mm, hint, length)) {
		*out = hint;
		return 0;
	}
	if (area_find_gap(mm, length, MAP_LOWEST, mm->mmap_base, out) ||
		area_find_gap(mm, length, MAP_LOWEST, USER_END, out))
		return 0;
	return -ENOMEM;
}

void map_unmap_locked(struct mm *mm, uaddr_t start, uaddr_t end, struct area_stock *stock)
{
	struct zap z;

	area_split_at(mm, start, stock);
	area_split_at(mm, end, stock);
	zap_start(&z, mm);
	struct area *a = area_at_or_after(mm, start);
	if (!a || a->start >= end)
		return;
	while (a && a->start < end) {
		struct area *next = area_next(a);

		zap_range(&z, a->start, a->end);
		area_unlink(mm, a);
		if (a->source)
			a->source->ops->put(a->source);
		area_free(a);
		a = next;
		sched_break();
	}
	zap_tables(&z, start, end);
	zap_finish(&z);
}

static int choose_place(struct mm *mm, uaddr_t *address, u64 length, u32 how)
{
	if (how == MAP_AT_HINT)
		return map_find_place(mm, ALIGN_DOWN(*address, PAGE_SIZE), length, address);
	if (!map_range_ok(*address, length))
		return *address & ~PAGE_MASK ? -EINVAL : -ENOMEM;
	if (*address < MAP_LOWEST)
		return -EPERM;
	if (how == MAP_AT_FIXED_NOREPLACE && overlaps(mm, *address, *address + length))
		return -EEXIST;
	return 0;
}

/* How many bytes of the range are mapped. */
static u64 covered(const struct mm *mm, uaddr_t start, u64 length)
{
	u64 sum = 0;

	for (const struct area *a = area_at_or_after(mm, start); a && a->start < start + length;
		a = area_next(a))
		sum += MIN(a->end, start + length) - MAX(a->start, start);
	return sum;
}

/* new is a filled-in area but for its place. */
static int map_locked(struct mm *mm, uaddr_t *address, u64 length, u32 how, struct area *new)
{
	struct area_stock stock;

	if (mm->area_count > AREAS_MAX)
		return -ENOMEM;
	int err = choose_place(mm, address, length, how);
	new->flags |= mm->new_flags;
	u64 promised = new->flags &AREA_ACCOUNT ? length / PAGE_SIZE : 0;
	if (!err)
		err = map_check_limits(mm, new->prot, new->flags,
			length - (how == MAP_AT_FIXED ? covered(mm, *address, length) : 0));
	if (!err && how == MAP_AT_FIXED)
		err = area_stock_fill(&stock, mm, *address, *address + length);
	if (err)
		return err;
	if (commit_reserve(mm, promised)) {
		if (how == MAP_AT_FIXED)
			area_stock_drop(&stock);
		return -ENOMEM;
	}
	if (how == MAP_AT_FIXED)
		map_unmap_locked(mm, *address, *address + length, &stock);
	new->start = *address;
	new->end = *address + length;
	if (new->source)
		new->source->ops->get(new->source);
	area_link(mm, new);
	commit_release(promised);
	area_merge(mm, new->start, new->end);
	return 0;
}

static int map_source(struct mm *mm, uaddr_t *address, u64 length, u32 prot, u32 area_flags,
	u32 how, struct page_source *source, u64 offset, u64 source_bytes)
{
	struct area *new = area_alloc();
	if (!new)
		return -ENOMEM;
	*new = (struct area){.prot = prot & (PT_READ | PT_WRITE | PT_EXEC),
		.flags = area_flags,
		.source = source,
		.offset = source ? offset : 0,
		.source_bytes = source ? source_bytes : ~0UL};
	/* MAP_NORESERVE is a wish that is not heard where promises are kept. */
	if (commit_mode() == COMMIT_NEVER)
		new->flags &= ~AREA_NORESERVE;
	if ((prot & PT_WRITE) && !(new->flags &(AREA_SHARED | AREA_NORESERVE)))
		new->flags |= AREA_ACCOUNT;
	/* What may be written now may be written again later. */
	if ((prot & PT_WRITE) && (area_flags & AREA_SHARED))
		new->flags |= AREA_MAY_WRITE;
	bool writes = source && (new->flags &AREA_SHARED) && (new->flags &AREA_MAY_WRITE);
	if (writes && !page_source_begin_write(source)) {
		area_free(new);
		return -EPERM;
	}
	mutex_lock(&mm->lock);
	int err = map_locked(mm, address, length, how, new);
	mutex_unlock(&mm->lock);
	/* It counts for itself now, if it is there. */
	if (writes)
		page_source_end_write(source);
	if (err)
		area_free(new);
	return err;
}

/* Shared memory without a file: a store of its own is its source. */
static int map_shared_anonymous(
	struct mm *mm, uaddr_t *address, u64 length, u32 prot, u32 area_flags, u32 how)
{
	struct page_source *source = page_store_create_anonymous(length);

	if (!source)
		return -ENOMEM;
	int err = area_flags & AREA_NORESERVE && commit_mode() != COMMIT_NEVER
			  ? 0
			  : page_store_promise_anonymous(source, length / PAGE_SIZE);
	if (!err)
		err = map_source(mm, address, length, prot, area_flags, how, source, 0, ~0UL);
	source->ops->put(source);
	return err;
}

int mm_map(struct mm *mm, uaddr_t *address, size_t length, u32 prot, u32 area_flags, u32 how,
	struct page_source *source, u64 offset, u64 source_bytes)
{
	length = ALIGN_UP(length, PAGE_SIZE);
	if (length == 0 || !IS_ALIGNED(offset, PAGE_SIZE))
		return -EINVAL;
	if (map_promise_too_large(prot, area_flags, length))
		return -ENOMEM;
	if (!source && (area_flags & AREA_SHARED))
		return map_shared_anonymous(mm, address, length, prot, area_flags, how);
	return map_source(mm, address, length, prot, area_flags, how, source, offset, source_bytes);
}

int mm_unmap(struct mm *mm, uaddr_t start, size_t length)
{
	struct area_stock stock;

	length = ALIGN_UP(length, PAGE_SIZE);
	if (!map_range_ok(start, length))
		return -EINVAL;
	mutex_lock(&mm->lock);
	int err = area_stock_fill(&stock, mm, start, start + length);
	if (!err)
		map_unmap_locked(mm, start, start + length, &stock);
	mutex_unlock(&mm->lock);
	return err;
}

/* Pages that are not only ours stay read-only: the next write makes a copy. */
static u32 page_prot(void *arg, paddr_t pa)
{
	const struct area *a = arg;

	sched_break();
	if ((a->prot & PT_WRITE) && !(a->flags & AREA_SHARED) && !page_is_own(pa))
		return area_prot_unwritten(a);
	return a->prot;
}

static void protect_pages(struct mm *mm, uaddr_t start, uaddr_t end)
{
	if (pagetable_protect_range(&mm->tables, start, end, page_prot, area_at(mm, start)))
		tlb_flush_range(&mm->tlb, start, end);
}

/* Why an area can't get these permissions: 0 if it can. */
static int protect_refused(const struct mm *mm, const struct area *a, u32 prot, u64 length)
{
	if ((a->prot & PT_WRITE) || !(prot & PT_WRITE))
		return 0;
	if (a->source && (a->flags & AREA_SHARED) && !(a->flags & AREA_MAY_WRITE))
		return -EACCES;
	if (map_promise_too_large(prot, a->flags, length))
		return -ENOMEM;
	return map_check_data_limit(mm, a->flags, length);
}

/* What was promised and never touched is not any more when it can't be written: as on Linux, so that it can be joined with what
 * was never promised. */
static bool gives_promise_back(const struct mm *mm, const struct area *a, u32 prot)
{
	return (a->flags & AREA_ACCOUNT) && !(prot & PT_WRITE) && !a->source &&
	       pagetable_next(&mm->tables, a->start, a->end) == a->end;
}

static int protect_area(struct mm *mm, struct area *a, uaddr_t start, uaddr_t end, const void *arg)
{
	u32 prot = *(const u32 *)arg;

	if (a->prot == prot)
		return 0;
	int err = protect_refused(mm, a, prot, end - start);
	u32 flags = a->flags;
	u64 promised = 0;
	if ((prot & PT_WRITE) && !((a->prot & PT_WRITE) ||
					 (flags & (AREA_ACCOUNT | AREA_SHARED | AREA_NORESERVE)))) {
		promised = (end - start) / PAGE_SIZE;
		flags |= AREA_ACCOUNT;
	} else if (gives_promise_back(mm, a, prot)) {
		flags &= ~AREA_ACCOUNT;
	}
	if (!err)
		err = commit_reserve(mm, promised);
	if (err)
		return err;
	err = area_change(mm, a, start, end, prot, flags);
	commit_release(promised);
	if (!err)
		protect_pages(mm, start, end);
	return err;
}

int mm_protect(struct mm *mm, uaddr_t start, size_t length, u32 prot)
{
	length = ALIGN_UP(length, PAGE_SIZE);
	prot &= PT_READ | PT_WRITE | PT_EXEC;
	if (!map_range_ok(start, length))
		return -EINVAL;
	mutex_lock(&mm->lock);
	int err = area_for_each(mm, start, start + length, false, protect_area, &prot);
	mutex_unlock(&mm->lock);
	return err;
}
