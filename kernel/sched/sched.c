/*
 * Choosing and switching threads; waking them.
 *
 * Switching. schedule() runs with interrupts off from before it looks at the queue until the thread it chose runs, and
 * holds the queue's lock across the switch: locked on the stack of the thread that leaves (prev), unlocked on that of the
 * one that arrives (finish_switch()). Until then nobody can choose prev, so its stack is never used twice (B14, B24). The
 * order, all with IF=0: address space, current, kernel stack top (in arch_thread_switch()), stack (W1).
 *
 * The reschedule request is a bit in the running thread's work word. It is set under the lock of the queue that the thread
 * is `current` of, and cleared under that lock when the next thread is chosen. A request made before the choice is served
 * by it, for the thread that it was made for is in the queue by then; one made after it finds the new current. So none is
 * swallowed (B24), and a thread that does not run never has the bit.
 *
 * Waking. A thread goes to sleep in two steps: it sets its state (wait.c), and later schedule() takes it off the queue. Both a
 * waker and schedule() look at the state under the queue's lock. If the waker is first, the thread is still current: its state
 * goes back to RUNNABLE and schedule() keeps it. If schedule() is first, the thread's stack has been left when the
 * waker gets the lock, and the waker queues it. There is no third case.
 */
#include "sched/sched.h"

#include "arch/clock.h"
#include "arch/irqflags.h"
#include "arch/smp.h"
#include "arch/upcalls.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "sched/break.h"
#include "sched/internal.h"
#include "sync/spinlock_debug.h"
#include "trace/ring.h"
#include "trace/stream.h"

/* -- switching -- */

/* On the stack of the thread that arrives, with the lock that the one that left has taken. IF=0. */
static void finish_switch(struct thread *prev) NO_THREAD_SAFETY
{
	struct runq *rq = runq_here();
	struct thread *evicted = rq->evicted;

	rq->evicted = NULL;
	WRITE_ONCE(prev->on_cpu, false);
	if (atomic32_load_relaxed(&prev->state) == THREAD_DEAD)
		thread_bury(rq, prev);
	tick_start_locked(rq);
	spin_unlock(&rq->lock);
	if (UNLIKELY(evicted))
		place_queue(evicted);
	/* A hint: who is added from now on is placed by who adds it. */
	if (UNLIKELY(READ_ONCE(rq->rt_waiting)))
		balance_push_rt(rq);
}

/* What becomes of the thread that gives up the CPU. */
static void put_prev(struct runq *rq, struct thread *prev) REQUIRES(&rq->lock)
{
	if (prev == rq->idle)
		return;
	if (atomic32_load_relaxed(&prev->state) != THREAD_RUNNABLE && !thread_is_kept(prev)) {
		prev->voluntary++;
		runq_discount(rq, prev);
		return;
	}
	if (LIKELY(prev->affinity & BIT(rq->cpu))) {
		runq_put_back(rq, prev);
		return;
	}
	runq_discount(rq, prev);
	rq->evicted = prev;
}

static void note_idle(const struct runq *rq, const struct thread *prev, const struct thread *next)
{
	if (next == rq->idle)
		atomic64_fetch_or(&sched_idle, BIT(rq->cpu));
	else if (prev == rq->idle)
		atomic64_fetch_and(&sched_idle, ~BIT(rq->cpu));
}

/* User threads are named when they make calls: only proc/ knows the process. */
static void name_for_host(struct thread *t)
{
	if (t->process || t->told_name[0])
		return;
	memcpy(t->told_name, t->name, sizeof(t->told_name));
	trace_name(t->tid, 0, t->told_name);
}

