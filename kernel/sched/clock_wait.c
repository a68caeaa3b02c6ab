/*
 * The time of day is the monotonic clock plus an offset, so to wait for a time of day is to wait for a
 * monotonic time that moves when the offset is changed. Who waits so stands in clock_was_set, too. The
 * setter stores the offset, then wakes that queue; the sleeper joins it, then computes its deadline. So
 * it computes with the new offset, or is woken and computes again.
 */
#include "sched/clock_wait.h"

#include "arch/clock.h"
#include "arch/cpu.h"

struct waitq clock_was_set = WAITQ_INIT(clock_was_set);

static struct spinlock watches_lock = SPINLOCK_INIT("clock watches", RANK_CLOCK_SET);
static struct list watches GUARDED_BY(&watches_lock) = LIST_INIT(watches);

static bool can_move(const struct clock_wait *c)
{
	return c->deadline->realtime && c->deadline->ns != WAIT_FOREVER;
}

void clock_wait_begin(struct clock_wait *c, const struct deadline *deadline)
{
	*c = (struct clock_wait){.deadline = deadline};
	list_init(&c->waiter.link);
}

void clock_wait_prepare(struct clock_wait *c, enum thread_state state)
{
	if (UNLIKELY(can_move(c)))
		wait_prepare(&clock_was_set, &c->waiter, state);
	else
		atomic32_store(&current_thread()->state, state);
}

int clock_wait_sleep(struct clock_wait *c)
{
	u64 ns = c->deadline->ns;

	if (UNLIKELY(can_move(c))) {
		u64 offset = clock_boot_realtime_ns();
		ns = ns > offset ? ns - offset : 0;
	}
	return wait_sleep(ns);
}

void clock_wait_end(struct clock_wait *c)
{
	if (UNLIKELY(can_move(c)))
		wait_finish(&clock_was_set, &c->waiter);
	else
		atomic32_store(&current_thread()->state, THREAD_RUNNABLE);
}

int clock_sleep_until(const struct deadline *deadline)
{
	struct clock_wait c;
	int err;

	clock_wait_begin(&c, deadline);
	do {
		clock_wait_prepare(&c, THREAD_SLEEPING_INTERRUPTIBLE);
		err = clock_wait_sleep(&c);
	} while (!err);
	clock_wait_end(&c);
	return err == -ETIME ? 0 : err;
}

/* -- timers -- */

void clock_watch_begin(struct clock_watch *w, void (*was_set)(struct clock_watch *w))
{
	w->was_set = was_set;
	spin_lock(&watches_lock);
	list_push_back(&watches, &w->link);
	spin_unlock(&watches_lock);
}

void clock_watch_end(struct clock_watch *w)
{
	if (!w->was_set)
		return;
	spin_lock(&watches_lock);
	list_remove(&w->link);
	spin_unlock(&watches_lock);
	w->was_set = NULL;
}

void clock_wait_set_realtime(u64 ns)
{
	struct clock_watch *w;

	clock_set_realtime_ns(ns);
	waitq_wake_all(&clock_was_set);
	spin_lock(&watches_lock);
	list_for_each_entry (w, &watches, link)
		w->was_set(w);
	spin_unlock(&watches_lock);
}
