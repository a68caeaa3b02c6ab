/*
 * The terminal as a file: what programs read from and write to. A file that was opened before a hangup is dead: reads are at the end,
 * writes and questions fail (tty_file_is_dead()). The file's private2 is the generation it was opened in.
 */
#include <asm/fcntl.h>
#include <asm/poll.h>
#include <asm/signal.h>
#include <asm/stat.h>
#include <linux/stat.h>

#include "arch/clock.h"
#include "dev/tty.h"
#include "fs/fs.h"
#include "lib/errno.h"

/* VTIME counts in these. */
#define TENTH_NS (NS_PER_SEC / 10)

static bool must_not_wait(const struct file *f)
{
	return atomic32_load_relaxed(&f->flags) & O_NONBLOCK;
}

bool tty_file_is_dead(const struct file *f)
{
	const struct tty *t = f->private;

	return READ_ONCE(t->generation) != (u32)(u64)f->private2;
}

/* How many bytes a read wants, and how long it waits for the first. */
static u32 wanted(const struct tty *t, u64 *deadline)
{
	u32 least = t->settings.c_cc[VMIN], tenths = t->settings.c_cc[VTIME];

	*deadline = WAIT_FOREVER;
	if (tty_is_canonical(t))
		return 1;
	if (!least)
		*deadline = clock_now_ns() + tenths * TENTH_NS;
	return MAX(least, 1U);
}

/* Some bytes: how many, -EFAULT; *end as tty_take_locked(). */
static ssize_t take(struct tty *t, struct iobuf *to, bool *end)
{
	char piece[TTY_PIECE];

	spin_lock(&t->lock);
	u32 n = tty_take_locked(t, piece, (u32)MIN(to->left, sizeof(piece)), end);
	spin_unlock(&t->lock);
	if (!n)
		return 0;
	waitq_wake_events(&t->typable, POLLOUT | POLLWRNORM);
	return iobuf_put(to, piece, n);
}

static bool has_some(const struct tty *t)
{
	return READ_ONCE(t->complete) != READ_ONCE(t->read);
}

static int wait_typed(struct file *f, u64 deadline)
{
	struct tty *t = f->private;

	if (must_not_wait(f))
		return -EAGAIN;
	return wait_event(&t->readable, has_some(t) || tty_file_is_dead(f),
		THREAD_SLEEPING_INTERRUPTIBLE, deadline);
}

static ssize_t read_some(struct file *f, struct iobuf *to)
{
	struct tty *t = f->private;
	bool lines = tty_is_canonical(t), end = false;
	ssize_t done = 0, moved;
	u64 deadline;
	u32 least = wanted(t, &deadline);
	int err = 0;

	while (to->left > 0 && !err) {
		moved = take(t, to, &end);
		if (moved < 0)
			return done ? done : moved;
		done += moved;
		if (end || (!moved && done && (lines || done >= least)))
			break;
		if (moved && !lines && t->settings.c_cc[VMIN] && t->settings.c_cc[VTIME])
			deadline = clock_now_ns() + t->settings.c_cc[VTIME] * TENTH_NS;
		if (moved)
			continue;
		if (tty_file_is_dead(f))
			break;
		err = wait_typed(f, deadline);
	}
	if (err == -ETIME)
		err = 0;
	return done ? done : err;
}

static ssize_t tty_read(struct file *f, struct iobuf *to, u64 *pos)
{
	if (tty_file_is_dead(f))
		return 0;
	int err = tty_check_foreground(f->private, SIGTTIN);
	return err ? err : read_some(f, to);
}

/* Shows what there is room for: how many bytes. */
static u32 show(struct tty *t, const char *bytes, u32 n)
{
	u32 done = 0;

	spin_lock(&t->lock);
	while (done < n && !t->stopped && tty_show_locked(t, bytes[done]))
		done++;
	spin_unlock(&t->lock);
	if (done)
		waitq_wake_events(&t->shown, POLLIN | POLLRDNORM);
	return done;
}

static int wait_room(struct file *f)
{
	struct tty *t = f->private;

	if (tty_file_is_dead(f))
		return -EIO;
	if (tty_has_room(t))
		return 0;
	if (must_not_wait(f))
		return -EAGAIN;
	return wait_event(&t->writable, tty_has_room(t) || tty_file_is_dead(f),
		THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
}

static ssize_t write_piece(struct file *f, const char *bytes, u32 n)
{
	u32 done = 0;
	int err = 0;

	while (done < n && !err) {
		err = wait_room(f);
		if (!err)
			done += show(f->private, bytes + done, n - done);
	}
	return done ? (ssize_t)done : err;
}

static ssize_t tty_write(struct file *f, struct iobuf *from, u64 *pos)
{
	struct tty *t = f->private;
	char piece[TTY_PIECE];
	ssize_t done = 0, moved = 0;
	int err = 0;

	if (tty_file_is_dead(f))
		return -EIO;
	if (READ_ONCE(t->settings.c_lflag) & TOSTOP)
		err = tty_check_foreground(t, SIGTTOU);
	if (err)
		return err;
	while (from->left > 0) {
		ssize_t n = iobuf_take(from, piece, MIN(from->left, sizeof(piece)));
		moved = n > 0 ? write_piece(f, piece, (u32)n) : n;
		if (moved > 0)
			done += moved;
		if (moved < 0 || moved < n)
			break;
	}
	return done ? done : moved;
}

static u32 tty_poll(struct file *f)
{
	const struct tty *t = f->private;

	if (tty_file_is_dead(f))
		return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;
	return (tty_input_ready(t) ? POLLIN | POLLRDNORM : 0) |
	       (tty_has_room(t) ? POLLOUT | POLLWRNORM : 0);
}

static struct waitq *tty_poll_queue(struct file *f, u32 n)
{
	struct tty *t = f->private;

	return n == 0 ? &t->readable : n == 1 ? &t->writable : NULL;
}

static int tty_file_ioctl(struct file *f, u32 command, u64 argument)
{
	if (tty_file_is_dead(f))
		return command == TIOCSPGRP ? -ENOTTY : -EIO;
	return (int)tty_ioctl(f->private, false, command, argument);
}

static s64 tty_seek(struct file *f, s64 offset, int whence)
{
	return -ESPIPE;
}

static void tty_release(struct file *f)
{
	struct tty *t = f->private;

	spin_lock(&t->lock);
	WRITE_ONCE(t->slaves, t->slaves - 1);
	spin_unlock(&t->lock);
	waitq_wake_events(&t->shown, 0);
	tty_put(t);
}

static const struct file_ops tty_ops = {
	.read = tty_read,
	.write = tty_write,
	.seek = tty_seek,
	.stream = true,
	.stat = fs_file_stat,
	.ioctl = tty_file_ioctl,
	.poll = tty_poll,
	.poll_queue = tty_poll_queue,
	.release = tty_release,
};

int tty_open(struct tty *t, u32 flags, struct file **out)
{
	int err = READ_ONCE(t->locked) || !READ_ONCE(t->master) ? -EIO : 0;

	if (!err) {
		*out = file_create(&tty_ops, flags & (O_ACCMODE | O_NONBLOCK | O_APPEND), t);
		err = *out ? 0 : -ENOMEM;
	}
	if (err)
		return err;
	tty_get(t);
	spin_lock(&t->lock);
	(*out)->private2 = (void *)(u64)t->generation;
	WRITE_ONCE(t->slaves, t->slaves + 1);
	WRITE_ONCE(t->had_slave, true);
	spin_unlock(&t->lock);
	if (!(flags & O_NOCTTY))
		tty_offer(t);
	return 0;
}
