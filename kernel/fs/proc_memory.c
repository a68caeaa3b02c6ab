/*
 * /proc/PID/mem: a process's memory as a file, for debuggers. Whatever the protection says, as for
 * ptrace(2).
 *
 * Who may is looked at when the file is opened, and once more at each access: the process may have
 * become somebody else's by execve(2). Bytes go by way of a page of the kernel's, so no lock is held
 * while the caller's memory is touched.
 */
#include <linux/fs.h>

#include "arch/page.h"
#include "fs/opened.h"
#include "fs/proc.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "proc/ptrace.h"

/* One piece, inside a page: bytes, or -errno. */
static ssize_t move_piece(struct mm *mm, struct iobuf *b, char *page, u64 at, bool write)
{
	size_t n = MIN(b->left, PAGE_SIZE - (at & ~PAGE_MASK));
	ssize_t taken;
	int err;

	if (!write) {
		err = mm_read_forced(mm, page, at, n);
		return err ? -EIO : iobuf_put(b, page, n);
	}
	taken = iobuf_take(b, page, n);
	if (taken <= 0)
		return taken;
	err = mm_write_forced(mm, at, page, (size_t)taken);
	return err ? -EIO : taken;
}

static ssize_t move(struct mm *mm, struct iobuf *b, u64 *pos, bool write)
{
	char *page = kmalloc(PAGE_SIZE);
	ssize_t moved = page ? 0 : -ENOMEM, total = 0;

	while (page && b->left > 0 && moved >= 0) {
		moved = move_piece(mm, b, page, *pos, write);
		if (moved <= 0)
			break;
		*pos += (u64)moved;
		total += moved;
	}
	kfree(page);
	return total ? total : moved;
}

static ssize_t access(struct file *f, struct iobuf *b, u64 *pos, bool write)
{
	struct process *p = f->private;
	/* As of a process that has ended: there is nothing. */
	struct mm *mm = ptrace_may_access(p, false) ? NULL : process_get_mm(p);

	if (!mm)
		return 0;
	ssize_t moved = move(mm, b, pos, write);
	mm_put_user(mm);
	return moved;
}

static ssize_t memory_read(struct file *f, struct iobuf *to, u64 *pos)
{
	return access(f, to, pos, false);
}

static ssize_t memory_write(struct file *f, struct iobuf *from, u64 *pos)
{
	return access(f, from, pos, true);
}

/* Every offset is an address. */
static s64 memory_seek(struct file *f, s64 offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += (s64)f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	f->pos = (u64)offset;
	return offset;
}

static void memory_release(struct file *f)
{
	process_put(f->private);
}

static const struct file_ops memory_ops = {
	.read = memory_read,
	.write = memory_write,
	.seek = memory_seek,
	.stat = fs_file_stat,
	.release = memory_release,
};

int proc_open_memory(struct process *p, u32 flags, struct file **out)
{
	if (ptrace_may_access(p, false))
		return -EACCES;
	*out = file_create(&memory_ops, flags, p);
	if (!*out)
		return -ENOMEM;
	process_get(p);
	return 0;
}
