/*
 * Real-time threads: SCHED_FIFO, SCHED_RR, and those that have been lent a real-time priority.
 *
 * They come before all fair threads, the highest priority first. Among equals the order is that in which they came, kept as a
 * number (rt_order) that a tree sorts by: who is put in front gets a lower one than all before, who goes to the back a higher.
 * A thread that is preempted goes to the front; one that yields, wakes, arrives, or has used up its turn (SCHED_RR) to the back.
 *
 * So that a loop in one of them does not lock the machine up, they get runtime_ns of each RT_PERIOD_NS of a CPU as long as a
 * fair thread wants the rest (95 %, Linux's default). Time counts in runq_charge(), and the period is looked at there, too: while
 * a thread is kept waiting by this, one more is running, so there is a tick.
 */
#include "sched/rt.h"

#include <linux/sched.h>

#include "sched/sched.h"

/* Read without a lock: a CPU that finds the old one obeys the new one at its next tick. */
static u64 runtime_ns = RT_RUNTIME_NS;

void sched_set_rt_runtime_ns(u64 ns)
{
	WRITE_ONCE(runtime_ns, ns);
}

u64 sched_rt_runtime_ns(void)
{
	return READ_ONCE(runtime_ns);
}

bool rt_throttled(const struct runq *rq)
{
	return rq->rt.used >= READ_ONCE(runtime_ns);
}

static int compare(const struct rb_node *a, const struct rb_node *b)
{
	const struct thread *x = rb_entry(a, const struct thread, run_node);
	const struct thread *y = rb_entry(b, const struct thread, run_node);

	if (x->rt != y->rt)
		return x->rt > y->rt ? -1 : 1;
	return x->rt_order < y->rt_order ? -1 : x->rt_order > y->rt_order;
}

void rt_insert(struct runq *rq, struct thread *t)
{
	t->rt_order = t->rt_to_back ? ++rq->rt.back : --rq->rt.front;
	t->rt_to_back = false;
	rb_insert(&rq->rt.tree, &t->run_node, compare);
	WRITE_ONCE(rq->rt_waiting, rq->rt_waiting + 1);
}

void rt_remove(struct runq *rq, struct thread *t)
{
	rb_remove(&rq->rt.tree, &t->run_node);
	WRITE_ONCE(rq->rt_waiting, rq->rt_waiting - 1);
}

struct thread *rt_first(const struct runq *rq)
{
	struct rb_node *first = rb_first(&rq->rt.tree);

	if (LIKELY(!first) || (rt_throttled(rq) && runq_first(rq)))
		return NULL;
	return rb_entry(first, struct thread, run_node);
}

void rt_charge(struct runq *rq, struct thread *t, u64 ns, u64 now_ns)
{
	if (now_ns - rq->rt.period_start >= RT_PERIOD_NS) {
		rq->rt.period_start = now_ns;
		rq->rt.used = 0;
	}
	if (!t->rt)
		return;
	rq->rt.used += ns;
	t->rt_slice -= MIN(ns, t->rt_slice);
}

bool rt_preempts(const struct runq *rq, const struct thread *t)
{
	const struct thread *current = rq->current;

	if (rt_throttled(rq) && (!t->rt || !current->rt))
		return !t->rt;
	return t->rt > current->rt;
}

/* A new turn for a thread that has used up its own. */
static bool turn_is_over(struct thread *t)
{
	if (t->policy != SCHED_RR || t->rt != t->rt_own || t->rt_slice)
		return false;
	t->rt_slice = RT_RR_SLICE_NS;
	return true;
}

bool rt_tick(struct runq *rq, struct thread *t)
{
	const struct thread *first = rt_first(rq);
	bool over = turn_is_over(t);

	if (!first)
		return rt_throttled(rq) && runq_first(rq);
	if (over && first->rt == t->rt)
		t->rt_to_back = true;
	return first->rt > t->rt || t->rt_to_back;
}
