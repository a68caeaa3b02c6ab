/*
 * setitimer(2)'s timers. The real one is a timer of the kernel; the others count CPU time: ITIMER_PROF all of it, ITIMER_VIRTUAL what the
 * program spends in ring 3.
 *
 * As on Linux, the real one with an interval does not go on by itself: whoever takes its signal sets
 * it going again, for the next multiple of the interval. So a process that blocks SIGALRM is not
 * interrupted in vain, and one that is slow is not flooded.
 *
 * Setting a timer does not wait for a callback that is just running on another CPU: the callback takes
 * the lock, sees that `expires` is not due, and does nothing.
 */
#include <asm/signal.h>
#include <linux/time.h>

#include "arch/clock.h"
#include "proc/process.h"
#include "proc/signal_private.h"
#include "proc/timers.h"

static const u32 itimer_signals[ITIMERS] = {
	[ITIMER_REAL] = SIGALRM,
	[ITIMER_VIRTUAL] = SIGVTALRM,
	[ITIMER_PROF] = SIGPROF,
};

/* The timer's own clock. */
static u64 itimer_now_locked(struct itimer *i)
{
	if (i->which == ITIMER_REAL)
		return clock_now_ns();
	return cputime_process_locked(i->process, i->which == ITIMER_VIRTUAL);
}

static void itimer_arm_locked(struct itimer *i, u64 now)
{
	if (i->which == ITIMER_REAL)
		timer_arm(&i->timer, i->expires);
	else
		timer_arm(&i->timer, cputime_earliest(clock_now_ns(), now, i->expires));
}

/* The first of last + n * interval that is still to come. */
static void itimer_forward_locked(struct itimer *i, u64 now)
{
	u64 behind = now > i->last ? now - i->last : 0;

	i->expires = i->last + (behind / i->interval + 1) * i->interval;
	itimer_arm_locked(i, now);
}

static void itimer_expire_locked(struct itimer *i, u64 now) REQUIRES(&i->process->signals.lock)
{
	struct signal_info info;

	i->last = i->expires;
	i->expires = 0;
	signal_info_from_kernel(&info, itimer_signals[i->which]);
	/* The kernel's own is never refused. */
	(void)!signal_post_locked(i->process, NULL, &info);
	if (i->interval && i->which != ITIMER_REAL)
		itimer_forward_locked(i, now);
}

static void itimer_fire(struct timer *t)
{
	struct itimer *i = CONTAINER_OF(t, struct itimer, timer);
	struct process *p = i->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	u64 now = itimer_now_locked(i);
	if (i->expires && now >= i->expires)
		itimer_expire_locked(i, now);
	else if (i->expires)
		itimer_arm_locked(i, now);
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

void itimer_signal_taken_locked(struct process *p)
{
	struct itimer *i = &p->signals.timers.interval[ITIMER_REAL];

	if (!i->expires && i->interval && i->last)
		itimer_forward_locked(i, clock_now_ns());
}

static void itimer_look_locked(struct itimer *i, u64 now, struct timer_setting *out)
{
	out->interval = i->interval;
	out->value = 0;
	/* One that is just about to fire still counts as set. */
	if (i->expires)
		out->value = i->expires > now ? i->expires - now : NS_PER_US;
}

void itimer_get(u32 which, struct timer_setting *out)
{
	struct process *p = current_process();
	struct itimer *i = &p->signals.timers.interval[which];

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	itimer_look_locked(i, itimer_now_locked(i), out);
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

void itimer_set(u32 which, const struct timer_setting *new, struct timer_setting *old)
{
	struct process *p = current_process();
	struct itimer *i = &p->signals.timers.interval[which];

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	u64 now = itimer_now_locked(i);
	itimer_look_locked(i, now, old);
	i->interval = new->value ? new->interval : 0;
	i->last = 0;
	i->expires = 0;
	if (new->value) {
		/* One that never comes, for times that don't fit. */
		i->expires = new->value > INT64_MAX - now ? INT64_MAX : now + new->value;
		itimer_arm_locked(i, now);
	}
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

void timers_init(struct process *p)
{
	struct process_timers *t = &p->signals.timers;

	list_init(&t->posix);
	for (u32 which = 0; which < ITIMERS; which++) {
		t->interval[which].process = p;
		t->interval[which].which = which;
		timer_init(&t->interval[which].timer, itimer_fire);
	}
}

void timers_stop(struct process *p)
{
	struct process_timers *t = &p->signals.timers;

	timers_delete_posix(p);
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	for (u32 which = 0; which < ITIMERS; which++)
		t->interval[which].expires = t->interval[which].interval = 0;
	spin_unlock_irqrestore(&p->signals.lock, flags);
	/* From here on nothing arms them; after this they don't run. */
	for (u32 which = 0; which < ITIMERS; which++)
		(void)timer_cancel(&t->interval[which].timer);
}