static void switch_to(struct runq *rq, struct thread *prev, struct thread *next) REQUIRES(&rq->lock)
{
	if (atomic32_load_relaxed(&prev->state) == THREAD_RUNNABLE)
		prev->involuntary++;
	if (prev->rseq.area && !thread_in_call(&prev->arch))
		atomic32_fetch_or(&prev->arch.work, WORK_RSEQ);
	if (next->rseq.area && next->rseq.told_cpu != rq->cpu + 1)
		atomic32_fetch_or(&next->arch.work, WORK_RSEQ);
	note_idle(rq, prev, next);
	WRITE_ONCE(next->on_cpu, true);
	WRITE_ONCE(next->exec_start, prev->exec_start);
	/* Before it is told who runs: runtime.c. */
	u64 ticks = this_cpu()->user_ticks;
	WRITE_ONCE(prev->user_ticks, prev->user_ticks + ticks);
	WRITE_ONCE(next->user_ticks, next->user_ticks - ticks);
	WRITE_ONCE(rq->current, next);
	WRITE_ONCE(rq->current_rt, next->rt);
	WRITE_ONCE(rq->switches, rq->switches + 1);
	/* Threads of one program leave everything as it is. */
	if (next->mm != prev->mm || next->mm != this_cpu()->mm)
		mm_switch(next->mm);
	if (UNLIKELY(trace_streaming)) {
		name_for_host(prev);
		name_for_host(next);
	}
	trace_switch(prev->tid, next->tid, atomic32_load_relaxed(&prev->state));
	prev = (struct thread *)arch_thread_switch(&prev->arch, &next->arch);
	/* Any CPU, any time later: rq, prev's queue then, means nothing now. */
	finish_switch(prev);
}

/* IF=0. yielding: somebody else, if there is anybody. */
static void choose_and_switch(bool yielding) NO_THREAD_SAFETY
{
	struct runq *rq = runq_here();
	struct thread *prev = current_thread(), *next;

	spin_lock(&rq->lock);
	runq_charge(rq, clock_now_ns());
	prev->rt_to_back |= yielding;
	put_prev(rq, prev);
	atomic32_fetch_and(&prev->arch.work, ~(u32)WORK_RESCHEDULE);
	next = runq_pick(rq, yielding ? prev : NULL);
	if (next != prev) {
		switch_to(rq, prev, next);
		return;
	}
	tick_start_locked(rq);
	spin_unlock(&rq->lock);
}

static void check_context(void)
{
	ASSERT(!irq_disabled());
	spin_debug_none_held("a thread sleeps");
	ASSERT(this_cpu()->irq_depth == 0);
}

void schedule(void)
{
	check_context();
	irq_disable();
	choose_and_switch(false);
	irq_enable();
	thread_reap();
}

void sched_break(void)
{
	struct thread *t = current_thread();

	check_context();
	ASSERT(atomic32_load_relaxed(&t->state) == THREAD_RUNNABLE);
	WRITE_ONCE(t->breaks, t->breaks + 1);
	if (UNLIKELY(atomic32_load_relaxed(&t->arch.work) & WORK_RESCHEDULE))
		schedule();
}

void sched_yield(void)
{
	check_context();
	irq_disable();
	choose_and_switch(true);
	irq_enable();
	thread_reap();
}

#ifdef AIRLOCK_FUZZ

void sched_preempt(void)
{
	struct thread *t = current_thread();

	check_context();
	irq_disable();
	/* Before the queue's lock: until the thread has left its CPU nobody asks. */
	t->kept = true;
	choose_and_switch(true);
	t->kept = false;
	irq_enable();
}

#endif

/* A thread's first code. What died on this CPU is freed at the next schedule(); if there is something, the thread is sent
 * there before it enters ring 3. */
void upcall_thread_started(struct arch_thread *prev)
{
	finish_switch((struct thread *)prev);
	if (runq_here()->dead)
		atomic32_fetch_or(&current_thread()->arch.work, WORK_RESCHEDULE);
}

/* The request itself is in the work word or the queue; what is left to do is the tick, which only its own CPU can arm. */
void upcall_reschedule(void)
{
	struct runq *rq = runq_here();

	spin_lock(&rq->lock);
	tick_start_locked(rq);
	spin_unlock(&rq->lock);
}

