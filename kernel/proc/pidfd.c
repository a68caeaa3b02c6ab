/*
 * Process descriptors: a reference to a process that can't come to mean another one, as its number
 * can. Readable for poll once the process has died; the process itself wakes whoever polls
 * (exit_waiters), after it has become dead, so a poller that looks afterwards sees it.
 */
#include "proc/pidfd.h"

#include <asm/fcntl.h>
#include <asm/poll.h>
#include <asm/stat.h>
#include <linux/stat.h>

#include "lib/errno.h"
#include "proc/process.h"

static u32 pidfd_poll(struct file *f)
{
	const struct process *p = f->private;

	/* Both are set once and never cleared. */
	if (READ_ONCE(p->reaped))
		return POLLIN | POLLRDNORM | POLLHUP;
	return READ_ONCE(p->dead) ? POLLIN | POLLRDNORM : 0;
}

static struct waitq *pidfd_poll_queue(struct file *f, u32 n)
{
	return n == 0 ? &((struct process *)f->private)->exit_waiters : NULL;
}

static int pidfd_stat(struct file *f, struct stat *out)
{
	*out = (struct stat){
		.st_mode = S_IFREG | S_IRWXU,
		.st_nlink = 1,
		.st_ino = ((struct process *)f->private)->pid,
		.st_blksize = PAGE_SIZE,
	};
	return 0;
}

static void pidfd_release(struct file *f)
{
	process_put(f->private);
}

static const struct file_ops pidfd_ops = {
	.stat = pidfd_stat,
	.poll = pidfd_poll,
	.poll_queue = pidfd_poll_queue,
	.name = "[pidfd]",
	.no_contents = true,
	.release = pidfd_release,
};

int pidfd_create(struct process *p, u32 flags, struct file **out)
{
	*out = file_create(&pidfd_ops, O_RDWR | flags, p);
	if (!*out)
		return -ENOMEM;
	process_get(p);
	return 0;
}

int pidfd_install(struct process *p, u32 flags)
{
	struct file *f;

	int err = pidfd_create(p, flags, &f);
	if (err)
		return err;
	int fd = files_install(current_process()->files, f, 0, true);
	if (fd < 0)
		file_put(f);
	return fd;
}

struct process *pidfd_process(const struct file *f)
{
	if (f->ops != &pidfd_ops)
		return NULL;
	process_get(f->private);
	return f->private;
}
