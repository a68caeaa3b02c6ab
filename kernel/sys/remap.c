/*
 * mremap(2): the checks that concern the arguments alone, in Linux's order.
 */
#include <linux/mman.h>

#include "arch/layout.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "proc/process.h"
#include "sys/sys.h"

#define FLAGS (MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)

/* Where the caller says where, or that the old place is to stay. */
static int check_target(const struct remap *r)
{
	if (r->new > USER_END - r->new_length || !IS_ALIGNED(r->new, PAGE_SIZE))
		return -EINVAL;
	if (!r->may_move || (r->keep_old && r->old_length != r->new_length))
		return -EINVAL;
	if (r->old + r->old_length > r->new && r->new + r->new_length > r->old)
		return -EINVAL;
	return 0;
}

static int check(const struct remap *r, u64 flags)
{
	if ((flags & ~(u64)FLAGS) || !IS_ALIGNED(r->old, PAGE_SIZE))
		return -EINVAL;
	if (r->new_length == 0 || r->new_length > USER_END)
		return -EINVAL;
	return r->fixed || r->keep_old ? check_target(r) : 0;
}

s64 sys_mremap(uaddr_t old, size_t old_length, size_t new_length, u64 flags, uaddr_t new)
{
	struct mm *mm = current_thread()->mm;
	struct remap r = {
		.old = old,
		.old_length = ALIGN_UP(old_length, PAGE_SIZE),
		.new_length = ALIGN_UP(new_length, PAGE_SIZE),
		.new = flags &(MREMAP_FIXED | MREMAP_DONTUNMAP) ? new : 0,
		.may_move = flags &MREMAP_MAYMOVE,
		.fixed = flags &MREMAP_FIXED,
		.keep_old = flags &MREMAP_DONTUNMAP,
	};
	uaddr_t at;
	int code;

	int err = check(&r, flags);
	if (!err)
		err = mm_remap(mm, &r, &at);
	if (err)
		return err;
	if (r.populate)
		(void)!mm_populate(mm, at, r.new_length, 0, &code);
	return at;
}
