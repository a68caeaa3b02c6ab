/*
 * What has been promised: private memory that may be written (AREA_ACCOUNT), and shared memory without a
 * file, whether touched or not. vm.overcommit_memory says what is refused:
 *
 *   0  one wish that can't be kept, whatever is given back (map_promise_too_large())
 *   1  nothing
 *   2  what makes the sum larger than the limit: overcommit_ratio per cent of memory, or
 *      overcommit_kbytes; less a bit for who may administrate, and for the largest program
 *
 * The sum counts in every mode, so the mode can be changed at any time. Areas count themselves when they
 * are linked, cut, moved and unlinked (area.c). Who wants more first reserves it here, so that two who ask
 * at the same time can't both have the last of it, and gives the reservation back when the area counts
 * (or there is none).
 *
 * The sum and the settings are single words, without a lock.
 */
#include "mm/commit.h"

#include "lib/atomic.h"
#include "lib/errno.h"
#include "mm/mm_private.h"

/* Linux's admin_reserve_kbytes and user_reserve_kbytes at most. */
#define ADMIN_RESERVE (8 * MIB / PAGE_SIZE)
#define USER_RESERVE (128 * MIB / PAGE_SIZE)
/* 3 % of memory. */
#define RESERVE_PART 32

static atomic64_t sum;
static u32 mode;
static u64 ratio = 50, kbytes;

void commit_add(u64 pages)
{
	atomic64_fetch_add(&sum, pages);
}

u64 commit_pages(void)
{
	u64 now = atomic64_load(&sum);

	/* Parts of it are added and taken by several CPUs. */
	return (s64)now > 0 ? now : 0;
}

u64 commit_limit(void)
{
	u64 fixed = READ_ONCE(kbytes);

	return fixed ? fixed * KIB / PAGE_SIZE : frame_total_count() * READ_ONCE(ratio) / 100;
}

/* How much of it the running process may use. */
static u64 limit_for(const struct mm *mm)
{
	struct mm_limits l;
	u64 limit = commit_limit(), part = frame_total_count() / RESERVE_PART, kept = 0;

	mm_get_limits(&l);
	if (!l.administrates)
		kept += MIN(part, ADMIN_RESERVE);
	if (mm)
		kept += MIN(READ_ONCE(mm->mapped_pages) / RESERVE_PART, MIN(part, USER_RESERVE));
	return limit > kept ? limit - kept : 0;
}

int commit_reserve(const struct mm *mm, u64 pages)
{
	if (!pages)
		return 0;
	commit_add(pages);
	if (READ_ONCE(mode) != COMMIT_NEVER || commit_pages() < limit_for(mm))
		return 0;
	commit_release(pages);
	return -ENOMEM;
}

void commit_release(u64 pages)
{
	commit_add(-pages);
}

u32 commit_mode(void)
{
	return READ_ONCE(mode);
}

void commit_set_mode(enum commit_mode new_mode)
{
	WRITE_ONCE(mode, new_mode);
}

u64 commit_ratio(void)
{
	return READ_ONCE(ratio);
}

u64 commit_kbytes(void)
{
	return READ_ONCE(kbytes);
}

/* Each puts the other out of force. */
void commit_set_ratio(u64 percent)
{
	WRITE_ONCE(kbytes, 0);
	WRITE_ONCE(ratio, percent);
}

void commit_set_kbytes(u64 n)
{
	WRITE_ONCE(ratio, 0);
	WRITE_ONCE(kbytes, n);
}
