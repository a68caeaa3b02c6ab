/* POSIX timers: setting them, looking at them. See ptimer.c. */
#include "lib/errno.h"
#include "proc/ptimer_private.h"

static void ptimer_look_locked(struct ptimer *t, struct timer_setting *out)
{
	u64 now = ptimer_now_locked(t);

	*out = (struct timer_setting){.interval = t->interval};
	if (!t->expires)
		return;
	/* Nobody sets it going again while its signal waits, or if it has none. */
	if (t->interval && (t->untaken || t->silent))
		ptimer_forward_locked(t, now);
	if (t->expires > now)
		out->value = t->expires - now;
	/* One that is just about to fire still counts as set. */
	else if (!t->silent && !t->untaken)
		out->value = 1;
}

int ptimer_get(s32 id, struct timer_setting *out)
{
	struct process *p = current_process();

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	struct ptimer *t = ptimer_find_locked(id);
	if (t)
		ptimer_look_locked(t, out);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return t ? 0 : -EINVAL;
}

static void ptimer_start_locked(struct ptimer *t, bool absolute, const struct timer_setting *new)
{
	/* What is left until then does not change when the time of day is set. */
	bool from_now = t->clock == PTIMER_REALTIME && !absolute;
	t->base = from_now ? PTIMER_MONOTONIC : t->clock;
	u64 now = ptimer_now_locked(t);

	t->expires = new->value;
	/* One that never comes, for times that don't fit. */
	if (!absolute)
		t->expires = new->value > INT64_MAX - now ? INT64_MAX : now + new->value;
	if (!t->silent)
		ptimer_arm_locked(t, now);
}

int ptimer_set(s32 id, bool absolute, const struct timer_setting *new, struct timer_setting *old)
{
	struct process *p = current_process();

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	struct ptimer *t = ptimer_find_locked(id);
	if (t) {
		ptimer_look_locked(t, old);
		signal_unqueue_fixed_locked(p, t->tid, &t->entry);
		t->untaken = false;
		t->expires = 0;
		t->interval = new->value ? new->interval : 0;
		t->overrun = -1;
		t->last_overrun = 0;
		if (new->value)
			ptimer_start_locked(t, absolute, new);
	}
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return t ? 0 : -EINVAL;
}

s32 ptimer_overrun(s32 id)
{
	struct process *p = current_process();

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	const struct ptimer *t = ptimer_find_locked(id);
	s32 n = t ? (s32)t->last_overrun : -EINVAL;
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return n;
}
