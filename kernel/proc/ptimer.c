/*
 * POSIX timers.
 *
 * A timer brings the entry for its signal along, so it never fails for want of memory, and its signal
 * is in at most one queue. While it waits there the timer does not go on; whoever takes the signal
 * counts the expirations that were missed (the overrun), puts the number into the siginfo and sets the
 * timer going again. All under signals.lock.
 *
 * One for a time of day is armed for the monotonic time at which that will be, and anew when the clock is
 * set (sched/clock_wait.h). It is armed under signals.lock, after a look at the clock, and
 * clock_settime(2) takes that lock after it has changed the clock, so no change is missed.
 *
 * Deleting one takes it out of the list and its signal out of the queue under the lock, and then waits
 * for a callback that is just running, which finds `expires` 0 and does nothing.
 */
#include <asm/signal.h>
#include <linux/time.h>

#include "arch/clock.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/pid.h"
#include "proc/ptimer_private.h"
#include "proc/signal_count.h"

struct ptimer *ptimer_find_locked(s32 id)
{
	struct ptimer *t;

	list_for_each_entry (t, &current_process()->signals.timers.posix, link)
		if (t->id == id)
			return t;
	return NULL;
}

u64 ptimer_now_locked(const struct ptimer *t)
{
	switch (t->base) {
	case PTIMER_REALTIME:
	case PTIMER_TAI:
		return clock_now_ns() + clock_boot_realtime_ns();
	case PTIMER_PROCESS:
		return cputime_process_locked(t->process, t->user_only);
	case PTIMER_THREAD:
		return cputime_thread(t->thread, t->user_only);
	default:
		return clock_now_ns();
	}
}

void ptimer_arm_locked(struct ptimer *t, u64 now)
{
	if (t->base == PTIMER_PROCESS || t->base == PTIMER_THREAD)
		timer_arm(&t->timer, cputime_earliest(clock_now_ns(), now, t->expires));
	else
		timer_arm(&t->timer, clock_now_ns() + (t->expires > now ? t->expires - now : 0));
}

void ptimer_forward_locked(struct ptimer *t, u64 now)
{
	if (now < t->expires)
		return;
	u64 steps = (now - t->expires) / t->interval + 1;
	t->expires += steps * t->interval;
	t->overrun += (s64)steps;
}

static void ptimer_expire_locked(struct ptimer *t, u64 now) REQUIRES(&t->process->signals.lock)
{
	t->overrun = -1;
	t->untaken = signal_post_fixed_locked(t->process, t->tid, &t->entry);
	if (t->untaken)
		return;
	/* Ignored: it goes on for the day that it is not. */
	if (t->interval) {
		ptimer_forward_locked(t, now);
		ptimer_arm_locked(t, now);
	} else {
		t->expires = 0;
	}
}

