/*
 * Waiting until a time on one of two clocks: the monotonic one, or the time of day, which somebody may
 * set meanwhile. Thread context.
 *
 *	clock_wait_begin(&c, deadline);
 *	for (;;) {
 *		clock_wait_prepare(&c, THREAD_SLEEPING_INTERRUPTIBLE);
 *		if (condition || err)
 *			break;
 *		err = clock_wait_sleep(&c);
 *	}
 *	clock_wait_end(&c);
 *
 * A condition that is made true by somebody who then wakes the thread is not missed: prepare sets the
 * thread's state, with a full barrier, before the condition is looked at (wait.h).
 */
#ifndef SCHED_CLOCK_WAIT_H
#define SCHED_CLOCK_WAIT_H

#include "sched/wait.h"

struct deadline {
	u64 ns;	       /* WAIT_FOREVER: none */
	bool realtime; /* nanoseconds since 1970; otherwise clock_now_ns() time */
};

struct clock_wait {
	const struct deadline *deadline;
	struct waiter waiter; /* for the clock's being set */
};

void clock_wait_begin(struct clock_wait *c, const struct deadline *deadline);
void clock_wait_prepare(struct clock_wait *c, enum thread_state state);
/* As wait_sleep(). */
MUST_CHECK int clock_wait_sleep(struct clock_wait *c);
void clock_wait_end(struct clock_wait *c);

/* Sleeps until then: 0 or -EINTR. */
MUST_CHECK int clock_sleep_until(const struct deadline *deadline);

/* Sets the time of day: nanoseconds since 1970 now. */
void clock_wait_set_realtime(u64 ns);
/* Woken whenever that happens: for those who wait otherwise. */
extern struct waitq clock_was_set;

/*
 * Timers for a time of day: who has one that is armed, or that is to end when the clock is set, hears of it here. was_set is
 * called in thread context under a spinlock (RANK_CLOCK_SET), after the clock has changed: a timer that is armed
 * under a lock of its own, which was_set takes, has been computed with the new time or is computed anew.
 */
struct clock_watch {
	struct list link;
	void (*was_set)(struct clock_watch *w);
};
void clock_watch_begin(struct clock_watch *w, void (*was_set)(struct clock_watch *w));
/* After return it is not called any more. The caller holds no lock that was_set takes. One that is zero or was ended
 * before is left alone. */
void clock_watch_end(struct clock_watch *w);

#endif
