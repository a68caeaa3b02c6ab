/*
 * Moving bytes: read and write in all their forms, and sendfile.
 *
 * A call without an offset of its own uses the file's position and holds pos_lock meanwhile, so
 * that two threads that read one file get different parts of it. Files that can't seek have no
 * position and are not locked: a read of a terminal may last for ever.
 */
#include <asm/fcntl.h>
#include <linux/fs.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/file.h"
#include "sys/args.h"
#include "sys/sys.h"

enum direction { READ_IT, WRITE_IT };

static bool file_has_position(const struct file *f)
{
	return f->ops->seek != NULL && !f->ops->stream;
}

static ssize_t move_at(struct file *f, struct iobuf *b, u64 *pos, enum direction d)
{
	if (d == READ_IT)
		return f->ops->read ? f->ops->read(f, b, pos) : -EINVAL;
	return f->ops->write ? f->ops->write(f, b, pos) : -EINVAL;
}

static ssize_t move_here(struct file *f, struct iobuf *b, enum direction d)
{
	if (!file_has_position(f))
		return move_at(f, b, NULL, d);
	mutex_lock(&f->pos_lock);
	ssize_t n = move_at(f, b, &f->pos, d);
	mutex_unlock(&f->pos_lock);
	return n;
}

static int get_file(u32 fd, enum direction d, struct file **f)
{
	return d == READ_IT ? arg_file_readable(fd, f) : arg_file_writable(fd, f);
}

/* One range; offset is NULL for the file's own position. */
static s64 move_range(u32 fd, uaddr_t buffer, size_t n, const s64 *offset, enum direction d)
{
	struct file *f;
	struct iobuf b;
	ssize_t moved;

	if (offset && *offset < 0)
		return -EINVAL;
	int err = get_file(fd, d, &f);
	if (err)
		return err;
	iobuf_init_user(&b, buffer, MIN(n, RW_MAX));
	if (offset && !file_has_position(f)) {
		moved = -ESPIPE;
	} else if (!user_range_ok(buffer, n)) {
		moved = -EFAULT;
	} else if (offset) {
		u64 pos = *offset;
		moved = move_at(f, &b, &pos, d);
	} else {
		moved = move_here(f, &b, d);
	}
	file_put(f);
	return moved;
}

/* What preadv2 and pwritev2 may ask of a file. Nothing here is cached or delayed, so only NOWAIT
 * can't always be had. */
static bool flags_ok(const struct file *f, u32 flags)
{
	u32 known = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND;

	return !(flags & ~(known | (file_has_position(f) ? RWF_NOWAIT : 0)));
}

static ssize_t move_iobuf(
	struct file *f, struct iobuf *b, const s64 *offset, u32 flags, enum direction d)
{
	if (b->left == 0)
		return 0;
	if (!flags_ok(f, flags))
		return -EOPNOTSUPP;
	b->append = flags & RWF_APPEND;
	if (!offset)
		return move_here(f, b, d);
	u64 pos = *offset;
	return move_at(f, b, &pos, d);
}

/* Several ranges. */
static s64 move_vector(
	u32 fd, uaddr_t array, u64 count, const s64 *offset, u32 flags, enum direction d)
{
	struct vector_arg v;
	struct iobuf b;
	struct file *f;

	if (offset && *offset < 0)
		return -EINVAL;
	int err = get_file(fd, d, &f);
	if (err)
		return err;
	ssize_t moved = offset && !file_has_position(f) ? -ESPIPE : 0;
	if (!moved)
		moved = vector_get(array, count, &v);
	if (!moved) {
		iobuf_init_segments(&b, v.segments, v.count);
		moved = move_iobuf(f, &b, offset, flags, d);
		vector_put(&v);
	}
	file_put(f);
	return moved;
}

s64 sys_read(u32 fd, uaddr_t buffer, size_t n)
{
	return move_range(fd, buffer, n, NULL, READ_IT);
}

s64 sys_write(u32 fd, uaddr_t buffer, size_t n)
{
	return move_range(fd, buffer, n, NULL, WRITE_IT);
}

s64 sys_pread64(u32 fd, uaddr_t buffer, size_t n, s64 offset)
{
	return move_range(fd, buffer, n, &offset, READ_IT);
}

s64 sys_pwrite64(u32 fd, uaddr_t buffer, size_t n, s64 offset)
{
	return move_range(fd, buffer, n, &offset, WRITE_IT);
}

s64 sys_readv(u32 fd, uaddr_t array, u64 count)
{
	return move_vector(fd, array, count, NULL, 0, READ_IT);
}

s64 sys_writev(u32 fd, uaddr_t array, u64 count)
{
	return move_vector(fd, array, count, NULL, 0, WRITE_IT);
}

/* A 64-bit kernel ignores the high half of the split offset: the low one holds all of it. */
s64 sys_preadv(u32 fd, uaddr_t array, u64 count, u64 offset, u64 unused)
{
	s64 at = offset;

	return move_vector(fd, array, count, &at, 0, READ_IT);
}

s64 sys_pwritev(u32 fd, uaddr_t array, u64 count, u64 offset, u64 unused)
{
	s64 at = offset;

	return move_vector(fd, array, count, &at, 0, WRITE_IT);
}

/* Offset -1 stands for the file's position. */
static s64 move_vector2(u32 fd, uaddr_t array, u64 count, s64 offset, u32 flags, enum direction d)
{
	return move_vector(fd, array, count, offset == -1 ? NULL : &offset, flags, d);
}

s64 sys_preadv2(u32 fd, uaddr_t array, u64 count, u64 offset, u64 unused, u32 flags)
{
	return move_vector2(fd, array, count, offset, flags, READ_IT);
}

s64 sys_pwritev2(u32 fd, uaddr_t array, u64 count, u64 offset, u64 unused, u32 flags)
{
	return move_vector2(fd, array, count, offset, flags, WRITE_IT);
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
	ssize_t put = move_here(out, &b, WRITE_IT);
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
		moved = send_from(out, in, at, MIN(n, RW_MAX));
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
	ssize_t done = copy_range(in, &from, out, &into, n);
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
