/*
 * The master of a pseudo terminal: what is written to it was typed, what is read from it is to be shown. Each opening of /dev/ptmx makes a
 * terminal; its name is in /dev/pts (fs/pts.c) as long as the master is open. When the master is closed the terminal is hung up.
 */
#include "dev/pty.h"

#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <linux/major.h>

#include "arch/ucopy.h"
#include "dev/tty.h"
#include "fs/fs.h"
#include "fs/pts.h"
#include "lib/errno.h"
#include "proc/group.h"
#include "proc/process.h"

#define PTMX_MINOR 2

static bool must_not_wait(const struct file *f)
{
	return atomic32_load_relaxed(&f->flags) & O_NONBLOCK;
}

/* Whoever had the terminal open is gone; before the first one comes nothing is over yet. */
static bool is_over(const struct tty *t)
{
	return READ_ONCE(t->had_slave) && READ_ONCE(t->slaves) == 0;
}

static bool has_output(const struct tty *t)
{
	return READ_ONCE(t->written) != READ_ONCE(t->shown_count) && !READ_ONCE(t->stopped);
}

static bool has_status(const struct tty *t)
{
	return READ_ONCE(t->packet) && READ_ONCE(t->packet_status);
}

static u8 take_status(struct tty *t)
{
	spin_lock(&t->lock);
	u8 status = t->packet ? t->packet_status : 0;
	WRITE_ONCE(t->packet_status, 0);
	spin_unlock(&t->lock);
	return status;
}

/* In packet mode each read gets a byte that says what has changed, and nothing else; or 0, and output after it. */
static u32 take_packet(struct tty *t, char *to, u32 n)
{
	u8 status = take_status(t);

	to[0] = (char)status;
	if (status || (n == 1 && has_output(t)))
		return 1;
	u32 got = n > 1 ? tty_take_output(t, to + 1, n - 1) : 0;
	return got ? got + 1 : 0;
}