static void ptimer_fire(struct timer *timer)
{
	struct ptimer *t = CONTAINER_OF(timer, struct ptimer, timer);
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	if (t->expires && !t->untaken) {
		u64 now = ptimer_now_locked(t);
		if (now >= t->expires)
			ptimer_expire_locked(t, now);
		else
			ptimer_arm_locked(t, now);
	}
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

static void ptimer_clock_was_set(struct clock_watch *w)
{
	struct ptimer *t = CONTAINER_OF(w, struct ptimer, watch);

	u64 flags = spin_lock_irqsave(&t->process->signals.lock);
	if (t->expires && !t->untaken && !t->silent)
		ptimer_arm_locked(t, ptimer_now_locked(t));
	spin_unlock_irqrestore(&t->process->signals.lock, flags);
}

/* The signal leaves its queue: taken into *info, or dropped (NULL). */
static void ptimer_signal_gone(struct signal_entry *e, struct signal_info *info)
{
	struct ptimer *t = CONTAINER_OF(e, struct ptimer, entry);
	u64 now = ptimer_now_locked(t);

	if (!t->untaken)
		return;
	t->untaken = false;
	if (!t->interval) {
		t->expires = 0;
		t->overrun = 0;
	} else if (t->expires) {
		ptimer_forward_locked(t, now);
		ptimer_arm_locked(t, now);
	}
	t->last_overrun = MIN(MAX(t->overrun, 0), INT32_MAX);
	t->overrun = -1;
	if (info)
		info->si_overrun = (s32)t->last_overrun;
}

/* -- making -- */

static int choose_cpu_clock(struct ptimer *t, s32 clock)
{
	struct cpu_clock c;

	if (!cpu_clock_decode(clock, &c))
		return -EINVAL;
	t->user_only = c.user_only;
	if (c.thread) {
		t->clock = PTIMER_THREAD;
		t->thread = process_find_thread(c.number ? c.number : current_thread()->tid);
		return t->thread && t->thread->process == t->process ? 0 : -EINVAL;
	}
	t->clock = PTIMER_PROCESS;
	/* Other processes' time can't be looked at under this one's lock. */
	return c.number == 0 || c.number == t->process->pid ? 0 : -EINVAL;
}

static int choose_clock(struct ptimer *t, s32 clock)
{
	if (clock < 0)
		return choose_cpu_clock(t, clock);
	switch (clock) {
	case CLOCK_REALTIME:
		t->clock = PTIMER_REALTIME;
		return 0;
	case CLOCK_TAI:
		t->clock = PTIMER_TAI;
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		t->clock = PTIMER_MONOTONIC;
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		return choose_cpu_clock(t, CPU_CLOCK_OWN | CPU_CLOCK_SCHED);
	case CLOCK_THREAD_CPUTIME_ID:
		return choose_cpu_clock(t, CPU_CLOCK_OWN | CPU_CLOCK_THREAD | CPU_CLOCK_SCHED);
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

/* The thread that is named must be one of this process. */
static int choose_thread(struct ptimer *t, s32 tid)
{
	if (tid <= 0 || process_next_thread(t->process, (u32)tid) != (u32)tid)
		return -EINVAL;
	t->tid = (u32)tid;
	return 0;
}

static int choose_signal(struct ptimer *t, const struct sigevent *event)
{
	t->entry.info.si_signo = SIGALRM;
	t->entry.info.si_code = SI_TIMER;
	t->entry.gone = ptimer_signal_gone;
	list_init(&t->entry.link);
	if (!event)
		return 0;
	t->entry.info.si_value = event->sigev_value;
	t->entry.info.si_signo = event->sigev_signo;
	t->silent = event->sigev_notify == SIGEV_NONE;
	if (t->silent)
		return 0;
	if (event->sigev_notify != SIGEV_SIGNAL && event->sigev_notify != SIGEV_THREAD &&
		event->sigev_notify != (SIGEV_SIGNAL | SIGEV_THREAD_ID))
		return -EINVAL;
	if (event->sigev_signo < 1 || (u32)event->sigev_signo > SIGNAL_COUNT)
		return -EINVAL;
	return event->sigev_notify & SIGEV_THREAD_ID
		       ? choose_thread(t, event->sigev_notify_thread_id)
		       : 0;
}

/* Not in the list any more, or not yet. */
static void ptimer_free(struct ptimer *t)
{
	clock_watch_end(&t->watch);
	(void)timer_cancel(&t->timer);
	if (t->thread)
		thread_put(t->thread);
	if (t->counter)
		signal_count_down(t->counter);
	kfree(t);
}

static s32 ptimer_publish(struct ptimer *t, bool own_value)
{
	struct process_timers *all = &t->process->signals.timers;

	u64 flags = spin_lock_irqsave(&t->process->signals.lock);
	do {
		t->id = all->next_id;
		all->next_id = all->next_id == INT32_MAX ? 0 : all->next_id + 1;
	} while (ptimer_find_locked(t->id));
	t->entry.info.si_tid = t->id;
	if (!own_value)
		t->entry.info.si_int = t->id;
	list_push_back(&all->posix, &t->link);
	s32 id = t->id;
	spin_unlock_irqrestore(&t->process->signals.lock, flags);
	return id;
}

s32 ptimer_create(s32 clock, const struct sigevent *event)
{
	struct process *p = current_process();
	struct ptimer *t = kzalloc(sizeof(*t));

	if (!t)
		return -EAGAIN;
	t->process = p;
	timer_init(&t->timer, ptimer_fire);
	int err = choose_clock(t, clock);
	if (!err)
		err = choose_signal(t, event);
	if (!err) {
		t->counter = signal_count_up(
			READ_ONCE(p->cred.uid), READ_ONCE(p->limits[RLIMIT_SIGPENDING].rlim_cur));
		err = t->counter ? 0 : -EAGAIN;
	}
	if (err) {
		ptimer_free(t);
		return err;
	}
	t->base = t->clock;
	if (t->clock == PTIMER_REALTIME || t->clock == PTIMER_TAI)
		clock_watch_begin(&t->watch, ptimer_clock_was_set);
	return ptimer_publish(t, event != NULL);
}

/* -- deleting -- */

/* p, whose timer it is, names the lock in the way that the caller took it. */
static void ptimer_unlink_locked(struct process *p, struct ptimer *t) REQUIRES(&p->signals.lock)
{
	list_remove(&t->link);
	t->expires = t->interval = 0;
	signal_unqueue_fixed_locked(p, t->tid, &t->entry);
}

int ptimer_delete(s32 id)
{
	struct process *p = current_process();

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	struct ptimer *t = ptimer_find_locked(id);
	if (t)
		ptimer_unlink_locked(p, t);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	if (!t)
		return -EINVAL;
	ptimer_free(t);
	return 0;
}

void timers_delete_posix(struct process *p)
{
	for (;;) {
		struct ptimer *t = NULL;

		u64 flags = spin_lock_irqsave(&p->signals.lock);
		if (!list_empty(&p->signals.timers.posix)) {
			t = list_first(&p->signals.timers.posix, struct ptimer, link);
			ptimer_unlink_locked(p, t);
		}
		spin_unlock_irqrestore(&p->signals.lock, flags);
		if (!t)
			return;
		ptimer_free(t);
	}
}
