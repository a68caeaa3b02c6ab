/*
 * Finding lost wakeups: see sched/wait.h.
 *
 * A waker says in `met` that it came, before it wakes. A thread that slept for so long that it gets doubts, and that nobody has met since it
 * went to sleep, looks at its condition, in the queue and in its sleeping state, where each waker meets it. Between making the condition
 * true and waking, a waker may take its time (a host may take its CPU away); so it is given as long again before the wakeup counts as lost.
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
	/* Woken in the same moment in which the time was over: that is no doubt. */
	d->doubtful = !READ_ONCE(w->met);
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