static ssize_t master_read(struct file *f, struct iobuf *to, u64 *pos)
{
	struct tty *t = f->private;
	char piece[TTY_PIECE];
	ssize_t done = 0;

	while (!done && to->left > 0) {
		u32 room = (u32)MIN(to->left, sizeof(piece));
		u32 n = READ_ONCE(t->packet) ? take_packet(t, piece, room)
					     : tty_take_output(t, piece, room);
		if (n)
			return iobuf_put(to, piece, n);
		if (is_over(t))
			return -EIO;
		if (must_not_wait(f))
			return -EAGAIN;
		int err = wait_event(&t->shown, has_output(t) || has_status(t) || is_over(t),
			THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
		if (err)
			return err;
	}
	return done;
}

static ssize_t type_piece(struct file *f, const char *bytes, u32 n)
{
	struct tty *t = f->private;
	u32 done = 0;
	int err = 0;

	while (done < n && !err) {
		u32 step = tty_type(t, bytes + done, n - done);
		done += step;
		if (!step)
			err = must_not_wait(f)
				      ? -EAGAIN
				      : wait_event(&t->typable, tty_can_type(t),
						THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
	}
	return done ? (ssize_t)done : err;
}

static ssize_t master_write(struct file *f, struct iobuf *from, u64 *pos)
{
	char piece[TTY_PIECE];
	ssize_t done = 0, moved = 0;

	if (is_over(f->private))
		return -EIO;
	while (from->left > 0) {
		ssize_t n = iobuf_take(from, piece, MIN(from->left, sizeof(piece)));
		moved = n > 0 ? type_piece(f, piece, (u32)n) : n;
		if (moved > 0)
			done += moved;
		if (moved < 0 || moved < n)
			break;
	}
	return done ? done : moved;
}

static u32 master_poll(struct file *f)
{
	const struct tty *t = f->private;

	return (has_output(t) ? POLLIN | POLLRDNORM : 0) |
	       (has_status(t) ? POLLPRI | POLLIN | POLLRDNORM : 0) |
	       (tty_can_type(t) ? POLLOUT | POLLWRNORM : 0) | (is_over(t) ? POLLHUP : 0);
}

static struct waitq *master_poll_queue(struct file *f, u32 n)
{
	struct tty *t = f->private;

	return n == 0 ? &t->shown : n == 1 ? &t->typable : NULL;
}

/* The terminal of a master, as one more descriptor: without a path that somebody may have changed. */
static int open_peer(struct tty *t, u32 flags)
{
	struct file *f;

	int err = fs_open("/", pts_path(t->number).text, flags & ~(u32)O_CLOEXEC, 0, &f);
	if (err)
		return err;
	int fd = files_install(current_process()->files, f, 0, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

static int set_locked(struct tty *t, uaddr_t from)
{
	u32 on;

	if (get_user_u32(&on, from))
		return -EFAULT;
	WRITE_ONCE(t->locked, on != 0);
	return 0;
}

/* What has changed before is nobody's. */
static int set_packet(struct tty *t, uaddr_t from)
{
	u32 on;

	if (get_user_u32(&on, from))
		return -EFAULT;
	spin_lock(&t->lock);
	if (on && !t->packet)
		WRITE_ONCE(t->packet_status, 0);
	WRITE_ONCE(t->packet, on != 0);
	spin_unlock(&t->lock);
	return 0;
}

static int send_signal(struct tty *t, u64 signal)
{
	if (signal < 1 || signal > 64)
		return -EINVAL;
	u32 group = READ_ONCE(t->group);
	if (group)
		group_signal(group, (u32)signal);
	return 0;
}

static int master_ioctl(struct file *f, u32 command, u64 argument)
{
	struct tty *t = f->private;

	switch (command) {
	case TIOCGPTN:
		return put_user_u32(argument, t->number);
	case TIOCSPTLCK:
		return set_locked(t, argument);
	case TIOCGPTLCK:
		return put_user_u32(argument, READ_ONCE(t->locked));
	case TIOCPKT:
		return set_packet(t, argument);
	case TIOCGPKT:
		return put_user_u32(argument, READ_ONCE(t->packet));
	case TIOCGPTPEER:
		return open_peer(t, (u32)argument);
	case TIOCSIG:
		return send_signal(t, argument);
	case FIONREAD:
		return put_user_u32(argument, READ_ONCE(t->written) - READ_ONCE(t->shown_count));
	default:
		return (int)tty_ioctl(t, true, command, argument);
	}
}

static s64 master_seek(struct file *f, s64 offset, int whence)
{
	return -ESPIPE;
}

static void master_release(struct file *f)
{
	struct tty *t = f->private;

	WRITE_ONCE(t->master, false);
	tty_hang_up(t);
	tty_put(t);
}

static const struct file_ops master_ops = {
	.read = master_read,
	.write = master_write,
	.seek = master_seek,
	.stream = true,
	.stat = fs_file_stat,
	.ioctl = master_ioctl,
	.poll = master_poll,
	.poll_queue = master_poll_queue,
	.release = master_release,
};

static int open_master(u32 minor, u32 flags, struct file **out)
{
	struct tty *t;

	int err = tty_create(&t);
	if (err)
		return err;
	t->locked = true;
	*out = file_create(
		&master_ops, (flags & (O_ACCMODE | O_NONBLOCK | O_APPEND)) | O_LARGEFILE, t);
	if (!*out)
		tty_put(t);
	return *out ? 0 : -ENOMEM;
}

static int open_slave(u32 minor, u32 flags, struct file **out)
{
	struct tty *t = tty_find(minor);

	if (!t)
		return -ENXIO;
	int err = tty_open(t, flags, out);
	tty_put(t);
	return err;
}

INIT_TEXT int pty_init(void)
{
	pts_set_next(tty_next);
	int err = fs_register_devices(TTYAUX_MAJOR, PTMX_MINOR, PTMX_MINOR, open_master);
	return err ? err : fs_register_devices(UNIX98_PTY_SLAVE_MAJOR, 0, TTYS_MAX - 1, open_slave);
}
