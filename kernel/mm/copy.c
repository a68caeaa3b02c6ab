/*
 * Copies between the kernel and an address space that need not be loaded: through the direct map,
 * page by page, each page faulted in as the program's own access would be. The lock is held from
 * the fault to the end of the page's copy, so the frame can't go away.
 */
#include "arch/upcalls.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm_private.h"
#include "sched/break.h"

/* A tracer's write needs a page that is nobody else's, whatever may be done with it. */
static bool fits(paddr_t pa, u32 flags, u32 access)
{
	if (!(access & FAULT_WRITE))
		return (access & FAULT_FORCED) || (flags & PT_READ);
	return (flags & PT_WRITE) || ((access & FAULT_FORCED) && page_is_own(pa));
}

static bool present(struct mm *mm, uaddr_t va, u32 access, char **out)
{
	paddr_t pa;
	u32 flags;

	if (!pagetable_lookup(&mm->tables, va, &pa, &flags))
		return false;
	*out = (char *)direct_map(pa) + (va & ~PAGE_MASK);
	return fits(pa, flags, access);
}

/* As on Linux, who reads from outside needs PROT_READ itself, although memory that may be written or executed can be read by
 * the program. */
static bool refused(const struct mm *mm, uaddr_t va, u32 access)
{
	const struct area *a = access & (FAULT_WRITE | FAULT_FORCED) ? NULL : area_at(mm, va);

	return a && !(a->prot & PT_READ);
}

/* The kernel's address of the byte at va, with the page present and fit for the access. */
static int reach(struct mm *mm, uaddr_t va, u32 access, char **out)
{
	int code;

	if (refused(mm, va, access))
		return -EFAULT;
	if (present(mm, va, access, out))
		return 0;
	int err = fault_locked(mm, va, access, &code);
	return err || present(mm, va, access, out) ? err : -EFAULT;
}

static int copy_piece(struct mm *mm, uaddr_t va, char *buffer, size_t n, u32 access)
{
	char *page;
	int err;

	do {
		mutex_lock(&mm->lock);
		err = reach(mm, va, access, &page);
		if (!err && (access & FAULT_WRITE))
			memcpy(page, buffer, n);
		else if (!err)
			memcpy(buffer, page, n);
		mutex_unlock(&mm->lock);
	} while (err == -ENOMEM && oom_try_again());
	return err;
}

static int copy(struct mm *mm, uaddr_t va, char *buffer, size_t n, u32 access)
{
	if (va >= USER_END || n > USER_END - va)
		return -EFAULT;
	while (n > 0) {
		size_t piece = MIN(n, PAGE_SIZE - (va & ~PAGE_MASK));
		int err = copy_piece(mm, va, buffer, piece, access);

		if (err)
			return err;
		va += piece;
		buffer += piece;
		n -= piece;
		sched_break();
	}
	return 0;
}

int mm_write(struct mm *mm, uaddr_t to, const void *from, size_t n)
{
	/* With FAULT_WRITE the buffer is only read. */
	return copy(mm, to, (char *)from, n, FAULT_WRITE);
}

int mm_read(struct mm *mm, void *to, uaddr_t from, size_t n)
{
	return copy(mm, from, to, n, 0);
}

int mm_write_forced(struct mm *mm, uaddr_t to, const void *from, size_t n)
{
	return copy(mm, to, (char *)from, n, FAULT_WRITE | FAULT_FORCED);
}

int mm_read_forced(struct mm *mm, void *to, uaddr_t from, size_t n)
{
	return copy(mm, from, to, n, FAULT_FORCED);
}
