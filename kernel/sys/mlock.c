/*
 * mlock(2) and its kin, mincore(2), msync(2): what is said about pages that are in memory anyway.
 */
#include <asm/siginfo.h>
#include <linux/mman.h>

#include "arch/layout.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "proc/process.h"
#include "sched/break.h"
#include "sys/sys.h"

static struct mm *own_mm(void)
{
	return current_thread()->mm;
}

static bool may_lock(void)
{
	struct mm_limits l;

	mm_get_limits(&l);
	return l.locked > 0;
}

/* From the page of start to the page of the last byte. */
static int lock_range(uaddr_t *start, size_t *length)
{
	*length = ALIGN_UP(*length + (*start & ~PAGE_MASK), PAGE_SIZE);
	*start &= PAGE_MASK;
	return *start + *length < *start ? -EINVAL : 0;
}

/* What went wrong with a page, as mlock says it. */
static int populate_error(int err)
{
	return err == -EFAULT || err == -ENXIO || err == -EIO ? -ENOMEM : err ? -EAGAIN : 0;
}

static s64 do_mlock(uaddr_t start, size_t length, u32 flags)
{
	int code;

	if (!may_lock())
		return -EPERM;
	int err = lock_range(&start, &length);
	if (err || length == 0)
		return err;
	err = mm_lock_range(own_mm(), start, length, flags);
	if (err || (flags & AREA_LOCK_ON_FAULT))
		return err;
	return populate_error(mm_populate(own_mm(), start, length, 0, &code));
}

s64 sys_mlock(uaddr_t start, size_t length)
{
	return do_mlock(start, length, AREA_LOCKED);
}

s64 sys_mlock2(uaddr_t start, size_t length, s32 flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(start, length, AREA_LOCKED | (flags ? AREA_LOCK_ON_FAULT : 0));
}

s64 sys_munlock(uaddr_t start, size_t length)
{
	int err = lock_range(&start, &length);

	return err || length == 0 ? err : mm_lock_range(own_mm(), start, length, 0);
}

s64 sys_mlockall(s32 flags)
{
	u32 how = AREA_LOCKED | (flags & MCL_ONFAULT ? AREA_LOCK_ON_FAULT : 0);

	if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!may_lock())
		return -EPERM;
	int err = mm_lock_all(own_mm(), flags & MCL_CURRENT, how, flags & MCL_FUTURE ? how : 0);
	if (!err && (flags & MCL_CURRENT) && !(flags & MCL_ONFAULT))
		mm_populate_all(own_mm());
	return err;
}

s64 sys_munlockall(void)
{
	return mm_lock_all(own_mm(), true, 0, 0);
}

#define MINCORE_BATCH 256UL

s64 sys_mincore(uaddr_t start, size_t length, uaddr_t to)
{
	u64 pages = length / PAGE_SIZE + (length % PAGE_SIZE != 0);
	u8 there[MINCORE_BATCH];

	if (!IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (!user_range_ok(start, length))
		return -ENOMEM;
	if (!user_range_ok(to, pages))
		return -EFAULT;
	for (u64 done = 0; done < pages; done += MINCORE_BATCH) {
		u64 n = MIN(pages - done, MINCORE_BATCH);
		int err = mm_resident(own_mm(), start + done * PAGE_SIZE, n, there);

		if (!err)
			err = copy_to_user(to + done, there, n);
		if (err)
			return err;
		sched_break();
	}
	return 0;
}

s64 sys_msync(uaddr_t start, size_t length, s32 flags)
{
	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || !IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if ((flags & MS_ASYNC) && (flags & MS_SYNC))
		return -EINVAL;
	length = ALIGN_UP(length, PAGE_SIZE);
	if (start + length < start)
		return -ENOMEM;
	return length ? mm_sync_check(own_mm(), start, length, flags & MS_INVALIDATE) : 0;
}
