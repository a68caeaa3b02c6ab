/*
 * Finding lost wakeups: see sched/wait.h.
 *
 * A thread that nobody woke is still in the queue, since a waker takes it out. Between making the condition true and waking, a
 * waker may take its time (a host may take its CPU away); so the wakeup is given as long again before it counts as lost.
 *
 * A waker that comes when the thread was woken to look by itself, but has not run yet, finds it awake and leaves it in the queue. It says so
 * in `met`. From the reset of that, with the thread in the queue in its sleeping state, until the thread has joined the queue
 * again, each waker either wakes it or meets it.
 */
#include "sched/wait.h"

#include "arch/clock.h"
#include "lib/assert.h"

#if defined(AIRLOCK_DEBUG) && !defined(AIRLOCK_HOST_TEST)

#define DOUBT_NS (3 * NS_PER_SEC)

int wait_watch_sleep(struct wait_watch *d, struct waiter *w, u64 deadline_ns)
{
	u64 doubt = clock_now_ns() + DOUBT_NS;
	int err;

	WRITE_ONCE(w->met, false);
	err = wait_sleep(MIN(deadline_ns, doubt));
	d->doubtful = false;
	if (err != -ETIME || deadline_ns <= doubt)
		return err;
	/* Without the queue's lock: a waker that comes now has woken us in time. */
	d->doubtful = READ_ONCE(w->link.next) != &w->link;
	return 0;
}

/* The thread is in the queue and in its sleeping state. */
void wait_watch_true(const struct wait_watch *d, const struct waiter *w, const char *file, int line)
{
	if (LIKELY(!d->doubtful) || READ_ONCE(w->met))
		return;
	if (wait_sleep(clock_now_ns() + DOUBT_NS) == -ETIME)
		panic("lost wakeup: what %s:%d waits for has become true, and nobody woke it", file,
			line);
}

#endif
