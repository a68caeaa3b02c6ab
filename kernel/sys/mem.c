/*
 * Memory: mmap and its kin.
 *
 * What can be said about the arguments alone is checked here, in Linux's order, because programs
 * test for the exact error; areas and pages are mm/'s. What is promised is not summed up: a mapping
 * costs nothing until it is touched, and when memory then runs out a process is ended (proc/oom.c).
 */
#include <asm/fcntl.h>
#include <asm/siginfo.h>
#include <linux/mman.h>

#include "arch/ucopy.h"
#include "arch/upcalls.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/sys.h"

/* Programs can't be given the lowest pages unless they name them: a hint there is moved up. */
#define MMAP_MIN_ADDRESS (64 * KIB)

/* Flags that MAP_SHARED_VALIDATE knows. */
#define MAP_VALID                                                                                \
	(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE | MAP_EXECUTABLE | \
		MAP_UNINITIALIZED | MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE |  \
		MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | MAP_32BIT | MAP_HUGE_2MB | MAP_HUGE_1GB)

static struct mm *own_mm(void)
{
	return current_thread()->mm;
}

static u32 map_prot(u64 prot)
{
	return (prot & PROT_READ ? PT_READ : 0) | (prot & PROT_WRITE ? PT_WRITE : 0) |
	       (prot & PROT_EXEC ? PT_EXEC : 0);
}

static u64 own_limit(u32 resource)
{
	struct process *p = current_process();

	spin_lock(&p->lock);
	u64 limit = p->limits[resource].rlim_cur;
	spin_unlock(&p->lock);
	return limit;
}

/* What mmap was asked for. */
struct mapping {
	uaddr_t address;
	size_t length;
	u64 prot, flags, offset;
	u32 area_flags;
	struct page_source *source;
};

