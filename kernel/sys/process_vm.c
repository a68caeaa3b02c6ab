/*
 * process_vm_readv(2) and process_vm_writev(2): between the caller's memory and another process's.
 *
 * Bytes go by way of one page of the kernel's, piece by piece, each inside one page of the other
 * side: no lock is held while the caller's own memory is touched. The other side's ranges are not
 * checked in advance; they fail when they are reached, and what was moved before counts.
 */
#include <linux/uio.h>

#include "arch/page.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "proc/ptrace.h"
#include "sys/args.h"
#include "sys/sys.h"

struct transfer {
	struct mm *mm;
	struct iobuf local;
	char *page;
	bool write;
};

/* The other side's ranges: lengths are checked, places are not. */
static int remote_get(uaddr_t array, u64 count, struct iobuf_segment **out)
{
	u64 bytes = count * sizeof(**out);

	*out = NULL;
	if (count > UIO_MAXIOV)
		return -EINVAL;
	if (count == 0)
		return 0;
	struct iobuf_segment *s = kmalloc(bytes);
	if (!s)
		return -ENOMEM;
	int err = copy_from_user(s, array, bytes);
	for (u64 i = 0; i < count && !err; i++)
		if ((s64)s[i].length < 0)
			err = -EINVAL;
	if (err)
		kfree(s);
	else
		*out = s;
	return err;
}

/* n bytes inside one page of the other side: how many, or -errno. */
static ssize_t move_piece(struct transfer *t, uaddr_t remote, size_t n)
{
	ssize_t moved;
	int err;

	if (t->write) {
		moved = iobuf_take(&t->local, t->page, n);
		err = moved > 0 ? mm_write(t->mm, remote, t->page, (size_t)moved) : 0;
		return err ? err : moved;
	}
	err = mm_read(t->mm, t->page, remote, n);
	return err ? err : iobuf_put(&t->local, t->page, n);
}

static int move_range(struct transfer *t, const struct iobuf_segment *s, size_t *total)
{
	size_t done = 0;

	while (done < s->length && t->local.left) {
		uaddr_t at = s->base + done;
		size_t n = MIN(s->length - done, PAGE_SIZE - (at & ~PAGE_MASK));
		size_t piece = MIN(n, t->local.left);
		ssize_t moved = move_piece(t, at, piece);

		if (moved < 0)
			return (int)moved;
		done += (size_t)moved;
		*total += (size_t)moved;
		if ((size_t)moved < piece)
			return -EFAULT;
	}
	return 0;
}

static int find_mm(s32 pid, struct mm **out)
{
	struct thread *t = pid > 0 ? process_find_thread((u32)pid) : NULL;

	if (!t)
		return -ESRCH;
	struct process *p = t->process;
	int err = ptrace_may_access(p, true);
	*out = err ? NULL : process_get_mm(p);
	thread_put(t);
	return err ? err : *out ? 0 : -ESRCH;
}

static s64 move_all(s32 pid, const struct vector_arg *local, const struct iobuf_segment *s,
	u64 count, bool write)
{
	struct transfer t = {.write = write};
	size_t total = 0;
	int err = find_mm(pid, &t.mm);

	if (err)
		return err;
	t.page = kmalloc(PAGE_SIZE);
	if (!t.page)
		err = -ENOMEM;
	iobuf_init_segments(&t.local, local->segments, local->count);
	for (u64 i = 0; i < count && !err; i++)
		err = move_range(&t, &s[i], &total);
	kfree(t.page);
	mm_put_user(t.mm);
	return total ? (s64)total : err;
}

static u64 bytes_in(const struct iobuf_segment *s, u64 count)
{
	u64 sum = 0;

	for (u64 i = 0; i < count; i++)
		sum |= s[i].length;
	return sum;
}

static s64 process_vm(s32 pid, uaddr_t local, u64 local_count, uaddr_t remote, u64 remote_count,
	u64 flags, bool write)
{
	struct iobuf_segment *s = NULL;
	struct vector_arg v;

	if (flags)
		return -EINVAL;
	s64 result = vector_get(local, local_count, &v);
	if (result)
		return result;
	if (!bytes_in(v.segments, v.count))
		goto out;
	result = remote_get(remote, remote_count, &s);
	if (!result && bytes_in(s, remote_count))
		result = move_all(pid, &v, s, remote_count, write);
out:
	kfree(s);
	vector_put(&v);
	return result;
}

s64 sys_process_vm_readv(
	s32 pid, uaddr_t local, u64 local_count, uaddr_t remote, u64 remote_count, u64 flags)
{
	return process_vm(pid, local, local_count, remote, remote_count, flags, false);
}

s64 sys_process_vm_writev(
	s32 pid, uaddr_t local, u64 local_count, uaddr_t remote, u64 remote_count, u64 flags)
{
	return process_vm(pid, local, local_count, remote, remote_count, flags, true);
}
