/*
 * Moving bytes from one file to another: sendfile and copy_file_range.
 *
 * The bytes go through a buffer of the kernel. No position's lock is held meanwhile: the other file may be slow, or the same.
 */
#include <asm/fcntl.h>
#include <asm/stat.h>
#include <linux/stat.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/file.h"
#include "sys/args.h"
#include "sys/rw.h"
#include "sys/sys.h"

/* Both kinds at once. */
static s64 count_both(s64 moved)
{
	return rw_count(rw_count(moved, READ_IT), WRITE_IT);
}

#define SENDFILE_BUFFER (16 * KIB)

/* One buffer's worth from in at *pos to out. Bytes moved; what was read but not written is not
 * taken from in. */
static ssize_t send_some(struct file *out, struct file *in, u64 *pos, char *buffer, size_t n)
{
	struct iobuf b;
	u64 at = *pos;

	iobuf_init_kernel(&b, buffer, n);
	ssize_t got = in->ops->read(in, &b, &at);
	if (got <= 0)
		return got;
	iobuf_init_kernel(&b, buffer, got);
	ssize_t put = rw_move_here(out, &b, WRITE_IT);
	if (put > 0)
		*pos += put;
	return put;
}

static ssize_t send_all(struct file *out, struct file *in, u64 *pos, size_t n)
{
	char *buffer = kmalloc(SENDFILE_BUFFER);
	size_t done = 0;
	ssize_t moved = 0;

	if (!buffer)
		return -ENOMEM;
	while (done < n) {
		size_t want = MIN(n - done, SENDFILE_BUFFER);
		moved = send_some(out, in, pos, buffer, want);
		if (moved <= 0)
			break;
		done += moved;
		if ((size_t)moved < want)
			break;
	}
	kfree(buffer);
	return done ? (ssize_t)done : moved;
}

/* in has a position: its own, or the one in *at. */
static ssize_t send_from(struct file *out, struct file *in, u64 *at, size_t n)
{
	if (at)
		return send_all(out, in, at, n);
	mutex_lock(&in->pos_lock);
	u64 pos = in->pos;
	mutex_unlock(&in->pos_lock);
	/* Not held while writing: out may be slow, or the same file. */
	ssize_t moved = send_all(out, in, &pos, n);
	mutex_lock(&in->pos_lock);
	in->pos = pos;
	mutex_unlock(&in->pos_lock);
	return moved;
}

/* Positions are signed. */
static bool is_range(u64 start, size_t n)
{
	return (s64)start >= 0 && (s64)n >= 0 && (s64)(start + n) >= 0;
}

/* What can be sent: it has a position, and Linux can splice from it. */
static bool can_send(const struct file *in)
{
	return file_may_seek(in) && in->ops->read && !in->ops->getdents && !in->ops->no_send;
}

static bool can_receive(struct file *out)
{
	return out->ops->write && !out->ops->plain_write &&
	       !(atomic32_load_relaxed(&out->flags) & O_APPEND);
}

static s64 sendfile(s32 out_fd, s32 in_fd, u64 *at, size_t n)
{
	struct file *in, *out;

	int err = arg_file_readable(in_fd, &in);
	if (err)
		return err;
	ssize_t moved = at && !file_may_seek(in) ? -ESPIPE : 0;
	/* No file is as long as the range ends, whatever is in it. */
	u64 from = at ? *at : READ_ONCE(in->pos);
	if (!moved)
		moved = is_range(from, n) ? 0 : -EINVAL;
	if (moved)
		goto put_in;
	moved = arg_file_writable(out_fd, &out);
	if (moved)
		goto put_in;
	if (can_send(in) && can_receive(out))
		moved = count_both(send_from(out, in, at, MIN(n, RW_MAX)));
	else
		moved = -EINVAL;
	file_put(out);
put_in:
	file_put(in);
	return moved;
}

s64 sys_sendfile(s32 out_fd, s32 in_fd, uaddr_t offset, size_t n)
{
	u64 at;

	if (!offset)
		return sendfile(out_fd, in_fd, NULL, n);
	if (copy_from_user(&at, offset, sizeof(at)))
		return -EFAULT;
	s64 moved = sendfile(out_fd, in_fd, &at, n);
	if (copy_to_user(offset, &at, sizeof(at)))
		return -EFAULT;
	return moved;
}

/* -- copy_file_range -- */

struct copy {
	struct file *in, *out;
	struct stat in_is, out_is;
	u64 from, to;
	size_t n; /* as asked for, until it was checked */
};

