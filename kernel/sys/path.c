/*
 * Calls that name a file by its path, to open it or to ask about it: open, stat, access, readlink.
 *
 * A path and where it starts are copied in by path_get(); what they lead to is fs/'s affair.
 */
#include "sys/path.h"

#include <asm/fcntl.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/sys.h"

/* access(2)'s question. */
#define ACCESS_MODES 7

/* Bits that a new file can have. */
#define MODE_BITS 07777

u32 path_new_mode(u32 mode)
{
	return mode & MODE_BITS & ~fs_context_umask(current_process()->fs);
}

/* The descriptor comes before the file: without one, nothing is made and nothing is cut off. Who waits for the other end of a FIFO
 * has it already, too. */
static s64 open_path(struct path_arg *a, s32 dirfd, u32 flags, u32 mode)
{
	struct files *t = current_process()->files;
	struct file *f;

	int fd = files_reserve(t, flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	int err = path_start(dirfd, a);
	if (!err)
		err = fs_open_at(a->from, a->path, flags, path_new_mode(mode), &f);
	if (err)
		files_unreserve(t, fd);
	else
		files_fill(t, fd, f);
	return err ? err : fd;
}

s64 sys_openat(s32 dirfd, uaddr_t path, u32 flags, u32 mode)
{
	struct path_arg a;

	int err = fs_open_check_flags(flags);
	if (!err)
		err = path_copy(path, &a);
	if (err)
		return err;
	s64 fd = a.path[0] ? open_path(&a, dirfd, flags, mode) : -ENOENT;
	path_put(&a);
	return fd;
}

s64 sys_open(uaddr_t path, u32 flags, u32 mode)
{
	return sys_openat(AT_FDCWD, path, flags, mode);
}

s64 sys_creat(uaddr_t path, u32 mode)
{
	return sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* fstat(2) of a file: where it has a place, that answers; a device says nothing of its node. */
static int stat_file(struct file *f, struct stat *st)
{
	if (f->place) {
		fs_place_stat(f->place, st);
		return 0;
	}
	return f->ops->stat ? f->ops->stat(f, st) : -EBADF;
}

static int stat_fd(s32 fd, struct stat *st)
{
	struct file *f = arg_file_or_place(fd);

	if (!f)
		return -EBADF;
	int err = stat_file(f, st);
	file_put(f);
	return err;
}

/* With AT_EMPTY_PATH and no path at all: dirfd itself. */
static int stat_dirfd(s32 dirfd, struct stat *st)
{
	if (dirfd != AT_FDCWD)
		return stat_fd(dirfd, st);
	struct dentry *d = path_cwd();
	fs_place_stat(d, st);
	fs_place_put(d);
	return 0;
}

/* What path_lookup() leads to, or a file that has no place. */
static int stat_path(s32 dirfd, uaddr_t path, u32 flags, struct stat *st)
{
	struct path_arg a;
	struct dentry *d;

	if (!path && (flags & AT_EMPTY_PATH))
		return stat_dirfd(dirfd, st);
	int err = path_get(dirfd, path, &a);
	if (err)
		return err;
	if (!a.path[0] && (flags & AT_EMPTY_PATH) && dirfd != AT_FDCWD) {
		err = stat_fd(dirfd, st);
	} else {
		err = path_find(&a, dirfd, flags, &d);
		if (!err) {
			fs_place_stat(d, st);
			fs_place_put(d);
		}
	}
	path_put(&a);
	return err;
}

static s64 stat_put(uaddr_t to, const struct stat *st, int err)
{
	return err ? err : copy_to_user(to, st, sizeof(*st));
}

s64 sys_newfstatat(s32 dirfd, uaddr_t path, uaddr_t to, s32 flags)
{
	struct stat st;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE))
		return -EINVAL;
	int err = stat_path(dirfd, path, flags, &st);
	return stat_put(to, &st, err);
}

s64 sys_stat(uaddr_t path, uaddr_t to)
{
	struct stat st;
	int err = stat_path(AT_FDCWD, path, 0, &st);

	return stat_put(to, &st, err);
}

