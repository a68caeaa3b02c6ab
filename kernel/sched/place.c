/*
 * Which CPU a thread is queued on, and how that CPU hears of it.
 *
 * Choice, among the CPUs that the thread may use: the one it last ran on if that is idle (its cache may still know the
 * thread), else any idle one, else the one with the least load, or, for a real-time thread, the one that runs the least
 * important. The hints (sched_idle, loads) are read without locks; a stale one makes a worse choice, which balancing mends.
 *
 * A CPU must be told if it is idle, if its running thread should make way, or if it has to start its tick. The own CPU needs no
 * interrupt: the work word is looked at on the way to ring 3, and the idle loop looks at the queue. For another CPU, what is
 * told (queue, work word) is stored before smp_send_ipi(), which orders it.
 */
#include "arch/irqflags.h"
#include "arch/smp.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "sched/internal.h"
#include "sched/sched.h"
#include "trace/ring.h"

atomic64_t sched_online;
atomic64_t sched_idle;

static u32 lowest_bit(u64 mask)
{
	return (u32)__builtin_ctzl(mask);
}

/* What the CPU would lose by taking the thread: its load, or for a real-time thread the importance of what it runs. */
static u64 burden(u32 cpu, bool rt)
{
	const struct runq *rq = runq_of(cpu);

	return rt ? READ_ONCE(rq->current_rt) : READ_ONCE(rq->load);
}

/* The last CPU if no other is better. */
static u32 least_burdened(u64 allowed, u32 last, bool rt)
{
	u32 best = allowed & BIT(last) ? last : lowest_bit(allowed), cpu;

	for (; allowed; allowed &= allowed - 1) {
		cpu = lowest_bit(allowed);
		if (burden(cpu, rt) < burden(best, rt))
			best = cpu;
	}
	return best;
}

u32 place_choose_among(const struct thread *t, u64 allowed, u32 last)
{
	if (fuzz_on() && !t->rt)
		return fuzz_choose_cpu(allowed);
	u64 idle = allowed & atomic64_load_relaxed(&sched_idle);
	if (idle)
		return idle & BIT(last) ? last : lowest_bit(idle);
	return least_burdened(allowed, last, t->rt);
}

bool place_preempt_locked(struct runq *rq)
{
	ASSERT(spin_held(&rq->lock));
	/* Under the lock, because the bit is for the thread that runs: sched.c clears it there when it chooses. */
	atomic32_fetch_or(&rq->current->arch.work, WORK_RESCHEDULE);
	return rq != runq_here();
}

bool place_announce_locked(struct runq *rq, struct thread *t)
{
	bool tell = false;

	atomic64_fetch_and(&sched_idle, ~BIT(rq->cpu));
	if (runq_preempts(rq, t))
		tell = place_preempt_locked(rq);
	if (rq->running < 2 || rq->ticking)
		return tell;
	if (rq == runq_here())
		tick_start_locked(rq);
	else
		tell = true;
	return tell;
}

static void note_migration(const struct thread *t, const struct runq *from, struct runq *to)
	REQUIRES(&to->lock)
{
	WRITE_ONCE(to->migrations, to->migrations + 1);
	trace_event(TRACE_MIGRATE, 0, t->tid, from->cpu, to->cpu);
}

bool place_move_locked(struct thread *t, struct runq *from, struct runq *to)
{
	runq_remove(from, t);
	runq_rescale(t, from, to);
	runq_add(to, t);
	note_migration(t, from, to);
	return place_announce_locked(to, t);
}

/* Only the caller can move the thread, so ->cpu stays; its affinity may change until both locks are held. */
void place_queue(struct thread *t)
{
	struct runq *from = runq_of(READ_ONCE(t->cpu)), *to;
	bool tell;

	for (;;) {
		to = runq_of(place_choose(t));
		runq_lock_pair(from, to);
		if (t->affinity & BIT(to->cpu))
			break;
		runq_unlock_pair(from, to);
	}
	if (to != from) {
		runq_rescale(t, from, to);
		note_migration(t, from, to);
	}
	runq_add(to, t);
	tell = place_announce_locked(to, t);
	runq_unlock_pair(from, to);
	if (tell)
		smp_send_ipi(to->cpu, IPI_RESCHEDULE);
}

/* A running thread is asked to go and is put elsewhere when it has left its stack (sched.c); a waiting one moves now. */
static bool leave_forbidden_locked(struct runq *rq, struct thread *t, bool *tell)
	REQUIRES(&rq->lock)
{
	if (t->affinity & BIT(rq->cpu))
		return false;
	if (rq->current == t)
		*tell = place_preempt_locked(rq);
	if (!t->queued)
		return false;
	runq_remove(rq, t);
	return true;
}

int sched_set_affinity(struct thread *t, u64 cpus)
{
	struct runq *rq;
	bool move, tell = false;
	u64 flags;

	cpus &= atomic64_load(&sched_online);
	if (!cpus)
		return -EINVAL;
	flags = irq_save();
	rq = runq_lock_of(t);
	spin_assert_held(&rq->lock);
	WRITE_ONCE(t->affinity, cpus);
	move = leave_forbidden_locked(rq, t, &tell);
	spin_unlock(&rq->lock);
	if (move)
		place_queue(t);
	if (tell)
		smp_send_ipi(rq->cpu, IPI_RESCHEDULE);
	irq_restore(flags);
	/* For itself a thread must not return before it is where it may be. */
	if (t == current_thread() && !(cpus & BIT(this_cpu()->id)))
		schedule();
	return 0;
}