void thread_exit(void)
{
	struct thread *t = current_thread();

	check_context();
	CHECK(t != runq_here()->idle);
	irq_disable();
	atomic32_store(&t->state, THREAD_DEAD);
	choose_and_switch(false);
	panic("a dead thread runs");
}

void upcall_thread_finished(void)
{
	thread_exit();
}

/* -- waking -- */

/* The thread sleeps and has left its CPU; its queue is locked. Makes it runnable on the best CPU and unlocks. */
static void wake_sleeping(struct runq *rq, struct thread *t) NO_THREAD_SAFETY
{
	u32 cpu = place_choose(t);
	bool here = cpu == rq->cpu, tell = false;

	trace_wake(t->tid, current_thread()->tid, cpu);
	/* From here on it is awake for everybody else, and only this CPU moves it. */
	atomic32_store(&t->state, THREAD_RUNNABLE);
	runq_place_sleeper(rq, t);
	if (here) {
		runq_add(rq, t);
		tell = place_announce_locked(rq, t);
	}
	spin_unlock(&rq->lock);
	if (!here)
		place_queue(t);
	else if (tell)
		smp_send_ipi(rq->cpu, IPI_RESCHEDULE);
}

static bool is_asleep(const struct thread *t, u32 states)
{
	return BIT(atomic32_load(&t->state)) & states;
}

/* Wakes the thread if its state is one of `states`. */
static bool wake(struct thread *t, u32 states) NO_THREAD_SAFETY
{
	struct runq *rq;
	u64 flags;
	u32 state;

	/* What the caller made true is stored before the state is read. Pairs with the sleeper, which stores its state and
	 * then reads the condition: one of the two sees the other's store. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!is_asleep(t, states))
		return false;
	flags = irq_save();
	rq = runq_lock_of(t);
	state = atomic32_load(&t->state);
	while (BIT(state) & states) {
		if (!t->on_cpu && !thread_is_kept(t)) {
			wake_sleeping(rq, t);
			irq_restore(flags);
			return true;
		}
		/* Still on its way to schedule(), and it may change its mind meanwhile. */
		if (atomic32_compare_exchange(&t->state, &state, THREAD_RUNNABLE))
			break;
	}
	spin_unlock(&rq->lock);
	irq_restore(flags);
	return BIT(state) & states;
}

bool thread_wake(struct thread *t)
{
	return wake(t, BIT(THREAD_SLEEPING) | BIT(THREAD_SLEEPING_INTERRUPTIBLE));
}

bool thread_wake_interruptible(struct thread *t)
{
	return wake(t, BIT(THREAD_SLEEPING_INTERRUPTIBLE));
}

void thread_start(struct thread *t)
{
	u64 flags = irq_save();
	struct runq *rq = runq_lock_of(t);

	spin_assert_held(&rq->lock);
	CHECK(atomic32_load_relaxed(&t->state) == THREAD_NEW);
	/* For running; thread_reap() gives it back. */
	thread_get(t);
	atomic32_store(&t->state, THREAD_RUNNABLE);
	runq_place_new(rq, t);
	spin_unlock(&rq->lock);
	place_queue(t);
	irq_restore(flags);
}

/* The bit first, then the question whether the thread runs, under the lock under which it is chosen: if it does not, it will
 * see the bit when it does; if it does, the interrupt makes it look. */
void thread_set_work(struct thread *t, u32 work)
{
	struct runq *rq;
	bool tell;
	u64 flags;

	atomic32_fetch_or(&t->arch.work, work);
	if (t == current_thread())
		return;
	flags = irq_save();
	rq = runq_lock_of(t);
	spin_assert_held(&rq->lock);
	tell = t->on_cpu && rq != runq_here();
	spin_unlock(&rq->lock);
	if (tell)
		smp_send_ipi(rq->cpu, IPI_RESCHEDULE);
	irq_restore(flags);
}
