/*
 * Moving waiting threads between CPUs.
 *
 * An idle CPU pulls before it halts, so no CPU goes to sleep while a thread waits elsewhere that may run on it. A CPU with
 * more than one thread pushes, every few ticks, if that makes the greater of the two loads smaller: so nothing moves back and
 * forth. A CPU with one thread takes no tick and need not: others push to it.
 *
 * Only waiting threads move. Their stacks are at rest (runq.h).
 */
#include "arch/smp.h"
#include "lib/assert.h"
#include "sched/internal.h"

/* A look at the whole tree would take long with the lock held; the next time will do. */
#define LOOK_AT_MOST 16

static bool may_run(const struct thread *t, const struct runq *rq)
{
	return t->affinity & BIT(rq->cpu);
}

/* A waiting thread of `from` that may go to `to` and weighs less than limit. Both queues locked. */
static struct thread *find_movable(struct runq *from, struct runq *to, u64 limit)
	REQUIRES(&from->lock, &to->lock)
{
	struct rb_node *n = rb_first(&from->tree);
	u32 looked;

	for (looked = 0; n && looked < LOOK_AT_MOST; looked++, n = rb_next(n)) {
		struct thread *t = rb_entry(n, struct thread, run_node);

		if (may_run(t, to) && t->weight < limit)
			return t;
	}
	return NULL;
}

/* A waiting real-time thread of `from` that may go to `to` and is more important than what runs there. Both queues locked. */
static struct thread *find_movable_rt(struct runq *from, struct runq *to)
	REQUIRES(&from->lock, &to->lock)
{
	struct rb_node *n = rb_first(&from->rt.tree);
	u32 looked;

	for (looked = 0; n && looked < LOOK_AT_MOST; looked++, n = rb_next(n)) {
		struct thread *t = rb_entry(n, struct thread, run_node);

		if (may_run(t, to) && t->rt > to->current->rt)
			return t;
	}
	return NULL;
}

/* Queues with someone waiting: two threads at least, because one alone runs or is about to. Without locks. */
static struct runq *busiest_other(const struct runq *mine)
{
	u64 others = atomic64_load_relaxed(&sched_online) & ~BIT(mine->cpu);
	struct runq *best = NULL;

	for (; others; others &= others - 1) {
		struct runq *rq = runq_of((u32)__builtin_ctzl(others));

		if (READ_ONCE(rq->running) >= 2 &&
			(!best || READ_ONCE(rq->load) > READ_ONCE(best->load)))
			best = rq;
	}
	return best;
}

static struct runq *least_loaded_other(const struct runq *mine)
{
	u64 others = atomic64_load_relaxed(&sched_online) & ~BIT(mine->cpu);
	struct runq *best = NULL;

	for (; others; others &= others - 1) {
		struct runq *rq = runq_of((u32)__builtin_ctzl(others));

		if (!best || READ_ONCE(rq->load) < READ_ONCE(best->load))
			best = rq;
	}
	return best;
}

bool balance_pull(struct runq *rq)
{
	struct runq *from = busiest_other(rq);
	struct thread *t;
	bool tell = false;

	if (!from)
		return false;
	runq_lock_pair(rq, from);
	t = from->running >= 2 ? find_movable_rt(from, rq) : NULL;
	if (!t && from->running >= 2)
		t = find_movable(from, rq, UINT64_MAX);
	if (t)
		tell = place_move_locked(t, from, rq);
	runq_unlock_pair(rq, from);
	/* This CPU looks at its own queue next. */
	ASSERT(!tell);
	return t != NULL;
}

void balance_push(struct runq *rq)
{
	struct runq *to = least_loaded_other(rq);
	struct thread *t = NULL;
	bool tell = false;

	if (!to || READ_ONCE(to->load) >= READ_ONCE(rq->load))
		return;
	runq_lock_pair(rq, to);
	/* to's load with the thread must stay below what ours is without moving it. */
	if (rq->running >= 2 && to->load < rq->load)
		t = find_movable(rq, to, rq->load - to->load);
	if (t)
		tell = place_move_locked(t, rq, to);
	runq_unlock_pair(rq, to);
	if (tell)
		smp_send_ipi(to->cpu, IPI_RESCHEDULE);
}

/* The CPU that runs the least important thread, idle ones first. Without locks. */
static struct runq *least_important_other(const struct runq *mine)
{
	u64 others = atomic64_load_relaxed(&sched_online) & ~BIT(mine->cpu);
	struct runq *best = NULL;

	for (; others; others &= others - 1) {
		struct runq *rq = runq_of((u32)__builtin_ctzl(others));

		if (!best || READ_ONCE(rq->current_rt) < READ_ONCE(best->current_rt) ||
			(READ_ONCE(rq->current_rt) == READ_ONCE(best->current_rt) &&
				READ_ONCE(rq->load) < READ_ONCE(best->load)))
			best = rq;
	}
	return best;
}

void balance_push_rt(struct runq *rq)
{
	struct runq *to = least_important_other(rq);
	struct thread *t;
	bool tell = false;

	if (!to)
		return;
	runq_lock_pair(rq, to);
	t = find_movable_rt(rq, to);
	if (t)
		tell = place_move_locked(t, rq, to);
	runq_unlock_pair(rq, to);
	if (tell)
		smp_send_ipi(to->cpu, IPI_RESCHEDULE);
}
