/*
 * The files behind descriptors 0, 1 and 2.
 *
 * Each is one direction of a port and looks like a pipe (S_IFIFO): programs then neither seek in it,
 * nor take it for a terminal, and a closed host is end of file or EPIPE, as in a shell's pipeline.
 * With a terminal (`tty=1`) the descriptors are that instead: tty_console.c.
 */
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/stat.h>
#include <linux/stat.h>

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "dev/console.h"
#include "dev/console_device.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/broken_pipe.h"

/* What stat() says these live on: no device of a file system has the number. Pipes look like this
 * on Linux, too. */
#define STREAM_DEVICE 0x0dUL

/* Constant after console_open(). */
struct stream {
	struct port *input;  /* NULL: can't be read */
	struct port *output; /* NULL: can't be written */
	enum console_role role;
};

/* By descriptor. Filled again with the same values by each console_open(). */
static struct stream streams[3];

static enum port_wait stream_wait(struct file *f)
{
	/* fcntl() may change the flag at any time; either answer is right then. */
	return atomic32_load_relaxed(&f->flags) & O_NONBLOCK ? PORT_NO_WAIT
							     : PORT_WAIT_INTERRUPTIBLE;
}

static ssize_t stream_read(struct file *f, struct iobuf *to, u64 *pos)
{
	const struct stream *s = f->private;

	return s->input == NULL ? -EBADF : port_read(s->input, to, stream_wait(f));
}

static ssize_t stream_write(struct file *f, struct iobuf *from, u64 *pos)
{
	const struct stream *s = f->private;

	if (s->output == NULL)
		return -EBADF;
	ssize_t n = port_write(s->output, from, stream_wait(f));
	return n == -EPIPE ? signal_broken_pipe() : n;
}

static s64 stream_seek(struct file *f, s64 offset, int whence)
{
	return -ESPIPE;
}

static int stream_stat(struct file *f, struct stat *out)
{
	const struct stream *s = f->private;
	u64 now = clock_boot_realtime_ns();

	memset(out, 0, sizeof(*out));
	out->st_dev = STREAM_DEVICE;
	/* Programs compare these to see whether output goes where input comes from. */
	out->st_ino = 2 + (u64)s->role;
	out->st_nlink = 1;
	out->st_mode = S_IFIFO | 0600;
	out->st_blksize = PAGE_SIZE;
	out->st_atime = out->st_mtime = out->st_ctime = now / NS_PER_SEC;
	return 0;
}

static int stream_ioctl(struct file *f, u32 command, u64 argument)
{
	const struct stream *s = f->private;

	if (command == FIONREAD)
		return put_user_u32(argument, s->input ? port_input_ready(s->input) : 0);
	return -ENOTTY;
}

static u32 stream_poll(struct file *f)
{
	const struct stream *s = f->private;
	u32 events = 0;

	if (s->input != NULL)
		events |= port_poll_input(s->input);
	if (s->output != NULL)
		events |= port_poll_output(s->output);
	return events;
}

static struct waitq *stream_poll_queue(struct file *f, u32 n)
{
	const struct stream *s = f->private;

	if (s->input != NULL && n-- == 0)
		return &s->input->readable;
	if (s->output != NULL && n == 0)
		return &s->output->writable;
	return NULL;
}

static const struct file_ops stream_ops = {
	.read = stream_read,
	.write = stream_write,
	.seek = stream_seek,
	.stat = stream_stat,
	.ioctl = stream_ioctl,
	.poll = stream_poll,
	.poll_queue = stream_poll_queue,
};

int console_open(int stream, struct file **out)
{
	if (stream < CONSOLE_STDIN || stream > CONSOLE_STDERR)
		return -ENODEV;
	bool reads = stream == CONSOLE_STDIN;
	struct port *port = console_port((enum console_role)stream);
	struct stream *s = &streams[stream];

	*s = (struct stream){
		.input = reads ? port : NULL,
		.output = reads ? NULL : port,
		.role = (enum console_role)stream,
	};
	if (port == NULL)
		return -ENODEV;
	*out = file_create(&stream_ops, reads ? O_RDONLY : O_WRONLY, s);
	return *out == NULL ? -ENOMEM : 0;
}
