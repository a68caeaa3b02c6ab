/*
 * Calls that name a file by its path: open, stat, access, readlink; and the working directory.
 *
 * A path and the directory it starts at are copied in by path_get(); what they lead to is fs/'s
 * affair.
 */
#include <asm/fcntl.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/sys.h"

/* access(2)'s question. */
#define ACCESS_MODES 7

/* Bits that a new file can have. */
#define MODE_BITS 07777

static s64 open_path(const struct path_arg *a, u32 flags, u32 mode)
{
	struct file *f;

	mode &= MODE_BITS & ~fs_context_umask(current_process()->fs);
	int err = fs_open(a->base, a->path, flags, mode, &f);
	if (err)
		return err;
	s64 fd = files_install(current_process()->files, f, 0, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

s64 sys_openat(s32 dirfd, uaddr_t path, u32 flags, u32 mode)
{
	struct path_arg a;

	int err = path_get(dirfd, path, &a);
	if (err)
		return err;
	s64 fd = open_path(&a, flags, mode);
	path_put(&a);
	return fd;
}

s64 sys_open(uaddr_t path, u32 flags, u32 mode)
{
	return sys_openat(AT_FDCWD, path, flags, mode);
}

static int stat_file(struct file *f, struct stat *st)
{
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

/* An empty path with AT_EMPTY_PATH means the descriptor itself, or the working directory. */
static int stat_empty(s32 dirfd, struct stat *st)
{
	struct path_arg a;

	if (dirfd != AT_FDCWD)
		return stat_fd(dirfd, st);
	a.memory = kmalloc(PATH_MAX);
	if (!a.memory)
		return -ENOMEM;
	int err = path_cwd(a.memory, PATH_MAX);
	if (!err)
		err = fs_stat("/", a.memory, true, st);
	path_put(&a);
	return err;
}

static int stat_path(s32 dirfd, uaddr_t path, u32 flags, struct stat *st)
{
	struct path_arg a;

	int err = path_get(dirfd, path, &a);
	if (err)
		return err;
	if (a.path[0] == '\0' && (flags & AT_EMPTY_PATH))
		err = stat_empty(dirfd, st);
	else if (a.path[0] == '\0')
		err = -ENOENT;
	else
		err = fs_stat(a.base, a.path, !(flags & AT_SYMLINK_NOFOLLOW), st);
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
static u32 device_major(u64 dev)
{
	return (dev >> 8) & 0xfff;
}

static u32 device_minor(u64 dev)
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

/* access(2) asks for the real user, unless AT_EACCESS says the effective one. */
static void access_identity(bool effective, u32 *uid, u32 *gid)
{
	struct process *p = current_process();

	spin_lock(&p->lock);
	*uid = effective ? p->cred.fsuid : p->cred.uid;
	*gid = effective ? p->cred.fsgid : p->cred.gid;
	spin_unlock(&p->lock);
}

/* The permissions of an open file itself, by its own bits. */
static int access_file(s32 fd, u32 mode, u32 uid, u32 gid)
{
	struct stat st;
	u32 have;

	int err = stat_fd(fd, &st);
	if (err || mode == 0)
		return err;
	if (uid == 0)
		have = S_ISDIR(st.st_mode) || (st.st_mode & 0111) ? 7 : 6;
	else
		have = st.st_mode >> (uid == st.st_uid ? 6 : gid == st.st_gid ? 3 : 0);
	return (have & mode) == mode ? 0 : -EACCES;
}

s64 sys_faccessat2(s32 dirfd, uaddr_t path, s32 mode, s32 flags)
{
	struct path_arg a;
	u32 uid, gid;

	if (mode & ~ACCESS_MODES)
		return -EINVAL;
	if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	int err = path_get(dirfd, path, &a);
	if (err)
		return err;
	access_identity(flags & AT_EACCESS, &uid, &gid);
	if (a.path[0] != '\0')
		err = fs_access(a.base, a.path, mode, uid, gid);
	else if (!(flags & AT_EMPTY_PATH))
		err = -ENOENT;
	else
		err = dirfd == AT_FDCWD ? fs_access("/", ".", mode, uid, gid)
					: access_file(dirfd, mode, uid, gid);
	path_put(&a);
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

static s64 readlink_path(const struct path_arg *a, uaddr_t to, size_t size)
{
	char *target = kmalloc(PATH_MAX);

	if (!target)
		return -ENOMEM;
	s64 n = fs_readlink(a->base, a->path, target, MIN(size, (size_t)PATH_MAX));
	if (n >= 0 && copy_to_user(to, target, n))
		n = -EFAULT;
	kfree(target);
	return n;
}

s64 sys_readlinkat(s32 dirfd, uaddr_t path, uaddr_t to, s32 size)
{
	struct path_arg a;

	if (size <= 0)
		return -EINVAL;
	int err = path_get(dirfd, path, &a);
	if (err)
		return err;
	s64 n = a.path[0] ? readlink_path(&a, to, size) : -ENOENT;
	path_put(&a);
	return n;
}

s64 sys_readlink(uaddr_t path, uaddr_t to, s32 size)
{
	return sys_readlinkat(AT_FDCWD, path, to, size);
}
