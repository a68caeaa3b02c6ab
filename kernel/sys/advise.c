/* madvise: pages that are not wanted any more or soon will be; the rest is only checked. */
#include <asm/siginfo.h>
#include <linux/mman.h>

#include "arch/layout.h"
#include "arch/upcalls.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "proc/process.h"
#include "sys/sys.h"

static struct mm *own_mm(void)
{
	return current_thread()->mm;
}

/* Advice that changes nothing here: how to read ahead, what to dump, whether to merge. */
static bool advice_is_hint(s32 advice)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_WILLNEED:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_DONTDUMP:
		return true;
	default:
		return false;
	}
}

static bool advice_is_done(s32 advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_DODUMP:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_REMOVE:
		return true;
	default:
		return false;
	}
}

/* 0 if areas cover all of it, else -ENOMEM. */
static int check_mapped(struct mm *mm, uaddr_t start, uaddr_t end)
{
	mutex_lock(&mm->lock);
	for (const struct area *a = area_at_or_after(mm, start);
		a && a->start <= start && start < end; a = area_next(a))
		start = a->end;
	mutex_unlock(&mm->lock);
	return start >= end ? 0 : -ENOMEM;
}

/* MADV_POPULATE_*: unlike MAP_POPULATE it says what went wrong. */
static int advise_populate(struct mm *mm, uaddr_t start, size_t length, u32 access)
{
	int code = 0;
	/* The kernel's own page is never asked for; what is not mapped is found on the way. */
	int err = mm_check_advice(mm, start, length, false);
	if (err == -EINVAL)
		return err;
	err = mm_populate(mm, start, length, access, &code);

	if (err == -EFAULT)
		return code == SEGV_MAPERR ? -ENOMEM : -EINVAL;
	return err == -ENXIO || err == -EIO ? -EFAULT : err;
}

/* What is not mapped is ENOMEM; memory that the kernel itself needs for it, and that may be there later, EAGAIN. */
static int advise_flags(uaddr_t start, size_t length, u32 set, u32 clear)
{
	struct mm *mm = own_mm();
	int err = mm_set_flags(mm, start, length, set, clear);

	return err == -ENOMEM && !check_mapped(mm, start, start + length) ? -EAGAIN : err;
}

static int advise(uaddr_t start, size_t length, s32 advice)
{
	struct mm *mm = own_mm();

	switch (advice) {
	case MADV_DONTNEED:
		return mm_discard(mm, start, length);
	case MADV_DONTNEED_LOCKED:
		return mm_discard_locked(mm, start, length);
	/* It lets pages be taken at any time from now on: now is such a time. */
	case MADV_FREE:
		return mm_discard_anonymous(mm, start, length);
	case MADV_DONTFORK:
		return advise_flags(start, length, AREA_DONTFORK, 0);
	case MADV_DOFORK:
		return advise_flags(start, length, 0, AREA_DONTFORK);
	case MADV_WIPEONFORK:
		return advise_flags(start, length, AREA_WIPEONFORK, 0);
	case MADV_KEEPONFORK:
		return advise_flags(start, length, 0, AREA_WIPEONFORK);
	case MADV_HUGEPAGE:
		return advise_flags(start, length, AREA_HUGE, AREA_NO_HUGE);
	case MADV_NOHUGEPAGE:
		return advise_flags(start, length, AREA_NO_HUGE, AREA_HUGE);
	case MADV_POPULATE_READ:
		return advise_populate(mm, start, length, FAULT_USER);
	case MADV_POPULATE_WRITE:
		return advise_populate(mm, start, length, FAULT_USER | FAULT_WRITE);
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_DODUMP:
		return mm_check_advice(mm, start, length, false);
	case MADV_COLD:
	case MADV_PAGEOUT:
		return mm_check_advice(mm, start, length, true);
	case MADV_REMOVE:
		return mm_punch(mm, start, length);
	default:
		return check_mapped(mm, start, start + length);
	}
}

s64 sys_madvise(uaddr_t start, size_t length, s32 advice)
{
	if (!(advice_is_hint(advice) || advice_is_done(advice)) || !IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	size_t aligned = ALIGN_UP(length, PAGE_SIZE);
	if ((length && !aligned) || start + aligned < start)
		return -EINVAL;
	if (aligned == 0)
		return 0;
	if (start >= USER_END || aligned > USER_END - start)
		return -ENOMEM;
	return advise(start, aligned, advice);
}
