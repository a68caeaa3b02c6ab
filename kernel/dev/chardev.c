/*
 * /dev/null, zero, full, random, urandom: mem(4), null(4), full(4), random(4).
 *
 * None has state of its own or ever waits, so there are no locks here; poll says "ready" always.
 */
#include "dev/chardev.h"

#include <asm/poll.h>

#include "fs/fs.h"
#include "lib/errno.h"
#include "proc/file.h"
#include "proc/random.h"
#include "proc/signal.h"

/* The numbers are those of Linux's devices.txt. */
#define MEM_MAJOR 1
#define MEM_NULL 3
#define MEM_ZERO 5
#define MEM_FULL 7
#define MEM_RANDOM 8
#define MEM_URANDOM 9

#define RANDOM_PIECE 512

/* Only ever read. */
static const char zeros[1024];

static ssize_t null_read(struct file *f, struct iobuf *to, u64 *pos)
{
	return 0;
}

static ssize_t null_write(struct file *f, struct iobuf *from, u64 *pos)
{
	ssize_t n = (ssize_t)from->left;

	from->left = 0;
	return n;
}

static s64 null_seek(struct file *f, s64 offset, int whence)
{
	return 0;
}

static u32 always_ready(struct file *f)
{
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

static ssize_t zero_read(struct file *f, struct iobuf *to, u64 *pos)
{
	ssize_t n = 0, done = 0;
	size_t wanted = 0;

	while (to->left > 0 && n == (ssize_t)wanted && signal_lets_read(done)) {
		wanted = MIN(to->left, sizeof(zeros));
		n = iobuf_put(to, zeros, wanted);
		if (n > 0)
			done += n;
	}
	return done ? done : n;
}

static ssize_t full_write(struct file *f, struct iobuf *from, u64 *pos)
{
	return -ENOSPC;
}

static ssize_t random_read(struct file *f, struct iobuf *to, u64 *pos)
{
	return random_read_into(to);
}

static ssize_t random_write(struct file *f, struct iobuf *from, u64 *pos)
{
	char piece[RANDOM_PIECE];
	ssize_t n = 0, done = 0;
	size_t wanted = 0;

	while (from->left > 0 && n == (ssize_t)wanted) {
		wanted = MIN(from->left, sizeof(piece));
		n = iobuf_take(from, piece, wanted);
		if (n > 0) {
			random_add(piece, (size_t)n);
			done += n;
		}
	}
	return done ? done : n;
}

/* Only random can be asked, as on Linux: epoll(7) refuses the others. */
#define CHARDEV_OPS(read_op, write_op, poll_op, ...)                                          \
	{                                                                                     \
		.read = (read_op), .write = (write_op), .seek = null_seek, .poll = (poll_op), \
		.stat = fs_file_stat, ##__VA_ARGS__                                           \
	}

static const struct file_ops null_ops = CHARDEV_OPS(null_read, null_write, NULL, .no_send = true);
static const struct file_ops zero_ops =
	CHARDEV_OPS(zero_read, null_write, NULL, .maps_zeros = true);
static const struct file_ops full_ops =
	CHARDEV_OPS(zero_read, full_write, NULL, .plain_write = true);
static const struct file_ops random_ops = CHARDEV_OPS(random_read, random_write, always_ready);
static const struct file_ops urandom_ops = CHARDEV_OPS(random_read, random_write, NULL);

static const struct {
	u32 minor;
	const struct file_ops *ops;
} devices[] = {
	{MEM_NULL, &null_ops},
	{MEM_ZERO, &zero_ops},
	{MEM_FULL, &full_ops},
	{MEM_RANDOM, &random_ops},
	{MEM_URANDOM, &urandom_ops},
};

int chardev_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		int err = fs_register_device(MEM_MAJOR, devices[i].minor, devices[i].ops);
		if (err)
			return err;
	}
	return 0;
}
