/*
 * Moving bytes from file to file: sendfile and copy_file_range, by way of a buffer of the kernel's. No position's lock is held while
 * bytes move: the other file may be slow, or the same.
 */
#include <asm/fcntl.h>
#include <linux/fs.h>

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

static s64 sendfile(s32 out_fd, s32 in_fd, u64 *at, size_t n)
{
	struct file *in, *out;

	int err = arg_file_readable(in_fd, &in);
	if (err)
		return err;
	ssize_t moved = at && !file_has_position(in) ? -ESPIPE : 0;
	if (!moved)
		moved = at && (s64)*at < 0 ? -EINVAL : 0;
	if (moved)
		goto put_in;
	moved = arg_file_writable(out_fd, &out);
	if (moved)
		goto put_in;
	if (!file_has_position(in) || !in->ops->read || !out->ops->write ||
		(atomic32_load_relaxed(&out->flags) & O_APPEND))
		moved = -EINVAL;
	else
		moved = count_both(send_from(out, in, at, MIN(n, RW_MAX)));
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

/* What is copied from and to: regular files. */
static bool can_copy(const struct file *f)
{
	return f->ops->truncate && file_has_position(f);
}

static bool ranges_meet(u64 a, u64 b, size_t n)
{
	return a < b + n && b < a + n;
}

/* Both positions are advanced by what was copied. */
static ssize_t copy_range(struct file *in, u64 *from, struct file *out, u64 *to, size_t n)
{
	char *buffer = kmalloc(SENDFILE_BUFFER);
	ssize_t done = 0, moved = 0;
	struct iobuf b;

	if (!buffer)
		return -ENOMEM;
	while ((size_t)done < n) {
		u64 at = *from;
		iobuf_init_kernel(&b, buffer, MIN(n - (size_t)done, SENDFILE_BUFFER));
		moved = in->ops->read(in, &b, &at);
		if (moved <= 0)
			break;
		iobuf_init_kernel(&b, buffer, (size_t)moved);
		moved = out->ops->write(out, &b, to);
		if (moved <= 0)
			break;
		*from += (u64)moved;
		done += moved;
	}
	kfree(buffer);
	return done ? done : moved;
}

static int check_copy(const struct file *in, const struct file *out)
{
	if (!file_readable(in) || !file_writable(out) ||
		(atomic32_load_relaxed(&out->flags) & O_APPEND))
		return -EBADF;
	if (in->ops->getdents || out->ops->getdents)
		return -EISDIR;
	return can_copy(in) && can_copy(out) ? 0 : -EINVAL;
}

/* An offset that is not given is the file's position, which is set afterwards: like sendfile(), the
 * copying itself holds neither position's lock. */
static s64 copy_files(struct file *in, s64 *at, struct file *out, s64 *to, size_t n)
{
	u64 from = at ? (u64)*at : READ_ONCE(in->pos);
	u64 into = to ? (u64)*to : READ_ONCE(out->pos);

	int err = check_copy(in, out);
	if (err)
		return err;
	n = MIN(n, RW_MAX);
	if ((s64)from < 0 || (s64)into < 0)
		return -EINVAL;
	if ((s64)(from + n) < 0 || (s64)(into + n) < 0)
		return -EOVERFLOW;
	if (in->place && out->place && fs_place_same(in->place, out->place) &&
		ranges_meet(from, into, n))
		return -EINVAL;
	ssize_t done = count_both(copy_range(in, &from, out, &into, n));
	if (at)
		*at = (s64)from;
	else
		WRITE_ONCE(in->pos, from);
	if (to)
		*to = (s64)into;
	else
		WRITE_ONCE(out->pos, into);
	return done;
}

static s64 copy_fds(u32 in_fd, s64 *at, u32 out_fd, s64 *to, size_t n)
{
	struct file *in = arg_file(in_fd), *out = arg_file(out_fd);

	s64 done = in && out ? copy_files(in, at, out, to, n) : -EBADF;
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return done;
}

s64 sys_copy_file_range(u32 in, uaddr_t at, u32 out, uaddr_t to, size_t n, u32 flags)
{
	s64 from = 0, into = 0;

	if (flags)
		return -EINVAL;
	if ((at && copy_from_user(&from, at, sizeof(from))) ||
		(to && copy_from_user(&into, to, sizeof(into))))
		return -EFAULT;
	s64 done = copy_fds(in, at ? &from : NULL, out, to ? &into : NULL, n);
	if (done > 0 && ((at && copy_to_user(at, &from, sizeof(from))) ||
				(to && copy_to_user(to, &into, sizeof(into)))))
		return -EFAULT;
	return done;
}
