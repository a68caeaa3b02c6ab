/* How long a file is, what of it is there, and whether it has reached the place where it is kept. */
#include <asm/fcntl.h>
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>

#include <asm/stat.h>

#include "fs/fs.h"
#include "lib/errno.h"
#include "sys/args.h"
#include "sys/sys.h"

static u32 type_of(struct file *f)
{
	struct stat st = {0};

	if (f->place)
		fs_place_stat(f->place, &st);
	else if (f->ops->stat && f->ops->stat(f, &st))
		return 0;
	return st.st_mode & S_IFMT;
}

/* Others have nothing to write back. */
static bool is_in_file_system(u32 type)
{
	return type == S_IFREG || type == S_IFBLK || type == S_IFDIR || type == S_IFLNK;
}

s64 sys_fsync(u32 fd)
{
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	int err = f->ops->sync ? f->ops->sync(f) : -EINVAL;
	file_put(f);
	return err;
}

s64 sys_fdatasync(u32 fd)
{
	return sys_fsync(fd);
}

/* Everything is where it is kept: in memory. */
s64 sys_sync(void)
{
	return 0;
}

s64 sys_syncfs(u32 fd)
{
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	file_put(f);
	return 0;
}

/* sync_file_range(2) knows three flags. */
#define SYNC_FLAGS 7U

s64 sys_sync_file_range(u32 fd, s64 offset, s64 n, u32 flags)
{
	struct file *f = arg_file(fd);
	s64 end;

	if (!f)
		return -EBADF;
	int err = 0;
	if ((flags & ~SYNC_FLAGS) || offset < 0 || n < 0 || __builtin_add_overflow(offset, n, &end))
		err = -EINVAL;
	else if (!is_in_file_system(type_of(f)))
		err = -ESPIPE;
	file_put(f);
	return err;
}

s64 sys_ftruncate(u32 fd, s64 size)
{
	if (size < 0)
		return -EINVAL;
	struct file *f = arg_file(fd);
	if (!f)
		return -EBADF;
	int err = -EINVAL;
	/* Without O_LARGEFILE, which open(2) always adds, there is nothing behind 2 GiB. */
	bool far = size > INT32_MAX && !(atomic32_load_relaxed(&f->flags) & O_LARGEFILE);
	if (type_of(f) == S_IFREG && file_writable(f) && !far)
		err = f->ops->truncate ? f->ops->truncate(f, (u64)size) : -EOPNOTSUPP;
	file_put(f);
	return err;
}

s64 sys_truncate(uaddr_t path, s64 size)
{
	struct dentry *d;

	if (size < 0)
		return -EINVAL;
	int err = path_lookup(AT_FDCWD, path, 0, &d);
	if (err)
		return err;
	err = fs_place_truncate(d, (u64)size);
	fs_place_put(d);
	return err;
}

/* What is there to be allocated: 0 for a file. */
static int check_allocate(struct file *f)
{
	switch (type_of(f)) {
	case S_IFREG:
	case S_IFBLK:
		return 0;
	case S_IFIFO:
		return -ESPIPE;
	case S_IFDIR:
		return -EISDIR;
	default:
		return -ENODEV;
	}
}

static int allocate(struct file *f, u32 mode, s64 offset, s64 n)
{
	s64 end;

	if (offset < 0 || n <= 0)
		return -EINVAL;
	if (mode & ~(u32)(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE |
			   FALLOC_FL_ZERO_RANGE | FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE))
		return -EOPNOTSUPP;
	/* A hole never changes the size. */
	if ((mode & FALLOC_FL_PUNCH_HOLE) && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (!file_writable(f))
		return -EBADF;
	int err = check_allocate(f);
	if (err)
		return err;
	if (__builtin_add_overflow(offset, n, &end))
		return -EFBIG;
	return f->ops->allocate ? f->ops->allocate(f, mode, (u64)offset, (u64)n) : -EOPNOTSUPP;
}

s64 sys_fallocate(u32 fd, s32 mode, s64 offset, s64 n)
{
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	int err = allocate(f, (u32)mode, offset, n);
	file_put(f);
	return err;
}

/* Advice about what is in memory anyway. */
s64 sys_fadvise64(u32 fd, s64 offset, s64 n, s32 advice)
{
	struct file *f = arg_file(fd);
	int err = 0;

	if (!f)
		return -EBADF;
	if (type_of(f) == S_IFIFO)
		err = -ESPIPE;
	else if (n < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE)
		err = -EINVAL;
	file_put(f);
	return err;
}

s64 sys_readahead(u32 fd, s64 offset, size_t n)
{
	struct file *f;

	int err = arg_file_readable(fd, &f);
	if (err)
		return err;
	/* A pidfd is one, but has no contents. */
	err = type_of(f) == S_IFREG && !f->ops->no_contents ? 0 : -EINVAL;
	file_put(f);
	return err;
}
