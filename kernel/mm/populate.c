/*
 * Giving pages before they are touched: MAP_POPULATE, mlock, MADV_POPULATE_*; and telling which are
 * there.
 *
 * Each page is a fault of its own, with the lock taken and dropped, so that other threads get on;
 * what they change meanwhile is found when its turn comes.
 */
#include <asm/siginfo.h>

#include "arch/upcalls.h"
#include "lib/errno.h"
#include "mm/mm_private.h"
#include "sched/break.h"

/* As the program's first access would be: private writable pages get their copies now. */
static u32 first_access(struct mm *mm, uaddr_t va)
{
	u32 access = FAULT_USER;

	mutex_lock(&mm->lock);
	const struct area *a = area_at(mm, va);
	if (a && (a->prot & PT_WRITE) && !(a->flags & AREA_SHARED))
		access |= FAULT_WRITE;
	mutex_unlock(&mm->lock);
	return access;
}

int mm_populate(struct mm *mm, uaddr_t start, size_t length, u32 access, int *code)
{
	for (uaddr_t va = start; va < start + length; va += PAGE_SIZE) {
		int err = mm_fault(mm, va, access ? access : first_access(mm, va), code);

		if (err)
			return err;
		sched_break();
	}
	return 0;
}

static bool source_has(const struct area *a, uaddr_t va)
{
	u64 index = (a->offset + (va - a->start)) >> PAGE_SHIFT;

	if (!a->source)
		return false;
	return !a->source->ops->resident || a->source->ops->resident(a->source, index);
}

int mm_resident(struct mm *mm, uaddr_t start, u64 pages, u8 *out)
{
	paddr_t pa;
	u32 flags;
	int err = 0;

	mutex_lock(&mm->lock);
	const struct area *a = area_at(mm, start);
	for (u64 i = 0; i < pages && !err; i++) {
		uaddr_t va = start + i * PAGE_SIZE;

		if (a && va >= a->end)
			a = area_at(mm, va);
		if (!a)
			err = -ENOMEM;
		else
			out[i] =
				pagetable_lookup(&mm->tables, va, &pa, &flags) || source_has(a, va);
	}
	mutex_unlock(&mm->lock);
	return err;
}

/* The next area at or after va: where it begins and ends. */
static bool next_area(struct mm *mm, uaddr_t va, uaddr_t *start, uaddr_t *end)
{
	mutex_lock(&mm->lock);
	const struct area *a = area_at_or_after(mm, va);
	*start = a ? MAX(a->start, va) : 0;
	*end = a ? a->end : 0;
	mutex_unlock(&mm->lock);
	return a;
}

void mm_populate_all(struct mm *mm)
{
	uaddr_t start, end = 0;
	int code;

	while (next_area(mm, end, &start, &end))
		(void)!mm_populate(mm, start, end - start, 0, &code);
}
