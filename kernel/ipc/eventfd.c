/*
 * eventfd(2).
 *
 * The count is guarded by a spinlock; user memory is copied outside it. A reader waits for "not 0",
 * a writer for "room for what I add"; both on one queue. Whoever changes the count wakes all after
 * the change, and the sleeper joins the queue before it looks (sched/wait.h), so no wakeup is lost.
 */
#include "ipc/eventfd.h"

#include <asm/fcntl.h>
#include <asm/poll.h>
#include <asm/stat.h>
#include <linux/stat.h>

#include "ipc/anon.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/text.h"
#include "sched/wait.h"

/* One below the value that would say "overflow". */
#define EVENT_MAX (UINT64_MAX - 1)

static atomic32_t next_id;

struct eventfd {
	struct spinlock lock; /* RANK_IPC */
	u64 count;	      /* lock; read without it by poll and conditions */
	bool semaphore;	      /* constant */
	s32 id;		      /* constant: told in fdinfo */
	struct waitq changed;
};

static bool must_not_wait(const struct file *f)
{
	return atomic32_load_relaxed(&f->flags) & O_NONBLOCK;
}

/* What a read gets, or 0. */
static u64 take(struct eventfd *e)
{
	spin_lock(&e->lock);
	u64 got = e->semaphore && e->count ? 1 : e->count;
	WRITE_ONCE(e->count, e->count - got);
	spin_unlock(&e->lock);
	return got;
}

static bool add(struct eventfd *e, u64 n)
{
	spin_lock(&e->lock);
	bool fits = e->count <= EVENT_MAX - n;
	if (fits)
		WRITE_ONCE(e->count, e->count + n);
	spin_unlock(&e->lock);
	return fits;
}

static ssize_t eventfd_read(struct file *f, struct iobuf *to, u64 *pos)
{
	struct eventfd *e = f->private;
	u64 got;

	if (to->left < sizeof(got))
		return -EINVAL;
	while ((got = take(e)) == 0) {
		if (must_not_wait(f))
			return -EAGAIN;
		int err = wait_event(&e->changed, READ_ONCE(e->count) > 0,
			THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
		if (err)
			return err;
	}
	waitq_wake_events(&e->changed, POLLOUT);
	return iobuf_put(to, &got, sizeof(got)) == sizeof(got) ? (ssize_t)sizeof(got) : -EFAULT;
}

static ssize_t eventfd_write(struct file *f, struct iobuf *from, u64 *pos)
{
	struct eventfd *e = f->private;
	u64 n;

	if (from->left != sizeof(n))
		return -EINVAL;
	if (iobuf_take(from, &n, sizeof(n)) != sizeof(n))
		return -EFAULT;
	if (n > EVENT_MAX)
		return -EINVAL;
	while (!add(e, n)) {
		if (must_not_wait(f))
			return -EAGAIN;
		int err = wait_event(&e->changed, READ_ONCE(e->count) <= EVENT_MAX - n,
			THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
		if (err)
			return err;
	}
	waitq_wake_events(&e->changed, POLLIN);
	return sizeof(n);
}

/* Without the lock: one word, and every change of it is followed by a wake. */
static u32 eventfd_poll(struct file *f)
{
	struct eventfd *e = f->private;
	u64 count = READ_ONCE(e->count);

	return (count > 0 ? POLLIN : 0) | (count < EVENT_MAX ? POLLOUT : 0);
}

static struct waitq *eventfd_poll_queue(struct file *f, u32 n)
{
	struct eventfd *e = f->private;

	return n == 0 ? &e->changed : NULL;
}

static void eventfd_release(struct file *f)
{
	kfree(f->private);
}

static void eventfd_show_info(struct file *f, struct proc_text *to)
{
	const struct eventfd *e = f->private;

	proc_print(to, "eventfd-count: %16lx\neventfd-id: %d\neventfd-semaphore: %d\n",
		READ_ONCE(e->count), e->id, e->semaphore);
}

static const struct file_ops eventfd_ops = {
	.read = eventfd_read,
	.write = eventfd_write,
	.seek = anon_seek,
	.stream = true,
	.plain_write = true,
	.name = "[eventfd]",
	.show_info = eventfd_show_info,
	.stat = anon_stat,
	.poll = eventfd_poll,
	.poll_queue = eventfd_poll_queue,
	.release = eventfd_release,
};

int eventfd_open(u32 count, bool semaphore, u32 flags, struct file **out)
{
	struct eventfd *e = kzalloc(sizeof(*e));

	if (!e)
		return -ENOMEM;
	spin_init(&e->lock, "eventfd", RANK_IPC);
	waitq_init(&e->changed);
	e->count = count;
	e->semaphore = semaphore;
	e->id = (s32)atomic32_fetch_add(&next_id, 1);
	*out = file_create(&eventfd_ops, O_RDWR | flags, e);
	if (!*out)
		kfree(e);
	return *out ? 0 : -ENOMEM;
}