static int stat_of(struct file *f, struct stat *out)
{
	*out = (struct stat){0};
	return f->ops->stat ? f->ops->stat(f, out) : 0;
}

static bool is(const struct stat *st, u32 type)
{
	return (st->st_mode & S_IFMT) == type;
}

static bool ranges_meet(const struct copy *c)
{
	return c->from < c->to + c->n && c->to < c->from + c->n;
}

/* In Linux's order. */
static int check_copy(struct copy *c)
{
	const struct stat *in = &c->in_is, *out = &c->out_is;

	if (is(in, S_IFDIR) || is(out, S_IFDIR))
		return -EISDIR;
	if (!is(in, S_IFREG) || !is(out, S_IFREG))
		return -EINVAL;
	if (!file_readable(c->in) || !file_writable(c->out) ||
		(atomic32_load_relaxed(&c->out->flags) & O_APPEND))
		return -EBADF;
	if (in->st_dev != out->st_dev)
		return -EXDEV;
	if (c->from + c->n < c->from || c->to + c->n < c->to)
		return -EOVERFLOW;
	c->n = (s64)c->from < in->st_size ? MIN(c->n, (u64)in->st_size - c->from) : 0;
	if (c->n && c->to == INT64_MAX)
		return -EFBIG;
	c->n = MIN(MIN(c->n, INT64_MAX - c->to), RW_MAX);
	return in->st_ino == out->st_ino && ranges_meet(c) ? -EINVAL : 0;
}

/* Both positions are advanced by what was copied. */
static ssize_t copy_range(struct copy *c)
{
	char *buffer = kmalloc(SENDFILE_BUFFER);
	ssize_t done = 0, moved = 0, got = 0;
	struct iobuf b;

	if (!buffer)
		return -ENOMEM;
	/* What takes less than it was given is at a limit, which the next call is told. */
	while ((size_t)done < c->n && moved == got) {
		u64 at = c->from;
		iobuf_init_kernel(&b, buffer, MIN(c->n - (size_t)done, SENDFILE_BUFFER));
		moved = got = c->in->ops->read(c->in, &b, &at);
		if (got <= 0)
			break;
		iobuf_init_kernel(&b, buffer, (size_t)got);
		moved = c->out->ops->write(c->out, &b, &c->to);
		if (moved <= 0)
			break;
		c->from += (u64)moved;
		done += moved;
	}
	kfree(buffer);
	return done ? done : moved;
}

/* Set once all has been checked: files of one file system can be read and written, unless they are no files at all. */
static ssize_t copy_checked(struct copy *c)
{
	int err = check_copy(c);

	if (err || c->n == 0)
		return err;
	return c->in->ops->read && c->out->ops->write ? count_both(copy_range(c)) : -EINVAL;
}

/* An offset that is not given is the file's position, which is set afterwards. */
static s64 copy_files(struct file *in, s64 *at, struct file *out, s64 *to, size_t n)
{
	struct copy c = {.in = in, .out = out, .n = n};

	c.from = at ? (u64)*at : READ_ONCE(in->pos);
	c.to = to ? (u64)*to : READ_ONCE(out->pos);
	int err = stat_of(in, &c.in_is);
	if (!err)
		err = stat_of(out, &c.out_is);
	if (err)
		return err;
	ssize_t done = copy_checked(&c);
	if (done <= 0)
		return done;
	if (at)
		*at = (s64)c.from;
	else
		WRITE_ONCE(in->pos, c.from);
	if (to)
		*to = (s64)c.to;
	else
		WRITE_ONCE(out->pos, c.to);
	return done;
}

/* Offsets are copied in once both files are there. */
static s64 copy_between(
	struct file *in, uaddr_t at, struct file *out, uaddr_t to, size_t n, u32 flags)
{
	s64 from = 0, into = 0;

	if ((at && copy_from_user(&from, at, sizeof(from))) ||
		(to && copy_from_user(&into, to, sizeof(into))))
		return -EFAULT;
	if (flags)
		return -EINVAL;
	s64 done = copy_files(in, at ? &from : NULL, out, to ? &into : NULL, n);
	if (done > 0 && ((at && copy_to_user(at, &from, sizeof(from))) ||
				(to && copy_to_user(to, &into, sizeof(into)))))
		return -EFAULT;
	return done;
}

s64 sys_copy_file_range(u32 in_fd, uaddr_t at, u32 out_fd, uaddr_t to, size_t n, u32 flags)
{
	struct file *in = arg_file(in_fd), *out = arg_file(out_fd);

	s64 done = in && out ? copy_between(in, at, out, to, n, flags) : -EBADF;
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return done;
}
