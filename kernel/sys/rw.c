/*
 * Moving bytes between a file and the program: read and write in all their forms.
 *
 * A call without an offset of its own uses the file's position and holds pos_lock meanwhile, so
 * that two threads that read one file get different parts of it. Files that can't seek have no
 * position and are not locked: a read of a terminal may last for ever.
 */
#include <asm/fcntl.h>
#include <linux/fs.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/file.h"
#include "sys/args.h"
#include "sys/rw.h"
#include "sys/sys.h"

static ssize_t move_at(struct file *f, struct iobuf *b, u64 *pos, enum direction d)
{
	if (d == READ_IT)
		return f->ops->read ? f->ops->read(f, b, pos) : -EINVAL;
	return f->ops->write ? f->ops->write(f, b, pos) : -EINVAL;
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
		moved = rw_count(move_at(f, &b, &pos, d), d);
	} else {
		moved = rw_count(rw_move_here(f, &b, d), d);
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
		return rw_move_here(f, b, d);
	u64 pos = *offset;
	return move_at(f, b, &pos, d);
}

/* Several ranges. */
static s64 move_vector_uncounted(
	u32 fd, uaddr_t array, u64 count, const s64 *offset, u32 flags, enum direction d)
{
	struct vector_arg v;
	struct iobuf b;
	struct file *f;

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
