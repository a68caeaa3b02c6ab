/*
 * The ends of a pipe as open files: reading, writing, polling, and opening a FIFO.
 *
 * Waiting: a reader waits on `readable` for "not empty, or no writer", a writer on `writable` for
 * "not full, or no reader". Whoever makes one of these true stores the word (head, tail, readers,
 * writers) under the pipe's lock and then wakes the queue; the sleeper joins the queue and then
 * loads the word (sched/wait.h), so no wakeup is lost. The condition is looked at without the lock
 * and is only a hint: after the wait everything is looked at again under the lock. All waiters are
 * woken, because one that was woken may leave without taking anything (a signal, a fault).
 *
 * A write that must wait wakes readers first: what it has put in so far is what they wait for.
 */
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/stat.h>
#include <linux/stat.h>

#include "arch/ucopy.h"
#include "ipc/pipe.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/nstime.h"
#include "lib/string.h"
#include "proc/broken_pipe.h"
#include "proc/process.h"

/* What stat(2) says pipes live on: no device of a file system has the number. */
#define PIPE_DEVICE 0x0dUL

static bool reads(const struct file *f)
{
	return (atomic32_load_relaxed(&f->flags) & O_ACCMODE) != O_WRONLY;
}

static bool writes(const struct file *f)
{
	return (atomic32_load_relaxed(&f->flags) & O_ACCMODE) != O_RDONLY;
}

/* fcntl() may change these at any time; either answer is right then. */
static bool has_flag(const struct file *f, u32 flag)
{
	return atomic32_load_relaxed(&f->flags) & flag;
}