static int mapping_check_range(struct mapping *m)
{
	if (m->length == 0)
		return -EINVAL;
	m->length = ALIGN_UP(m->length, PAGE_SIZE);
	if (m->length == 0)
		return -ENOMEM;
	if (m->length > USER_END)
		return -ENOMEM;
	if (!(m->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
		m->address = ALIGN_DOWN(m->address, PAGE_SIZE);
		if (m->address != 0 && m->address < MMAP_MIN_ADDRESS)
			m->address = MMAP_MIN_ADDRESS;
		return 0;
	}
	if (m->address > USER_END - m->length)
		return -ENOMEM;
	return IS_ALIGNED(m->address, PAGE_SIZE) ? 0 : -EINVAL;
}

static int mapping_check_anonymous(struct mapping *m)
{
	u64 type = m->flags & MAP_TYPE;

	if (type != MAP_SHARED && type != MAP_PRIVATE)
		return -EINVAL;
	if (type == MAP_SHARED && (m->flags & MAP_GROWSDOWN))
		return -EINVAL;
	if (type == MAP_SHARED)
		m->area_flags |= AREA_SHARED | AREA_MAY_WRITE;
	if (m->flags & MAP_GROWSDOWN)
		m->area_flags |= AREA_STACK;
	m->offset = 0;
	return 0;
}

static int mapping_check_file(struct mapping *m, struct file *f)
{
	u64 type = m->flags & MAP_TYPE;

	/* No file is larger than a signed offset can say. */
	if (m->length > INT64_MAX || m->offset > INT64_MAX - m->length)
		return -EOVERFLOW;
	if (type != MAP_SHARED && type != MAP_SHARED_VALIDATE && type != MAP_PRIVATE)
		return -EINVAL;
	if (type == MAP_SHARED_VALIDATE && (m->flags & ~(MAP_VALID | MAP_SHARED_VALIDATE)))
		return -EOPNOTSUPP;
	if (type != MAP_PRIVATE && (m->prot & PROT_WRITE) && !file_writable(f))
		return -EACCES;
	if (!file_readable(f))
		return -EACCES;
	if (!f->ops->page_source && !f->ops->maps_zeros)
		return -ENODEV;
	if (m->flags & MAP_GROWSDOWN)
		return -EINVAL;
	bool may_write = file_writable(f);
	if (type != MAP_PRIVATE && fs_file_write_sealed(f)) {
		if (m->prot & PROT_WRITE)
			return -EPERM;
		may_write = false;
	}
	if (type != MAP_PRIVATE)
		m->area_flags |= AREA_SHARED | (may_write ? AREA_MAY_WRITE : 0);
	if (f->ops->page_source)
		return f->ops->page_source(f, &m->source);
	/* Without a source, this is memory without a file. */
	m->offset = 0;
	return 0;
}

/* Failures are not the caller's: the pages come when they are touched, or the signal does. */
static void populate(uaddr_t start, size_t length, u64 prot)
{
	int code;

	if (prot & (PROT_READ | PROT_WRITE | PROT_EXEC))
		(void)!mm_populate(own_mm(), start, length, 0, &code);
}

static int mapping_check_lock(struct mapping *m)
{
	struct mm_limits l;

	if (!(m->flags & MAP_LOCKED))
		return 0;
	mm_get_limits(&l);
	m->area_flags |= AREA_LOCKED;
	return l.locked ? 0 : -EPERM;
}

/* mlockall() may have said that all is to be locked. */
static bool wants_pages(const struct mapping *m)
{
	u32 flags = m->area_flags | READ_ONCE(own_mm()->new_flags);

	if ((m->flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE)
		return true;
	return (flags & (AREA_LOCKED | AREA_LOCK_ON_FAULT)) == AREA_LOCKED;
}

static s64 mapping_make(struct mapping *m)
{
	u32 how = m->flags & MAP_FIXED_NOREPLACE ? MAP_AT_FIXED_NOREPLACE
		  : m->flags & MAP_FIXED	 ? MAP_AT_FIXED
						 : MAP_AT_HINT;

	int err = mapping_check_lock(m);
	if (err)
		return err;
	if (m->flags & MAP_NORESERVE)
		m->area_flags |= AREA_NORESERVE;
	err = mm_map(own_mm(), &m->address, m->length, map_prot(m->prot), m->area_flags, how,
		m->source, m->offset, ~0UL);
	if (err)
		return err;
	if (wants_pages(m))
		populate(m->address, m->length, m->prot);
	return m->address;
}

static s64 mmap_file(struct mapping *m, u32 fd)
{
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	s64 result = m->flags & MAP_HUGETLB ? -EINVAL : 0;
	if (!result)
		result = mapping_check_range(m);
	if (!result)
		result = mapping_check_file(m, f);
	if (!result)
		result = mapping_make(m);
	if (m->source)
		m->source->ops->put(m->source);
	file_put(f);
	return result;
}

s64 sys_mmap(uaddr_t address, size_t length, u64 prot, u64 flags, s32 fd, u64 offset)
{
	struct mapping m = {
		.address = address,
		.length = length,
		.prot = prot,
		.flags = flags,
		.offset = offset,
	};

	if (!IS_ALIGNED(offset, PAGE_SIZE))
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS))
		return mmap_file(&m, fd);
	/* There are no reserved large pages. */
	if (flags & MAP_HUGETLB)
		return -ENOMEM;
	int err = mapping_check_range(&m);
	if (!err)
		err = mapping_check_anonymous(&m);
	return err ? err : mapping_make(&m);
}

s64 sys_munmap(uaddr_t start, size_t length)
{
	if (!IS_ALIGNED(start, PAGE_SIZE) || length == 0)
		return -EINVAL;
	if (start > USER_END || length > USER_END - start)
		return -EINVAL;
	return mm_unmap(own_mm(), start, ALIGN_UP(length, PAGE_SIZE));
}

s64 sys_mprotect(uaddr_t start, size_t length, u64 prot)
{
	u64 grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);

	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	prot &= ~grows;
	if (!IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (length == 0)
		return 0;
	length = ALIGN_UP(length, PAGE_SIZE);
	if (start + length <= start)
		return -ENOMEM;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	if (start >= USER_END || length > USER_END - start)
		return -ENOMEM;
	return mm_protect(own_mm(), start, length, map_prot(prot));
}

s64 sys_brk(uaddr_t brk)
{
	struct mm *mm = own_mm();
	uaddr_t old = READ_ONCE(mm->brk), now;

	/* brk_start does not change after exec. */
	if (brk > mm->brk_start && brk - mm->brk_start > own_limit(RLIMIT_DATA))
		return old;
	now = mm_set_brk(mm, brk);
	u32 lock = READ_ONCE(mm->new_flags) & (AREA_LOCKED | AREA_LOCK_ON_FAULT);
	if (now > old && lock == AREA_LOCKED)
		populate(ALIGN_UP(old, PAGE_SIZE), now - old, PROT_READ | PROT_WRITE);
	return now;
}
