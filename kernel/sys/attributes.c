/* Calls that change what is known about a file: modes, owners, times; and statfs. */
#include <asm/fcntl.h>
#include <asm/statfs.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <linux/utime.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/sys.h"

/* utimensat(2)'s values of tv_nsec; no UAPI header has them. */
#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe

static int chmod_and_put(struct dentry *d, u32 mode)
{
	int err = fs_place_chmod(d, mode);

	fs_place_put(d);
	return err;
}

s64 sys_fchmodat(s32 dirfd, uaddr_t path, u32 mode)
{
	struct dentry *d;

	int err = path_lookup(dirfd, path, 0, &d);
	return err ? err : chmod_and_put(d, mode);
}

s64 sys_chmod(uaddr_t path, u32 mode)
{
	return sys_fchmodat(AT_FDCWD, path, mode);
}

s64 sys_fchmod(u32 fd, u32 mode)
{
	struct dentry *d;

	int err = arg_place(fd, false, &d);
	return err ? err : chmod_and_put(d, mode);
}

static int chown_and_put(struct dentry *d, u32 uid, u32 gid)
{
	int err = fs_place_chown(d, uid, gid);

	fs_place_put(d);
	return err;
}

s64 sys_fchownat(s32 dirfd, uaddr_t path, u32 uid, u32 gid, s32 flags)
{
	struct dentry *d;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	int err = path_lookup(dirfd, path, flags, &d);
	return err ? err : chown_and_put(d, uid, gid);
}

s64 sys_chown(uaddr_t path, u32 uid, u32 gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

s64 sys_lchown(uaddr_t path, u32 uid, u32 gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

s64 sys_fchown(u32 fd, u32 uid, u32 gid)
{
	struct dentry *d;

	int err = arg_place(fd, false, &d);
	return err ? err : chown_and_put(d, uid, gid);
}

/* -- times -- */

struct times {
	s64 atime, mtime; /* ns, as fs_place_set_times() has them */
	bool explicit;
};

/* The nearest that a file can have: about 290 years to both sides of 1970. */
static s64 file_time(s64 seconds, u64 ns)
{
	s64 most = FS_TIME_KEEP / (s64)NS_PER_SEC - 1;

	return MIN(MAX(seconds, -most), most) * (s64)NS_PER_SEC + (s64)ns;
}

static int time_from(const struct __kernel_timespec *t, s64 *out)
{
	if (t->tv_nsec == UTIME_NOW)
		*out = FS_TIME_NOW;
	else if (t->tv_nsec == UTIME_OMIT)
		*out = FS_TIME_KEEP;
	else if ((u64)t->tv_nsec >= NS_PER_SEC)
		return -EINVAL;
	else
		*out = file_time(t->tv_sec, (u64)t->tv_nsec);
	return 0;
}

static int times_from(const struct __kernel_timespec t[2], struct times *out)
{
	int err = time_from(&t[0], &out->atime);

	if (!err)
		err = time_from(&t[1], &out->mtime);
	out->explicit = out->atime != FS_TIME_NOW || out->mtime != FS_TIME_NOW;
	return err;
}

static int set_times(struct dentry *d, const struct times *t)
{
	int err = 0;

	if (t->atime != FS_TIME_KEEP || t->mtime != FS_TIME_KEEP)
		err = fs_place_set_times(d, t->atime, t->mtime, t->explicit);
	fs_place_put(d);
	return err;
}

/* A path of 0 means the descriptor itself. */
static s64 set_times_at(s32 dirfd, uaddr_t path, s32 flags, const struct times *t)
{
	struct dentry *d;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!path && dirfd != AT_FDCWD)
		err = flags ? -EINVAL : arg_place(dirfd, false, &d);
	else
		err = path_lookup(dirfd, path, flags, &d);
	return err ? err : set_times(d, t);
}

s64 sys_utimensat(s32 dirfd, uaddr_t path, uaddr_t times, s32 flags)
{
	struct times t = {.atime = FS_TIME_NOW, .mtime = FS_TIME_NOW};
	struct __kernel_timespec given[2];

	if (times) {
		if (copy_from_user(given, times, sizeof(given)))
			return -EFAULT;
		/* Nothing to be done, so nothing is looked at. */
		if (given[0].tv_nsec == UTIME_OMIT && given[1].tv_nsec == UTIME_OMIT)
			return 0;
		int err = times_from(given, &t);
		if (err)
			return err;
	}
	return set_times_at(dirfd, path, flags, &t);
}

s64 sys_futimesat(s32 dirfd, uaddr_t path, uaddr_t times)
{
	struct times t = {.atime = FS_TIME_NOW, .mtime = FS_TIME_NOW};
	struct timeval given[2];

	if (times) {
		if (copy_from_user(given, times, sizeof(given)))
			return -EFAULT;
		if ((u64)given[0].tv_usec >= 1000000 || (u64)given[1].tv_usec >= 1000000)
			return -EINVAL;
		t.atime = file_time(given[0].tv_sec, (u64)given[0].tv_usec * NS_PER_US);
		t.mtime = file_time(given[1].tv_sec, (u64)given[1].tv_usec * NS_PER_US);
		t.explicit = true;
	}
	return set_times_at(dirfd, path, 0, &t);
}

s64 sys_utimes(uaddr_t path, uaddr_t times)
{
	return sys_futimesat(AT_FDCWD, path, times);
}

s64 sys_utime(uaddr_t path, uaddr_t times)
{
	struct times t = {.atime = FS_TIME_NOW, .mtime = FS_TIME_NOW};
	struct utimbuf given;

	if (times) {
		if (copy_from_user(&given, times, sizeof(given)))
			return -EFAULT;
		t.atime = file_time(given.actime, 0);
		t.mtime = file_time(given.modtime, 0);
		t.explicit = true;
	}
	return set_times_at(AT_FDCWD, path, 0, &t);
}

/* -- file systems -- */

static s64 statfs_and_put(struct dentry *d, uaddr_t to)
{
	struct statfs s;

	fs_place_statfs(d, &s);
	fs_place_put(d);
	return copy_to_user(to, &s, sizeof(s));
}

s64 sys_statfs(uaddr_t path, uaddr_t to)
{
	struct dentry *d;

	int err = path_lookup(AT_FDCWD, path, 0, &d);
	return err ? err : statfs_and_put(d, to);
}

s64 sys_fstatfs(u32 fd, uaddr_t to)
{
	struct dentry *d;

	int err = arg_place(fd, true, &d);
	return err ? err : statfs_and_put(d, to);
}