/* The lock is let go for the wait, here and below. */
static int wait_readable(struct pipe *p) REQUIRES(&p->lock)
{
	mutex_unlock(&p->lock);
	int err = wait_event(&p->readable, !pipe_is_empty(p) || READ_ONCE(p->writers) == 0,
		THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
	mutex_lock(&p->lock);
	return err;
}

static int wait_writable(struct pipe *p) REQUIRES(&p->lock)
{
	mutex_unlock(&p->lock);
	waitq_wake_all(&p->readable);
	int err = wait_event(&p->writable, !pipe_is_full(p) || READ_ONCE(p->readers) == 0,
		THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
	mutex_lock(&p->lock);
	return err;
}

static ssize_t read_locked(struct file *f, struct pipe *p, struct iobuf *to) REQUIRES(&p->lock)
{
	ssize_t done = 0;
	int err;

	while (pipe_is_empty(p)) {
		if (p->writers == 0)
			return 0;
		if (has_flag(f, O_NONBLOCK))
			return -EAGAIN;
		err = wait_readable(p);
		if (err)
			return err;
	}
	err = pipe_drain(p, to, &done);
	return done ? done : err;
}

static ssize_t pipe_read(struct file *f, struct iobuf *to, u64 *pos)
{
	struct pipe *p = f->private;

	if (to->left == 0)
		return 0;
	mutex_lock(&p->lock);
	ssize_t done = read_locked(f, p, to);
	mutex_unlock(&p->lock);
	if (done > 0)
		waitq_wake_all(&p->writable);
	return done;
}

/* Room for at least one slot, or the reason why there will be none. */
static int await_room(struct file *f, struct pipe *p) REQUIRES(&p->lock)
{
	int err = 0;

	while (!err) {
		if (p->readers == 0)
			return signal_broken_pipe();
		if (!pipe_is_full(p))
			return 0;
		err = has_flag(f, O_NONBLOCK) ? -EAGAIN : wait_writable(p);
	}
	return err;
}

static ssize_t write_locked(struct file *f, struct pipe *p, struct iobuf *from) REQUIRES(&p->lock)
{
	bool packet = has_flag(f, O_DIRECT);
	ssize_t done = 0;

	if (p->readers == 0)
		return signal_broken_pipe();
	/* Before waiting for a free slot: what fits behind the last one's bytes needs none. */
	int err = pipe_fill(p, from, true, packet, &done);
	while (!err && from->left > 0) {
		err = await_room(f, p);
		if (!err)
			err = pipe_fill(p, from, false, packet, &done);
	}
	return done ? done : err;
}

static ssize_t pipe_write(struct file *f, struct iobuf *from, u64 *pos)
{
	struct pipe *p = f->private;

	if (from->left == 0)
		return 0;
	mutex_lock(&p->lock);
	ssize_t done = write_locked(f, p, from);
	mutex_unlock(&p->lock);
	if (done > 0)
		waitq_wake_all(&p->readable);
	return done;
}

/* Reads the words without the lock: the caller has joined the queues before, and every change is
 * followed by a wake. */
static u32 pipe_poll(struct file *f)
{
	struct pipe *p = f->private;
	u32 events = 0;

	if (reads(f)) {
		if (!pipe_is_empty(p))
			events |= POLLIN | POLLRDNORM;
		/* A FIFO that was opened before any writer came has not been hung up. */
		bool had_writer = READ_ONCE(p->writer_opens) != (u32)(u64)f->private2;
		if (READ_ONCE(p->writers) == 0 && had_writer)
			events |= POLLHUP;
	}
	if (writes(f)) {
		if (!pipe_is_full(p))
			events |= POLLOUT | POLLWRNORM;
		if (READ_ONCE(p->readers) == 0)
			events |= POLLERR;
	}
	return events;
}

static struct waitq *pipe_poll_queue(struct file *f, u32 n)
{
	struct pipe *p = f->private;

	if (reads(f) && n-- == 0)
		return &p->readable;
	return writes(f) && n == 0 ? &p->writable : NULL;
}

static int pipe_ioctl(struct file *f, u32 command, u64 argument)
{
	struct pipe *p = f->private;

	if (command != FIONREAD)
		return -ENOTTY;
	mutex_lock(&p->lock);
	u64 bytes = pipe_bytes_locked(p);
	mutex_unlock(&p->lock);
	return put_user_u32(argument, (u32)bytes);
}

static void split(s64 time, unsigned long *seconds, unsigned long *ns)
{
	*seconds = (unsigned long)nstime_seconds(time);
	*ns = nstime_nanoseconds(time);
}

static int pipe_stat(struct file *f, struct stat *out)
{
	const struct pipe *p = f->private;
	const struct file_attributes *a = &p->attributes;

	memset(out, 0, sizeof(*out));
	out->st_dev = PIPE_DEVICE;
	out->st_ino = p->ino;
	out->st_nlink = 1;
	out->st_mode = S_IFIFO | READ_ONCE(a->mode);
	out->st_uid = READ_ONCE(a->uid);
	out->st_gid = READ_ONCE(a->gid);
	out->st_blksize = PAGE_SIZE;
	split(READ_ONCE(a->atime), &out->st_atime, &out->st_atime_nsec);
	split(READ_ONCE(a->mtime), &out->st_mtime, &out->st_mtime_nsec);
	split(READ_ONCE(a->ctime), &out->st_ctime, &out->st_ctime_nsec);
	return 0;
}

static void pipe_set_stat(
	struct file *f, enum file_attribute what, const struct file_attributes *to)
{
	struct pipe *p = f->private;
	struct file_attributes *a = &p->attributes;

	mutex_lock(&p->lock);
	if (what != FILE_TIMES)
		WRITE_ONCE(a->mode, to->mode);
	if (what == FILE_OWNER) {
		WRITE_ONCE(a->uid, to->uid);
		WRITE_ONCE(a->gid, to->gid);
	}
	if (what == FILE_TIMES) {
		WRITE_ONCE(a->atime, to->atime);
		WRITE_ONCE(a->mtime, to->mtime);
	}
	WRITE_ONCE(a->ctime, to->ctime);
	mutex_unlock(&p->lock);
}

/* One end is closed; what nobody can read any more goes. */
static void pipe_leave(struct pipe *p, bool reader, bool writer)
{
	mutex_lock(&p->lock);
	WRITE_ONCE(p->readers, p->readers - reader);
	WRITE_ONCE(p->writers, p->writers - writer);
	if (p->readers == 0 && p->writers == 0)
		pipe_discard_locked(p);
	mutex_unlock(&p->lock);
	waitq_wake_all(&p->readable);
	waitq_wake_all(&p->writable);
}

static void pipe_release(struct file *f)
{
	struct pipe *p = f->private;

	pipe_leave(p, reads(f), writes(f));
	pipe_put(p);
}

static const struct file_ops pipe_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.stat = pipe_stat,
	.set_stat = pipe_set_stat,
	.ioctl = pipe_ioctl,
	.poll = pipe_poll,
	.poll_queue = pipe_poll_queue,
	.release = pipe_release,
};

struct pipe *pipe_of(const struct file *f)
{
	return f->ops == &pipe_ops ? f->private : NULL;
}

/* What an end met when it was counted, in one hold of the lock. */
struct meeting {
	bool reader, writer;		/* there are some, itself included */
	u32 reader_opens, writer_opens; /* so far */
};

/* Counts one more reader, writer or both. -ENXIO: needs_reader, and there is none. */
static int pipe_join(
	struct pipe *p, bool reader, bool writer, bool needs_reader, struct meeting *out)
{
	mutex_lock(&p->lock);
	int err = needs_reader && p->readers == 0 ? -ENXIO : 0;
	if (!err) {
		WRITE_ONCE(p->readers, p->readers + reader);
		WRITE_ONCE(p->writers, p->writers + writer);
		WRITE_ONCE(p->reader_opens, p->reader_opens + reader);
		WRITE_ONCE(p->writer_opens, p->writer_opens + writer);
	}
	*out = (struct meeting){p->readers > 0, p->writers > 0, p->reader_opens, p->writer_opens};
	mutex_unlock(&p->lock);
	waitq_wake_all(&p->readable);
	waitq_wake_all(&p->writable);
	return err;
}

/* An open file of the pipe that is already counted among its readers or writers. */
static struct file *end_create(struct pipe *p, u32 flags)
{
	struct file *f = file_create(&pipe_ops, flags, p);

	if (f)
		pipe_get(p);
	return f;
}

int pipe_open_pair(u32 flags, struct file **read_end, struct file **write_end)
{
	struct meeting met;
	struct pipe *p = pipe_create();
	if (!p)
		return -ENOMEM;
	int err = pipe_join(p, true, true, false, &met);
	CHECK(err == 0);
	*read_end = end_create(p, O_RDONLY | (flags & ~(u32)O_DIRECT));
	*write_end = *read_end ? end_create(p, O_WRONLY | flags) : NULL;
	/* Now the files alone keep it. */
	pipe_put(p);
	if (*write_end)
		return 0;
	if (*read_end)
		file_put(*read_end);
	return -ENOMEM;
}

/*
 * The first end of a FIFO waits for the other: for a new opening, not for an end that is open, so that one that came and went meanwhile
 * has been met, too. Whether there is another is what this end met when it was counted. One that waited for it is woken by that, and may have
 * written, closed and gone since: who looked only now would wait for one more. One that comes later counts after `met`, and wakes.
 */
static int await_other_end(struct pipe *p, struct file *f, const struct meeting *met)
{
	if (!met->writer) {
		if (!has_flag(f, O_NONBLOCK))
			return wait_event(&p->readable,
				READ_ONCE(p->writer_opens) != met->writer_opens,
				THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
		/* Nobody has hung up on this end yet: pipe_poll(). */
		f->private2 = (void *)(u64)met->writer_opens;
	}
	if (!met->reader)
		return wait_event(&p->writable, READ_ONCE(p->reader_opens) != met->reader_opens,
			THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
	return 0;
}

int pipe_open_fifo(struct pipe *p, u32 flags, struct file **out)
{
	bool reader = (flags & O_ACCMODE) != O_WRONLY, writer = (flags & O_ACCMODE) != O_RDONLY;
	struct meeting met;

	/* Neither: Linux's way to open a device for ioctl(2) alone. */
	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	int err = pipe_join(p, reader, writer, !reader && (flags & O_NONBLOCK), &met);
	if (err)
		return err;
	*out = end_create(p, flags);
	if (!*out) {
		pipe_leave(p, reader, writer);
		return -ENOMEM;
	}
	err = await_other_end(p, *out, &met);
	if (err)
		file_put(*out);
	return err;
}
