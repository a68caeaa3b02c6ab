/*
 * Resource limits of address spaces: how much may be mapped, how much of that may be written, how
 * much may be locked. Who may do what is known above; here is what it means for a mapping.
 */
#include "lib/errno.h"
#include "mm/mm_private.h"

/* Set once, at start-up; NULL: no limits. */
RO_AFTER_INIT static void (*limits_op)(struct mm_limits *out);

INIT_TEXT void mm_set_limits_op(void (*get)(struct mm_limits *out))
{
	limits_op = get;
}

void mm_get_limits(struct mm_limits *out)
{
	*out = (struct mm_limits){
		.address_space = UINT64_MAX, .data = UINT64_MAX, .locked = UINT64_MAX};
	if (limits_op)
		limits_op(out);
}

/* Whether so many pages and bytes together are more than a limit. */
static bool exceeds(u64 pages, u64 more, u64 limit)
{
	return pages + more / PAGE_SIZE > limit / PAGE_SIZE;
}

int map_check_data_limit(const struct mm *mm, u32 flags, u64 more)
{
	struct mm_limits l;

	if (flags & (AREA_SHARED | AREA_STACK))
		return 0;
	mm_get_limits(&l);
	return exceeds(mm->data_pages, more, l.data) ? -ENOMEM : 0;
}

int map_check_limits(const struct mm *mm, u32 prot, u32 flags, u64 more)
{
	struct mm_limits l;

	mm_get_limits(&l);
	if ((flags & AREA_LOCKED) && exceeds(mm->locked_pages, more, l.locked))
		return -EAGAIN;
	if (exceeds(mm->mapped_pages, more, l.address_space))
		return -ENOMEM;
	if (!(prot & PT_WRITE) || (flags & (AREA_SHARED | AREA_STACK)))
		return 0;
	return exceeds(mm->data_pages, more, l.data) ? -ENOMEM : 0;
}
