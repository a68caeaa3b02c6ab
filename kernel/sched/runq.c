/*
 * Run queues: order, counting and virtual time. Who may call what is said in runq.h.
 *
 * min_vruntime follows the least virtual runtime in the queue and never falls. A thread that comes back from sleep does not
 * keep the lead it gained by not running, beyond SLEEP_CREDIT: otherwise it could take the CPU for as long as it had slept. A
 * thread that is alone on its CPU takes no tick, so nothing charges it, and min_vruntime stands still meanwhile: who places a
 * newcomer charges it first (runq_refresh()), or the newcomer would be ahead of it by all the time that it was alone.
 * Virtual times are compared by their difference, so they may wrap.
 */
#include "sched/runq.h"

#include <linux/sched.h>

#include "arch/clock.h"
#include "lib/assert.h"
#include "sched/internal.h"
#include "sched/rt.h"
#include "sched/weight.h"

/* A woken thread takes the CPU from one that is ahead of it by more than this: else two threads that wake each other would
 * switch all the time. */
#define WAKE_LEAD_NS NS_PER_MS

struct runq runqs[MAX_CPUS];
u64 sched_charge_cycles RO_AFTER_INIT;

void runq_lock_pair(struct runq *a, struct runq *b) NO_THREAD_SAFETY
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock_second(a < b ? &b->lock : &a->lock);
}

void runq_unlock_pair(struct runq *a, struct runq *b) NO_THREAD_SAFETY
{
	if (a != b)
		spin_unlock(&b->lock);
	spin_unlock(&a->lock);
}

static s64 lead(u64 a, u64 b)
{
	return (s64)(a - b);
}

static struct thread *entry(struct rb_node *n)
{
	return n ? rb_entry(n, struct thread, run_node) : NULL;
}

static int compare(const struct rb_node *a, const struct rb_node *b)
{
	s64 d = lead(rb_entry(a, const struct thread, run_node)->vruntime,
		rb_entry(b, const struct thread, run_node)->vruntime);

	return d < 0 ? -1 : d > 0;
}

struct thread *runq_first(const struct runq *rq)
{
	return entry(rb_first(&rq->tree));
}

/* running: the current thread, which is not idle. */
static void update_min(struct runq *rq, const struct thread *running) REQUIRES(&rq->lock)
{
	const struct rb_node *first = rb_first(&rq->tree);
	u64 least = running->rt ? rq->min_vruntime : running->vruntime;

	if (first) {
		u64 v = rb_entry(first, const struct thread, run_node)->vruntime;

		if (running->rt || lead(v, least) < 0)
			least = v;
	}
	if (lead(least, rq->min_vruntime) > 0)
		rq->min_vruntime = least;
}

void runq_charge(struct runq *rq, u64 now_ns)
{
	struct thread *t = rq->current;
	/* Clocks of two CPUs may differ by a little. */
	u64 ns = now_ns > t->exec_start ? now_ns - t->exec_start : 0;

	ASSERT(spin_held(&rq->lock));
	WRITE_ONCE(t->exec_start, now_ns);
	WRITE_ONCE(t->runtime, t->runtime + ns);
	if (t == rq->idle) {
		rq->idle_ns += ns;
		return;
	}
	if (UNLIKELY(t->nice > 0))
		rq->nice_ns += ns;
	if (LIKELY(!t->rt))
		t->vruntime += weight_scale(ns, t->weight);
	update_min(rq, t);
	if (UNLIKELY(t->rt || now_ns - rq->rt.period_start >= RT_PERIOD_NS))
		rt_charge(rq, t, ns, now_ns);
}

void runq_refresh_slowly(struct runq *rq, u64 cycles)
{
	rq->charged = cycles;
	runq_charge(rq, clock_now_ns());
}

static void tree_insert(struct runq *rq, struct thread *t) REQUIRES(&rq->lock)
{
	ASSERT(spin_held(&rq->lock) && !t->queued && t != rq->idle);
	t->queued = true;
	if (UNLIKELY(t->rt))
		rt_insert(rq, t);
	else
		rb_insert(&rq->tree, &t->run_node, compare);
}

