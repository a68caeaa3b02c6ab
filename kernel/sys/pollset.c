/*
 * Waiting for one of several files.
 *
 * A round joins the queues of all files, then asks each file, then sleeps only if none was ready:
 * what the files' wakers change after the question finds the thread in their queue (sched/wait.h).
 * A file without queues never changes its answer.
 */
#include "sys/pollset.h"

#include "lib/errno.h"
#include "mm/slab.h"

#define POLL_ALWAYS (POLLERR | POLLHUP | POLLNVAL)
#define POLL_DEFAULT (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

static struct waitq *entry_queue(const struct poll_entry *e, u32 n)
{
	if (!e->file || !e->file->ops->poll_queue)
		return NULL;
	return e->file->ops->poll_queue(e->file, n);
}

static void entries_join(struct poll_entry *e, u32 n)
{
	for (; n--; e++)
		for (u32 i = 0; i < POLL_QUEUES; i++) {
			struct waitq *q = entry_queue(e, i);
			if (q)
				wait_prepare(q, &e->waiter[i], THREAD_SLEEPING_INTERRUPTIBLE);
		}
}

static void entries_leave(struct poll_entry *e, u32 n)
{
	for (; n--; e++)
		for (u32 i = 0; i < POLL_QUEUES; i++) {
			struct waitq *q = entry_queue(e, i);
			if (q)
				wait_finish(q, &e->waiter[i]);
		}
}

/* Asks all: how many are ready. */
static u32 entries_ask(struct poll_entry *e, u32 n)
{
	u32 ready = 0;

	for (; n--; e++) {
		if (e->file) {
			u32 now = e->file->ops->poll ? e->file->ops->poll(e->file) : POLL_DEFAULT;
			e->revents = now & (e->events | POLL_ALWAYS);
		}
		ready += e->revents != 0;
	}
	return ready;
}

/* How many are ready, 0 after the deadline, or -EINTR. */
s64 pollset_wait(struct poll_entry *e, u32 n, u64 deadline)
{
	/* Never woken: with it the thread's state is set even if no file has a queue. */
	struct waitq nobody;
	struct waiter self = {.link = LIST_INIT(self.link)};
	int err = 0;
	u32 ready;

	waitq_init(&nobody);
	for (;;) {
		wait_prepare(&nobody, &self, THREAD_SLEEPING_INTERRUPTIBLE);
		entries_join(e, n);
		ready = entries_ask(e, n);
		if (ready || err)
			break;
		err = wait_sleep(deadline);
	}
	entries_leave(e, n);
	wait_finish(&nobody, &self);
	if (ready)
		return ready;
	return err == -ETIME ? 0 : err;
}

struct poll_entry *pollset_create(u32 n)
{
	struct poll_entry *e = kzalloc(MAX(n, 1U) * sizeof(*e));

	for (u32 i = 0; e && i < n; i++)
		for (u32 j = 0; j < POLL_QUEUES; j++)
			list_init(&e[i].waiter[j].link);
	return e;
}

void pollset_destroy(struct poll_entry *e, u32 n)
{
	for (u32 i = 0; e && i < n; i++)
		if (e[i].file)
			file_put(e[i].file);
	kfree(e);
}
