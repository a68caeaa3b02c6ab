/*
 * Moving bytes: read and write in all their forms.
 *
 * A call without an offset of its own uses the file's position and holds pos_lock meanwhile, so
 * that two threads that read one file get different parts of it. Files that can't seek have no
 * position and are not locked: a read of a terminal may last for ever.
 *
 * The order of refusals is Linux's: a descriptor that is none, an offset where there is no position, a file that was not opened for
 * it, one that can't do it at all, then ranges, then where they would end, then flags.
 */
#include <asm/fcntl.h>
#include <linux/fs.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/file.h"
#include "sys/args.h"
#include "sys/rw.h"
#include "sys/sys.h"

/* -EINVAL: positions are signed, and this would end behind them. */
static ssize_t move_at(struct file *f, struct iobuf *b, u64 *pos, enum direction d)
{
	if (pos && (s64)(*pos + b->left) < 0)
		return -EINVAL;
	return d == READ_IT ? f->ops->read(f, b, pos) : f->ops->write(f, b, pos);
}

ssize_t rw_move_here(struct file *f, struct iobuf *b, enum direction d)
{
	if (!file_has_position(f))
		return move_at(f, b, NULL, d);
	mutex_lock(&f->pos_lock);
	ssize_t n = move_at(f, b, &f->pos, d);
	mutex_unlock(&f->pos_lock);
	return n;
}

s64 rw_count(s64 moved, enum direction d)
{
	struct io_counts *io = &current_thread()->io;
	u64 n = moved > 0 ? (u64)moved : 0;

	if (d == READ_IT) {
		WRITE_ONCE(io->reads, io->reads + 1);
		WRITE_ONCE(io->read_bytes, io->read_bytes + n);
	} else {
		WRITE_ONCE(io->writes, io->writes + 1);
		WRITE_ONCE(io->written_bytes, io->written_bytes + n);
	}
	return moved;
}

static ssize_t move(struct file *f, struct iobuf *b, const s64 *offset, enum direction d)
{
	if (!offset)
		return rw_move_here(f, b, d);
	u64 pos = *offset;
	return move_at(f, b, &pos, d);
}

/* The file with a reference, if such a call can be made of it at all. */
static int get_file(u32 fd, const s64 *offset, enum direction d, struct file **out)
{
	struct file *f = arg_file(fd);
	int err = 0;

	if (!f)
		return -EBADF;
	if (offset && (!file_may_seek(f) || (d == WRITE_IT && f->ops->no_pwrite)))
		err = -ESPIPE;
	else if (!(d == READ_IT ? file_readable(f) : file_writable(f)))
		err = -EBADF;
	else if (!(d == READ_IT ? f->ops->read : f->ops->write))
		err = -EINVAL;
	if (err)
		file_put(f);
	else
		*out = f;
	return err;
}

/* One range; offset is NULL for the file's own position. */
static s64 move_range(u32 fd, uaddr_t buffer, size_t n, const s64 *offset, enum direction d)
{
	struct file *f;
	struct iobuf b;

	if (offset && *offset < 0)
		return -EINVAL;
	int err = get_file(fd, offset, d, &f);
	if (err)
		return err;
	iobuf_init_user(&b, buffer, MIN(n, RW_MAX));
	ssize_t moved = -EFAULT;
	if (user_range_ok(buffer, n))
		moved = rw_count(move(f, &b, offset, d), d);
	file_put(f);
	return moved;
}

/* What preadv2 and pwritev2 may ask of a file. Nothing here is cached or delayed, so only NOWAIT
 * can't always be had. */
static bool flags_ok(const struct file *f, u32 flags, enum direction d)
{
	u32 known = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND;

	if (d == WRITE_IT && f->ops->plain_write)
		return !(flags & ~(u32)RWF_HIPRI);
	return !(flags & ~(known | (file_has_position(f) ? RWF_NOWAIT : 0)));
}

/* Each range as a write of its own, up to one that takes less. */
static ssize_t write_each(struct file *f, const struct vector_arg *v, s64 *offset)
{
	ssize_t done = 0, moved = 0;
	struct iobuf b;

	for (u32 i = 0; i < v->count; i++) {
		const struct iobuf_segment *s = &v->segments[i];
		iobuf_init_user(&b, s->base, s->length);
		moved = move(f, &b, offset, WRITE_IT);
		if (moved < 0)
			break;
		done += moved;
		if (offset)
			*offset += moved;
		if ((size_t)moved != s->length)
			break;
	}
	return done ? done : moved;
}

static ssize_t move_ranges(
	struct file *f, const struct vector_arg *v, const s64 *offset, u32 flags, enum direction d)
{
	struct iobuf b;

	iobuf_init_segments(&b, v->segments, v->count);
	if (b.left == 0)
		return 0;
	if (!flags_ok(f, flags, d))
		return -EOPNOTSUPP;
	if (d == WRITE_IT && f->ops->plain_write) {
		s64 at = offset ? *offset : 0;
		return write_each(f, v, offset ? &at : NULL);
	}
	b.append = flags & RWF_APPEND;
	return move(f, &b, offset, d);
}

/* Several ranges. */
static s64 move_vector_uncounted(
	u32 fd, uaddr_t array, u64 count, const s64 *offset, u32 flags, enum direction d)
{
	struct vector_arg v;
	struct file *f;

	int err = get_file(fd, offset, d, &f);
	if (err)
		return err;
	ssize_t moved = vector_get(array, count, &v);
	if (!moved) {
		moved = move_ranges(f, &v, offset, flags, d);
		vector_put(&v);
	}
	file_put(f);
	return moved;
}

static s64 move_vector(
	u32 fd, uaddr_t array, u64 count, const s64 *offset, u32 flags, enum direction d)
{
	if (offset && *offset < 0)
		return -EINVAL;
	return rw_count(move_vector_uncounted(fd, array, count, offset, flags, d), d);
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
