/*
 * Changing how a thread is scheduled: policy, priority, nice level, and what it is lent.
 *
 * All of it changes what a queue is ordered by, so a waiting thread is taken out before and put back after, under the queue's
 * lock. Afterwards the CPU is told if another thread should run there now: this one if it waits, or any if this one runs.
 */
#include <linux/sched.h>

#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/smp.h"
#include "lib/assert.h"
#include "sched/internal.h"
#include "sched/rt.h"
#include "sched/sched.h"
#include "sched/weight.h"

/* Less than the lowest nice level's 15: runs when nobody else wants to. */
#define WEIGHT_IDLE_POLICY 3U

static u32 weight_of(const struct thread *t)
{
	return t->policy == SCHED_IDLE ? WEIGHT_IDLE_POLICY : weight_of_nice(t->nice);
}

/* The priority that the thread runs with from now on. */
static void set_rt(struct runq *rq, struct thread *t) REQUIRES(&rq->lock)
{
	u8 before = t->rt, now = MAX(t->rt_own, t->rt_lent);

	/* One that loses what it was lent keeps its place in front of its new equals. */
	t->rt_to_back = now > before;
	WRITE_ONCE(t->rt, now);
	if (rq->current == t)
		WRITE_ONCE(rq->current_rt, now);
	/* Its virtual time stood still meanwhile. */
	if (before && !now)
		runq_place_sleeper(rq, t);
}

/* The thread, and its queue while it is changed. */
struct change {
	struct runq *rq;
	u64 flags;
	bool queued;
};

static struct change change_begin(struct thread *t) NO_THREAD_SAFETY
{
	struct change c = {.flags = irq_save()};

	c.rq = runq_lock_of(t);
	/* What has run so far counts as what it was. */
	runq_charge(c.rq, clock_now_ns());
	c.queued = t->queued;
	runq_take_out(c.rq, t);
	return c;
}

static void change_end(struct change *c, struct thread *t) NO_THREAD_SAFETY
{
	struct runq *rq = c->rq;
	bool tell = false;

	if (c->queued) {
		runq_put_in(rq, t);
		if (runq_preempts(rq, t))
			tell = place_preempt_locked(rq);
	} else if (rq->current == t && rq->running > 1) {
		tell = place_preempt_locked(rq);
	}
	spin_unlock(&rq->lock);
	if (tell)
		smp_send_ipi(rq->cpu, IPI_RESCHEDULE);
	irq_restore(c->flags);
}

void sched_get_attributes(struct thread *t, struct sched_attributes *out)
{
	u64 flags = irq_save();
	struct runq *rq = runq_lock_of(t);

	spin_assert_held(&rq->lock);
	*out = (struct sched_attributes){
		.policy = t->policy,
		.priority = t->rt_own,
		.nice = t->nice,
		.reset_on_fork = t->reset_on_fork,
	};
	spin_unlock(&rq->lock);
	irq_restore(flags);
}

static void set_attributes_locked(
	struct runq *rq, struct thread *t, const struct sched_attributes *a) REQUIRES(&rq->lock)
{
	t->policy = (u8)a->policy;
	t->nice = a->nice;
	t->reset_on_fork = a->reset_on_fork;
	t->rt_own = a->priority;
	t->rt_slice = RT_RR_SLICE_NS;
}

void sched_set_attributes(struct thread *t, const struct sched_attributes *a)
{
	struct change c = change_begin(t);

	spin_assert_held(&c.rq->lock);
	set_attributes_locked(c.rq, t, a);
	/* Taken out it still counts, and set_weight() must know. */
	t->queued = c.queued;
	runq_set_weight(c.rq, t, weight_of(t));
	t->queued = false;
	set_rt(c.rq, t);
	change_end(&c, t);
}

void sched_set_nice(struct thread *t, s32 nice)
{
	struct sched_attributes a;

	sched_get_attributes(t, &a);
	a.nice = nice;
	sched_set_attributes(t, &a);
}

void sched_set_lent_priority(struct thread *t, u8 priority)
{
	/* Only under futex_pi_lock, so nobody else changes it. */
	if (READ_ONCE(t->rt_lent) == priority)
		return;
	struct change c = change_begin(t);
	spin_assert_held(&c.rq->lock);
	t->rt_lent = priority;
	set_rt(c.rq, t);
	change_end(&c, t);
}

u64 sched_rr_slice_ns(void)
{
	return RT_RR_SLICE_NS;
}

/* The new thread is nobody's yet; the parent is the running thread, so nothing moves under it, and a change that somebody makes
 * to it at this moment may or may not be the child's, too. */
void sched_inherit(struct thread *t)
{
	const struct thread *parent = current_thread();
	bool reset = parent->reset_on_fork;
	bool real_time = parent->rt_own != 0;

	t->affinity = READ_ONCE(parent->affinity);
	t->policy = reset && real_time ? SCHED_NORMAL : parent->policy;
	t->rt_own = reset ? 0 : parent->rt_own;
	t->nice = reset ? MAX(parent->nice, 0) : parent->nice;
	t->rt = t->rt_own;
	t->rt_slice = RT_RR_SLICE_NS;
	t->weight = weight_of(t);
}
