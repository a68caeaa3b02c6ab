/*
 * Open files and the buffers that their operations fill and empty.
 *
 * A struct file lives from file_create() to the last file_put(), which calls the release operation;
 * that may sleep, so the last reference is never dropped under a spinlock. flags changes by
 * fcntl(F_SETFL) while others read it: one atomic word.
 *
 * An iobuf walks its segments as bytes move. A fault ends the movement at the page where it
 * happened: what was moved before counts, as Linux's read(2) and write(2) report a partial
 * transfer.
 */
#include "proc/file.h"

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/break.h"

static const struct place_ops *place_ops RO_AFTER_INIT;

void file_set_place_ops(const struct place_ops *ops)
{
	place_ops = ops;
}

void place_get(struct dentry *d)
{
	place_ops->get(d);
}

void place_put(struct dentry *d)
{
	place_ops->put(d);
}

struct file *file_alloc(void)
{
	return kzalloc(sizeof(struct file));
}

void file_discard(struct file *f)
{
	kfree(f);
}

static void (*unwatch)(struct file *f) RO_AFTER_INIT;

void file_set_unwatch(void (*fn)(struct file *f))
{
	unwatch = fn;
}

static const struct file_lock_ops *lock_ops RO_AFTER_INIT;

void file_set_lock_ops(const struct file_lock_ops *ops)
{
	lock_ops = ops;
}

void file_descriptor_closed(struct files *t, struct file *f)
{
	lock_ops->descriptor_closed(t, f);
}

struct file *file_create(const struct file_ops *ops, u32 flags, void *private)
{
	struct file *f = file_alloc();

	if (f)
		file_fill(f, ops, flags, private);
	return f;
}

void file_fill(struct file *f, const struct file_ops *ops, u32 flags, void *private)
{
	f->ops = ops;
	f->private = private;
	refcount_init(&f->refs);
	atomic32_store_relaxed(&f->flags, flags);
	mutex_init(&f->pos_lock, RANK_FILE);
	list_init(&f->watches);
}

void file_get(struct file *f)
{
	refcount_get(&f->refs);
}

void file_put(struct file *f)
{
	if (!refcount_put(&f->refs))
		return;
	/* Whoever set it had a reference, so it is seen here. */
	if (f->watched)
		unwatch(f);
	if (f->locked)
		lock_ops->file_released(f);
	if (f->ops->release)
		f->ops->release(f);
	if (f->place)
		place_put(f->place);
	kfree(f);
}

ssize_t file_read_kernel(struct file *f, void *to, size_t n, u64 offset)
{
	size_t done = 0;

	if (!f->ops->read)
		return -EINVAL;
	while (done < n) {
		struct iobuf b;
		iobuf_init_kernel(&b, (char *)to + done, n - done);
		ssize_t moved = f->ops->read(f, &b, &offset);
		if (moved < 0)
			return moved;
		if (moved == 0)
			break;
		done += moved;
	}
	return done;
}

void iobuf_init_user(struct iobuf *b, uaddr_t base, size_t length)
{
	*b = (struct iobuf){.count = 1, .left = length, .single = {.base = base, .length = length}};
	b->segments = &b->single;
}

void iobuf_init_kernel(struct iobuf *b, void *base, size_t length)
{
	*b = (struct iobuf){.left = length, .kernel = base};
}

void iobuf_init_segments(struct iobuf *b, const struct iobuf_segment *segments, u32 count)
{
	*b = (struct iobuf){.segments = segments, .count = count};
	for (u32 i = 0; i < count; i++)
		b->left += segments[i].length;
}

/* The longest contiguous user range at the current place, at most n bytes. n is not 0 and not more
 * than left. */
static size_t iobuf_contiguous(struct iobuf *b, size_t n, uaddr_t *at)
{
	while (b->offset == b->segments[b->index].length) {
		b->index++;
		b->offset = 0;
	}
	const struct iobuf_segment *s = &b->segments[b->index];
	*at = s->base + b->offset;
	return MIN(n, s->length - b->offset);
}

static void iobuf_advance(struct iobuf *b, size_t n)
{
	b->left -= n;
	b->offset += n;
}

static ssize_t iobuf_move_kernel(struct iobuf *b, char *data, size_t n, bool out)
{
	char *place = b->kernel + b->offset;

	if (out)
		memcpy(place, data, n);
	else
		memcpy(data, place, n);
	iobuf_advance(b, n);
	return n;
}

static ssize_t iobuf_move(struct iobuf *b, char *data, size_t n, bool out)
{
	size_t done = 0;

	/* Whatever moves much does it in many pieces. */
	sched_break();
	n = MIN(n, b->left);
	if (!b->segments)
		return iobuf_move_kernel(b, data, n, out);
	while (done < n) {
		uaddr_t at;
		size_t step = iobuf_contiguous(b, n - done, &at);
		size_t moved = out ? copy_to_user_partial(at, data + done, step)
				   : copy_from_user_partial(data + done, at, step);
		iobuf_advance(b, moved);
		done += moved;
		if (moved < step)
			return done ? (ssize_t)done : -EFAULT;
	}
	return done;
}

ssize_t iobuf_put(struct iobuf *b, const void *from, size_t n)
{
	/* Only read from when moving out. */
	return iobuf_move(b, (char *)from, n, true);
}

ssize_t iobuf_take(struct iobuf *b, void *to, size_t n)
{
	return iobuf_move(b, to, n, false);
}
