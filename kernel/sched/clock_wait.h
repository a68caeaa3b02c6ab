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

#endif
