/*
 * Regular files: reading, writing, seeking and resizing them. The bytes are fs/content.c's.
 *
 * inode->lock is held by whoever writes, from the look at the end of the file (O_APPEND) to the new
 * size, so writes don't mix; also across user copies, which may fault on a page of the same file:
 * a fault takes no lock of an inode. Reads take no lock.
 */
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/falloc.h>
#include <linux/fs.h>

#include "arch/ucopy.h"
#include "fs/names.h"
#include "fs/opened.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "proc/signal.h"

/* No file is larger: positions are signed. */
#define SIZE_MAX_FILE ((u64)INT64_MAX)

static void touch_atime(const struct file *f)
{
	struct inode *i = opened_inode(f);

	/* As with relatime, Linux's default: once, and then only after a change. */
	if (READ_ONCE(i->atime) <= READ_ONCE(i->mtime) && !i->readonly &&
		!(atomic32_load_relaxed(&f->flags) & O_NOATIME))
		WRITE_ONCE(i->atime, tree_now());
}

static ssize_t regular_read(struct file *f, struct iobuf *to, u64 *pos)
{
	if (to->left == 0)
		return 0;
	touch_atime(f);
	return content_read(opened_inode(f), to, pos);
}

/* RLIMIT_FSIZE; kernel threads have none. */
static u64 size_limit(void)
{
	struct thread *t = current_thread();

	if (!t->process)
		return SIZE_MAX_FILE;
	return MIN(READ_ONCE(t->process->limits[RLIMIT_FSIZE].rlim_cur), SIZE_MAX_FILE);
}

static int over_limit(u64 limit)
{
	if (limit < SIZE_MAX_FILE && signal_send(current_process(), current_thread()->tid, SIGXFSZ))
		return -EFBIG;
	return -EFBIG;
}

/* A write takes away the bits that lend the file's owner. */
static void drop_privileges(struct inode *i)
{
	struct thread *t = current_thread();
	u32 mode = i->mode;

	if (!(mode & (S_ISUID | S_ISGID)) || !t->process || capable(CAP_FSETID))
		return;
	mode &= ~(u32)S_ISUID;
	if (mode & 010)
		mode &= ~(u32)S_ISGID;
	WRITE_ONCE(i->mode, mode);
}

static ssize_t write_locked(struct file *f, struct iobuf *from, u64 *pos)
{
	struct inode *i = opened_inode(f);
	u64 limit = size_limit();

	if (from->append || (atomic32_load_relaxed(&f->flags) & O_APPEND))
		*pos = content_size(i);
	if (*pos >= limit)
		return over_limit(limit);
	size_t left = MIN(from->left, limit - *pos);
	int err = seals_check_write(i, *pos, &left);
	if (err)
		return err;
	from->left = left;
	drop_privileges(i);
	ssize_t done = content_write(i, from, pos);
	if (done > 0)
		names_touch(i);
	return done;
}

static ssize_t regular_write(struct file *f, struct iobuf *from, u64 *pos)
{
	struct inode *i = opened_inode(f);

	if (from->left == 0)
		return 0;
	mutex_lock(&i->lock);
	ssize_t done = write_locked(f, from, pos);
	mutex_unlock(&i->lock);
	return done;
}

static s64 seek_data_or_hole(struct file *f, s64 offset, int whence)
{
	struct inode *i = opened_inode(f);
	u64 size = content_size(i);

	if (offset < 0 || (u64)offset >= size)
		return -ENXIO;
	mutex_lock(&i->lock);
	u64 found = content_seek(i, (u64)offset, whence == SEEK_DATA);
	mutex_unlock(&i->lock);
	if (whence == SEEK_DATA && found >= size)
		return -ENXIO;
	return opened_set_pos(f, (s64)found);
}

static s64 regular_seek(struct file *f, s64 offset, int whence)
{
	s64 base = 0;

	ASSERT(mutex_held(&f->pos_lock));
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = (s64)f->pos;
		break;
	case SEEK_END:
		base = (s64)content_size(opened_inode(f));
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		return seek_data_or_hole(f, offset, whence);
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &offset))
		return -EINVAL;
	return opened_set_pos(f, offset);
}

static int regular_ioctl(struct file *f, u32 command, u64 argument)
{
	if (command != FIONREAD)
		return -ENOTTY;
	/* Without the lock, as Linux does it: another thread may move the position at any time anyway. */
	u64 left = content_size(opened_inode(f)) - READ_ONCE(f->pos);
	return put_user_u32(argument, (u32)left);
}

static int regular_page_source(struct file *f, struct page_source **out)
{
	return content_source(f->place, out);
}

/* Memory is where the file is kept: it is there. */
static int regular_sync(struct file *f)
{
	return 0;
}

int inode_truncate(struct inode *i, u64 size)
{
	u64 limit = size_limit();

	if (size > content_size(i) && size > limit)
		return over_limit(limit);
	mutex_lock(&i->lock);
	int err = seals_check_size(i, size);
	if (!err) {
		content_set_size(i, size);
		drop_privileges(i);
		names_touch(i);
	}
	mutex_unlock(&i->lock);
	return err;
}

static int regular_truncate(struct file *f, u64 size)
{
	return inode_truncate(opened_inode(f), size);
}

/* What fallocate(2) does to the pages, under inode->lock. */
static int allocate_locked(struct inode *i, u32 mode, u64 start, u64 end)
{
	bool keep = mode & FALLOC_FL_KEEP_SIZE;
	int err;

	if (mode & FALLOC_FL_PUNCH_HOLE)
		return seals_forbid_write(i) ? -EPERM : content_punch(i, start, end);
	/* Also of a file that is to keep its size. */
	u64 limit = size_limit();
	if (end > content_size(i) && end > limit)
		return over_limit(limit);
	err = end > content_size(i) ? seals_check_size(i, end) : 0;
	if (err)
		return err;
	err = content_allocate(i, start, end);
	if (!err && !keep && end > content_size(i))
		content_set_size(i, end);
	return err;
}

int inode_punch(struct inode *i, u64 start, u64 end)
{
	mutex_lock(&i->lock);
	int err = allocate_locked(i, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, end);
	if (!err)
		names_touch(i);
	mutex_unlock(&i->lock);
	return err;
}

static int regular_allocate(struct file *f, u32 mode, u64 start, u64 length)
{
	struct inode *i = opened_inode(f);

	/* As a tmpfs on Linux. */
	if (mode & ~(u32)(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	mutex_lock(&i->lock);
	int err = allocate_locked(i, mode, start, start + length);
	if (!err)
		names_touch(i);
	mutex_unlock(&i->lock);
	return err;
}

static void regular_release(struct file *f)
{
	struct inode *i = opened_inode(f);

	if ((atomic32_load_relaxed(&f->flags) & O_ACCMODE) != O_RDONLY)
		inode_end_write(i);
}

const struct file_ops regular_ops = {
	.read = regular_read,
	.write = regular_write,
	.seek = regular_seek,
	.stat = fs_file_stat,
	.ioctl = regular_ioctl,
	.page_source = regular_page_source,
	.sync = regular_sync,
	.truncate = regular_truncate,
	.allocate = regular_allocate,
	.release = regular_release,
	.direct = true,
};

/* Nothing to release: it is no writer. */
const struct file_ops memfd_ops = {
	.read = regular_read,
	.write = regular_write,
	.seek = regular_seek,
	.stat = fs_file_stat,
	.ioctl = regular_ioctl,
	.page_source = regular_page_source,
	.sync = regular_sync,
	.truncate = regular_truncate,
	.allocate = regular_allocate,
};
