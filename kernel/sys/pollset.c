/*
 * Waiting for one of several files.
 *
 * The call joins the queues of all files once, and stays in them until it ends. Each round clears
 * `woken`, asks every file, and sleeps only if none was ready and `woken` is still clear. Why no wakeup is
 * lost: who changes a file's answer does it first and wakes the queue then, which sets `woken` and wakes
 * the thread (entry_notify()). If `woken` was set before the round cleared it, the round's question comes after
 * the change. If later, then either the store of the thread's state came first, and the wake finds a
 * thread that sleeps; or the store of `woken`, and the thread sees it and does not sleep. All are
 * sequentially consistent.
 *
 * A file is asked while the thread counts as running, so its poll may take a mutex (file.h). The first
 * round asks before it joins anything: most calls find something ready. A file without queues never
 * changes its answer.
 */
#include "sys/pollset.h"

#include "lib/errno.h"
#include "mm/slab.h"
#include "sched/break.h"

#define POLL_ALWAYS (POLLERR | POLLHUP | POLLNVAL)
#define POLL_DEFAULT (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

/* Under the queue's lock. */
static bool entry_notify(struct waiter *w, u32 events)
{
	struct poll_entry *e = CONTAINER_OF(w, struct poll_waiter, waiter)->entry;

	if (events && !(events & (e->events | POLL_ALWAYS)))
		return false;
	atomic32_store(e->woken, 1);
	return thread_wake(w->thread);
}

static void entry_join(struct poll_entry *e, atomic32_t *woken)
{
	e->woken = woken;
	if (!e->file || !e->file->ops->poll_queue)
		return;
	for (u32 i = 0; i < POLL_QUEUES; i++) {
		struct poll_waiter *w = &e->waiter[i];

		w->queue = e->file->ops->poll_queue(e->file, i);
		if (!w->queue)
			return;
		w->entry = e;
		w->waiter = (struct waiter){.thread = current_thread(), .notify = entry_notify};
		list_init(&w->waiter.link);
		waitq_join(w->queue, &w->waiter);
	}
}

static void entry_leave(struct poll_entry *e)
{
	for (u32 i = 0; i < POLL_QUEUES; i++)
		if (e->waiter[i].queue)
			waitq_leave(e->waiter[i].queue, &e->waiter[i].waiter);
}

/* Asks all: how many are ready. */
static u32 entries_ask(struct poll_entry *e, u32 n)
{
	u32 ready = 0;

	for (; n--; e++) {
		sched_break();
		if (e->file) {
			u32 now = e->file->ops->poll ? e->file->ops->poll(e->file) : POLL_DEFAULT;
			e->revents = now & (e->events | POLL_ALWAYS);
		}
		ready += e->revents != 0;
	}
	return ready;
}

/* Sleeps unless woken since the word was cleared. */
static int sleep_unless(atomic32_t *woken, u64 deadline)
{
	struct thread *t = current_thread();

	atomic32_store(&t->state, THREAD_SLEEPING_INTERRUPTIBLE);
	if (!atomic32_load(woken))
		return wait_sleep(deadline);
	atomic32_store(&t->state, THREAD_RUNNABLE);
	return 0;
}

static s64 wait_joined(struct poll_entry *e, u32 n, u64 deadline, atomic32_t *woken)
{
	int err = 0;

	for (;;) {
		atomic32_store(woken, 0);
		u32 ready = entries_ask(e, n);
		if (ready)
			return ready;
		if (err)
			return err == -ETIME ? 0 : err;
		err = sleep_unless(woken, deadline);
	}
}

/* How many are ready, 0 after the deadline, or -EINTR. */
s64 pollset_wait(struct poll_entry *e, u32 n, u64 deadline)
{
	atomic32_t woken = {0};

	u32 ready = entries_ask(e, n);
	if (ready)
		return ready;
	for (u32 i = 0; i < n; i++)
		entry_join(&e[i], &woken);
	s64 result = wait_joined(e, n, deadline, &woken);
	for (u32 i = 0; i < n; i++)
		entry_leave(&e[i]);
	return result;
}

struct poll_entry *pollset_create(u32 n)
{
	return kzalloc(MAX(n, 1U) * sizeof(struct poll_entry));
}

void pollset_destroy(struct poll_entry *e, u32 n)
{
	for (u32 i = 0; e && i < n; i++)
		if (e[i].file)
			file_put(e[i].file);
	kfree(e);
}
