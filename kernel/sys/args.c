/*
 * Copying in what the arguments of system calls point to.
 *
 * All of it is copied before it is checked, and checked before it is used, so that another thread
 * of the program can't change it in between.
 */
#include "sys/args.h"

#include <asm/fcntl.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/stat.h>
#include <linux/uio.h>

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sched/wait.h"
#include "sys/rw.h"

struct file *arg_file_or_place(u32 fd)
{
	/* Own process, running thread: files is there until the last thread leaves. */
	return files_lookup(current_process()->files, fd);
}

struct file *arg_file(u32 fd)
{
	struct file *f = arg_file_or_place(fd);

	if (f && (atomic32_load_relaxed(&f->flags) & O_PATH)) {
		file_put(f);
		return NULL;
	}
	return f;
}

bool file_readable(const struct file *f)
{
	u32 flags = atomic32_load_relaxed(&f->flags);

	return (flags & O_ACCMODE) != O_WRONLY;
}

bool file_writable(const struct file *f)
{
	u32 flags = atomic32_load_relaxed(&f->flags);

	return (flags & O_ACCMODE) != O_RDONLY;
}

int arg_place(u32 fd, bool opened_as_place, struct dentry **out)
{
	struct file *f = opened_as_place ? arg_file_or_place(fd) : arg_file(fd);

	if (!f)
		return -EBADF;
	*out = fs_file_place(f);
	file_put(f);
	return *out ? 0 : -ENOMEM;
}

/* What has no operations for it at all is refused for that, and not for the offset. */
bool file_may_seek(const struct file *f)
{
	return file_has_position(f) || f->ops->no_contents;
}

int arg_file_readable(u32 fd, struct file **out)
{
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	if (!file_readable(f)) {
		file_put(f);
		return -EBADF;
	}
	*out = f;
	return 0;
}

int arg_file_writable(u32 fd, struct file **out)
{
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	if (!file_writable(f)) {
		file_put(f);
		return -EBADF;
	}
	*out = f;
	return 0;
}

struct dentry *path_cwd(void)
{
	struct dentry *cwd = fs_context_cwd(current_process()->fs);

	return cwd ? cwd : fs_root();
}

/* Where a relative path starts. Whether it is a directory the walk finds out. */
static int path_from(s32 dirfd, struct dentry **out)
{
	if (dirfd == AT_FDCWD) {
		*out = path_cwd();
		return 0;
	}
	struct file *f = arg_file_or_place(dirfd);
	if (!f)
		return -EBADF;
	*out = f->place ? fs_place_get(f->place) : NULL;
	file_put(f);
	return *out ? 0 : -ENOTDIR;
}

int path_copy(uaddr_t path, struct path_arg *out)
{
	out->from = NULL;
	out->path = kmalloc(PATH_MAX);
	if (!out->path)
		return -ENOMEM;
	ssize_t n = copy_string_from_user(out->path, path, PATH_MAX);
	if (n < 0)
		kfree(out->path);
	return n < 0 ? (int)n : 0;
}

int path_start(s32 dirfd, struct path_arg *a)
{
	if (a->path[0] && a->path[0] != '/')
		return path_from(dirfd, &a->from);
	a->from = fs_root();
	return 0;
}

int path_get(s32 dirfd, uaddr_t path, struct path_arg *out)
{
	int err = path_copy(path, out);

	if (err)
		return err;
	err = path_start(dirfd, out);
	if (err)
		kfree(out->path);
	return err;
}

void path_put(struct path_arg *p)
{
	kfree(p->path);
	if (p->from)
		fs_place_put(p->from);
}

int path_find(const struct path_arg *a, s32 dirfd, u32 flags, struct dentry **out)
{
	if (a->path[0])
		return fs_lookup(a->from, a->path, !(flags & AT_SYMLINK_NOFOLLOW), out);
	if (!(flags & AT_EMPTY_PATH))
		return -ENOENT;
	if (dirfd == AT_FDCWD) {
		*out = path_cwd();
		return 0;
	}
	return arg_place((u32)dirfd, true, out);
}

int path_lookup(s32 dirfd, uaddr_t path, u32 flags, struct dentry **out)
{
	struct path_arg a;

	int err = path_get(dirfd, path, &a);
	if (err)
		return err;
	err = path_find(&a, dirfd, flags, out);
	path_put(&a);
	return err;
}

_Static_assert(sizeof(struct iobuf_segment) == sizeof(struct iovec), "copied as they are");
_Static_assert(
	offsetof(struct iobuf_segment, length) == offsetof(struct iovec, iov_len), "likewise");

/* Cuts the ranges at RW_MAX bytes together. */
static int vector_check(struct vector_arg *v)
{
	size_t left = RW_MAX;

	for (u32 i = 0; i < v->count; i++) {
		struct iobuf_segment *s = &v->segments[i];
		if ((ssize_t)s->length < 0)
			return -EINVAL;
	}
	for (u32 i = 0; i < v->count; i++) {
		struct iobuf_segment *s = &v->segments[i];
		if (!user_range_ok(s->base, s->length))
			return -EFAULT;
		s->length = MIN(s->length, left);
		left -= s->length;
	}
	return 0;
}

int vector_get(uaddr_t array, u32 count, struct vector_arg *out)
{
	size_t bytes = count * sizeof(struct iobuf_segment);

	if (count > UIO_MAXIOV)
		return -EINVAL;
	out->count = count;
	out->segments = out->few;
	if (count > ARRAY_SIZE(out->few)) {
		out->segments = kmalloc(bytes);
		if (!out->segments)
			return -ENOMEM;
	}
	int err = copy_from_user(out->segments, array, bytes);
	if (!err)
		err = vector_check(out);
	if (err)
		vector_put(out);
	return err;
}

void vector_put(struct vector_arg *v)
{
	if (v->segments != v->few)
		kfree(v->segments);
}

int timespec_get(uaddr_t from, u64 *ns)
{
	struct __kernel_timespec t;

	if (copy_from_user(&t, from, sizeof(t)))
		return -EFAULT;
	if (t.tv_sec < 0 || (u64)t.tv_nsec >= NS_PER_SEC)
		return -EINVAL;
	*ns = seconds_plus(t.tv_sec, t.tv_nsec);
	return 0;
}

u64 seconds_plus(u64 seconds, u64 ns)
{
	u64 sum;

	if (__builtin_mul_overflow(seconds, NS_PER_SEC, &sum) ||
		__builtin_add_overflow(sum, ns, &sum))
		return UINT64_MAX;
	return sum;
}

int timespec_put(uaddr_t to, u64 ns)
{
	struct __kernel_timespec t = {.tv_sec = ns / NS_PER_SEC, .tv_nsec = ns % NS_PER_SEC};

	return copy_to_user(to, &t, sizeof(t));
}

u64 deadline_after(u64 ns)
{
	u64 deadline;

	return __builtin_add_overflow(clock_now_ns(), ns, &deadline) ? WAIT_FOREVER : deadline;
}
