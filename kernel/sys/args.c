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

int path_cwd(char *out, size_t size)
{
	return fs_context_cwd(current_process()->fs, out, size);
}

/* The path of an open directory. */
static int path_of_dirfd(s32 dirfd, char *out, size_t size)
{
	struct file *f = arg_file_or_place(dirfd);
	struct stat st;

	if (!f)
		return -EBADF;
	int err = f->ops->stat ? f->ops->stat(f, &st) : -ENOTDIR;
	if (!err && !S_ISDIR(st.st_mode))
		err = -ENOTDIR;
	if (!err)
		err = fs_file_path(f, out, size);
	file_put(f);
	return err;
}

int path_get(s32 dirfd, uaddr_t path, struct path_arg *out)
{
	out->memory = kmalloc(2 * PATH_MAX);
	if (!out->memory)
		return -ENOMEM;
	out->path = out->memory;
	out->base = out->memory + PATH_MAX;
	ssize_t n = copy_string_from_user(out->path, path, PATH_MAX);
	int err = n < 0 ? n : 0;
	if (err)
		goto free;
	if (out->path[0] == '/')
		string_copy(out->base, "/", PATH_MAX);
	else if (dirfd == AT_FDCWD)
		err = path_cwd(out->base, PATH_MAX);
	else if (n > 0)
		err = path_of_dirfd(dirfd, out->base, PATH_MAX);
	if (!err)
		return 0;
free:
	kfree(out->memory);
	return err;
}

void path_put(struct path_arg *p)
{
	kfree(p->memory);
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

int vector_get(uaddr_t array, u64 count, struct vector_arg *out)
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