s64 sys_lstat(uaddr_t path, uaddr_t to)
{
	struct stat st;
	int err = stat_path(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &st);

	return stat_put(to, &st, err);
}

s64 sys_fstat(u32 fd, uaddr_t to)
{
	struct stat st;
	int err = stat_fd(fd, &st);

	return stat_put(to, &st, err);
}

/* A device number as the kernel encodes it in struct stat, taken apart. */
u32 device_major(u64 dev)
{
	return (dev >> 8) & 0xfff;
}

u32 device_minor(u64 dev)
{
	return (dev & 0xff) | ((dev >> 12) & 0xfff00);
}

static void statx_fill(struct statx *x, const struct stat *st)
{
	*x = (struct statx){
		.stx_mask = STATX_BASIC_STATS,
		.stx_blksize = st->st_blksize,
		.stx_nlink = st->st_nlink,
		.stx_uid = st->st_uid,
		.stx_gid = st->st_gid,
		.stx_mode = st->st_mode,
		.stx_ino = st->st_ino,
		.stx_size = st->st_size,
		.stx_blocks = st->st_blocks,
		.stx_atime = {.tv_sec = st->st_atime, .tv_nsec = st->st_atime_nsec},
		.stx_mtime = {.tv_sec = st->st_mtime, .tv_nsec = st->st_mtime_nsec},
		.stx_ctime = {.tv_sec = st->st_ctime, .tv_nsec = st->st_ctime_nsec},
		.stx_rdev_major = device_major(st->st_rdev),
		.stx_rdev_minor = device_minor(st->st_rdev),
		.stx_dev_major = device_major(st->st_dev),
		.stx_dev_minor = device_minor(st->st_dev),
	};
}

s64 sys_statx(s32 dirfd, uaddr_t path, u32 flags, u32 mask, uaddr_t to)
{
	struct stat st;
	struct statx x;

	if (mask & STATX__RESERVED)
		return -EINVAL;
	if ((flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE))
		return -EINVAL;
	int err = stat_path(dirfd, path, flags, &st);
	if (err)
		return err;
	statx_fill(&x, &st);
	return copy_to_user(to, &x, sizeof(x));
}

s64 sys_faccessat2(s32 dirfd, uaddr_t path, s32 mode, s32 flags)
{
	struct dentry *d;

	if (mode & ~ACCESS_MODES)
		return -EINVAL;
	if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	int err = path_lookup(dirfd, path, flags, &d);
	if (err)
		return err;
	/* access(2) asks for the real user, unless AT_EACCESS says the effective one. */
	err = fs_place_access(d, mode, !(flags & AT_EACCESS));
	fs_place_put(d);
	return err;
}

s64 sys_faccessat(s32 dirfd, uaddr_t path, s32 mode)
{
	return sys_faccessat2(dirfd, path, mode, 0);
}

s64 sys_access(uaddr_t path, s32 mode)
{
	return sys_faccessat2(AT_FDCWD, path, mode, 0);
}

s64 sys_readlinkat(s32 dirfd, uaddr_t path, uaddr_t to, s32 size)
{
	struct path_arg a;
	struct dentry *d;

	if (size <= 0)
		return -EINVAL;
	int err = path_get(dirfd, path, &a);
	if (err)
		return err;
	/* An empty path means the descriptor, opened with O_PATH and O_NOFOLLOW; of another file that
	 * is no link it is ENOENT. */
	bool empty = !a.path[0];
	s64 n = path_find(&a, dirfd, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &d);
	if (!n) {
		n = fs_place_readlink(d, a.path, MIN((size_t)size, (size_t)PATH_MAX));
		fs_place_put(d);
		if (n == -EINVAL && empty)
			n = -ENOENT;
		if (n > 0 && copy_to_user(to, a.path, n))
			n = -EFAULT;
	}
	path_put(&a);
	return n;
}

s64 sys_readlink(uaddr_t path, uaddr_t to, s32 size)
{
	return sys_readlinkat(AT_FDCWD, path, to, size);
}