static void tree_remove(struct runq *rq, struct thread *t) REQUIRES(&rq->lock)
{
	ASSERT(spin_held(&rq->lock) && t->queued && !t->on_cpu);
	t->queued = false;
	if (UNLIKELY(t->rt))
		rt_remove(rq, t);
	else
		rb_remove(&rq->tree, &t->run_node);
}

static void count(struct runq *rq, struct thread *t) REQUIRES(&rq->lock)
{
	WRITE_ONCE(rq->running, rq->running + 1);
	WRITE_ONCE(rq->load, rq->load + t->weight);
}

void runq_add(struct runq *rq, struct thread *t)
{
	ASSERT(!t->on_cpu);
	ASSERT(atomic32_load_relaxed(&t->state) == THREAD_RUNNABLE || thread_is_kept(t));
	WRITE_ONCE(t->cpu, rq->cpu);
	t->rt_to_back = true;
	count(rq, t);
	tree_insert(rq, t);
}

void runq_remove(struct runq *rq, struct thread *t)
{
	tree_remove(rq, t);
	runq_discount(rq, t);
}

void runq_put_back(struct runq *rq, struct thread *t)
{
	tree_insert(rq, t);
}

struct thread *runq_pick(struct runq *rq, const struct thread *skip)
{
	struct thread *t = UNLIKELY(rq->rt_waiting) ? rt_first(rq) : NULL;

	if (UNLIKELY(t)) {
		rt_remove(rq, t);
		t->queued = false;
		return t;
	}
	t = runq_first(rq);
	if (!t)
		return rq->idle;
	if (fuzz_on())
		t = fuzz_choose_thread(rq, skip);
	else if (t == skip && rb_next(&t->run_node))
		t = entry(rb_next(&t->run_node));
	/* The thread that gives up the CPU is in the tree with its stack still live: only it may find itself here. */
	rb_remove(&rq->tree, &t->run_node);
	t->queued = false;
	return t;
}

void runq_take_out(struct runq *rq, struct thread *t)
{
	if (t->queued)
		tree_remove(rq, t);
}

void runq_put_in(struct runq *rq, struct thread *t)
{
	tree_insert(rq, t);
}

void runq_set_weight(struct runq *rq, struct thread *t, u32 weight)
{
	/* Idle is never counted; nobody sets its level. */
	if (t->queued || rq->current == t)
		WRITE_ONCE(rq->load, rq->load - t->weight + weight);
	t->weight = weight;
}

void runq_rescale(struct thread *t, struct runq *from, struct runq *to)
{
	runq_refresh(from);
	runq_refresh(to);
	t->vruntime += to->min_vruntime - from->min_vruntime;
}

void runq_place_new(struct runq *rq, struct thread *t)
{
	runq_refresh(rq);
	t->vruntime = rq->min_vruntime;
}

/* Batch and idle threads are in no hurry; an idle one gives way to all others. */
static bool fair_preempts(const struct thread *current, const struct thread *t)
{
	if (t->policy != SCHED_NORMAL)
		return current->policy == SCHED_IDLE && t->policy != SCHED_IDLE;
	if (current->policy == SCHED_IDLE)
		return true;
	return lead(current->vruntime, t->vruntime) > (s64)weight_scale(WAKE_LEAD_NS, t->weight);
}

bool runq_preempts(struct runq *rq, const struct thread *t)
{
	const struct thread *current = rq->current;

	if (current == rq->idle)
		return true;
	if (UNLIKELY(t->rt || current->rt))
		return rt_preempts(rq, t);
	return fuzz_on() ? fuzz_draw(2) : fair_preempts(current, t);
}

bool runq_tick(struct runq *rq)
{
	struct thread *t = rq->current;
	const struct thread *first;

	if (t == rq->idle)
		return false;
	if (UNLIKELY(t->rt))
		return rt_tick(rq, t);
	if (UNLIKELY(rt_first(rq)))
		return true;
	first = runq_first(rq);
	if (fuzz_on())
		return first;
	return first && lead(first->vruntime, t->vruntime) < 0;
}
