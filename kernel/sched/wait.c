/*
 * Wait queues. Why no wakeup is lost is said in wait.h; here is the rest of the argument, for what else ends a sleep.
 *
 * Every end of a sleep (wake, signal, deadline) is one change of the thread's state from a sleeping one to RUNNABLE, made
 * under its run queue's lock (sched.c). Whoever comes second finds the thread awake and has no effect. What the sleeper returns
 * does not depend on who was first: it looks at the condition, the signals and the clock itself.
 *
 * Signal against sleep: the sender stores the pending signal, then reads the state (thread_wake_interruptible()); the
 * sleeper stores its state (wait_prepare()), then reads the pending signals (wait_sleep()). Both have a full barrier in between, so
 * at least one sees the other's store.
 *
 * Deadline against wake: the timer is armed after the state was set, so when it fires the thread is asleep, or about to
 * sleep, or was woken by something else. It is cancelled before wait_sleep() returns, and timer_cancel() waits for a
 * callback that is running, so it can't hit a later sleep or a stack frame that is gone.
 *
 * A waiter's memory: wakers touch it under the queue's lock only, and its owner takes it out under that lock.
 */
#include "sched/wait.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "lib/assert.h"
#include "sched/runq.h"
#include "time/timer.h"
#include "trace/ring.h"

static bool (*signal_pending_fn)(struct thread *t);

void wait_set_signal_pending(bool (*fn)(struct thread *t))
{
	WRITE_ONCE(signal_pending_fn, fn);
}

static NOINLINE bool look_for_signal(struct thread *t)
{
	bool (*fn)(struct thread *) = READ_ONCE(signal_pending_fn);

	return t->process && fn && fn(t);
}

/* Whoever sends a signal sets the work bit, too, after the pending bit, so without it there is nothing to look for. */
static bool has_signal(struct thread *t)
{
	return UNLIKELY(atomic32_load(&t->arch.work) & WORK_SIGNAL) && look_for_signal(t);
}

void waitq_init(struct waitq *q)
{
	spin_init(&q->lock, "waitq", RANK_WAITQ);
	list_init(&q->waiters);
}

/* True if it counts. A thread that was woken leaves the queue, so that the next wake does not meet it. */
static bool wake_one_locked(struct waiter *w, u32 events)
{
	if (w->notify)
		return w->notify(w, events);
#ifdef AIRLOCK_DEBUG
	/* First: a thread that is awake looks at once, and this CPU may take its time. */
	WRITE_ONCE(w->met, true);
#endif
	if (!thread_wake(w->thread))
		return false;
	list_remove(&w->link);
	return true;
}

/* Most queues are empty when they are woken; then nobody's lock is taken. The look comes after the condition was stored,
 * and a sleeper, between joining the queue and looking at the condition, has a full barrier, too (wait_prepare(), waitq_join()): one
 * of the two sees the other's store. */
static bool is_empty(const struct waitq *q)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return list_empty_unlocked(&q->waiters);
}

u32 waitq_wake_locked(struct waitq *q, u32 n, u32 events)
{
	struct waiter *w, *next;
	u32 woken = 0;

	list_for_each_entry_safe (w, next, &q->waiters, link) {
		bool exclusive = w->exclusive;

		if (exclusive && woken == n)
			continue;
		if (wake_one_locked(w, events) && exclusive)
			woken++;
	}
	return woken;
}

void waitq_wake_exclusive_locked(struct waitq *q)
{
	struct waiter *w, *next;

	list_for_each_entry_safe (w, next, &q->waiters, link)
		if (w->exclusive && wake_one_locked(w, 0))
			return;
}

static NOINLINE u32 wake_waiters(struct waitq *q, u32 n, u32 events)
{
	u64 flags = spin_lock_irqsave(&q->lock);
	u32 woken = waitq_wake_locked(q, n, events);

	spin_unlock_irqrestore(&q->lock, flags);
	return woken;
}

u32 waitq_wake(struct waitq *q, u32 n)
{
	return is_empty(q) ? 0 : wake_waiters(q, n, 0);
}

void waitq_wake_events(struct waitq *q, u32 events)
{
	if (!is_empty(q))
		(void)wake_waiters(q, 1, events);
}

void waitq_join(struct waitq *q, struct waiter *w)
{
	u64 flags = spin_lock_irqsave(&q->lock);

	ASSERT(w->notify && list_empty(&w->link));
	if (w->exclusive)
		list_push_back(&q->waiters, &w->link);
	else
		list_push_front(&q->waiters, &w->link);
	spin_unlock_irqrestore(&q->lock, flags);
	/* The condition is looked at after it: see is_empty(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void waitq_leave(struct waitq *q, struct waiter *w)
{
	u64 flags = spin_lock_irqsave(&q->lock);

	list_remove(&w->link);
	spin_unlock_irqrestore(&q->lock, flags);
}

void waitq_wake_all(struct waitq *q)
{
	if (!is_empty(q))
		(void)wake_waiters(q, UINT32_MAX, 0);
}

void wait_prepare(struct waitq *q, struct waiter *w, enum thread_state state)
{
	struct thread *t = current_thread();
	u64 flags;

	ASSERT(state == THREAD_SLEEPING || state == THREAD_SLEEPING_INTERRUPTIBLE);
	ASSERT(t != runq_here()->idle);
	flags = spin_lock_irqsave(&q->lock);
	w->thread = t;
	if (list_empty(&w->link))
		list_push_back(&q->waiters, &w->link);
	/* A full barrier: the condition and the signals are read after it. */
	atomic32_store(&t->state, state);
	spin_unlock_irqrestore(&q->lock, flags);
}

void wait_finish(struct waitq *q, struct waiter *w)
{
	u64 flags = spin_lock_irqsave(&q->lock);

	list_remove(&w->link);
	atomic32_store(&current_thread()->state, THREAD_RUNNABLE);
	spin_unlock_irqrestore(&q->lock, flags);
}

/* -- sleeping -- */

struct alarm {
	struct timer timer;
	struct thread *thread;
};

static void alarm_fire(struct timer *timer)
{
	thread_wake(CONTAINER_OF(timer, struct alarm, timer)->thread);
}

/* Awake without having slept. */
static int stay_awake(struct thread *t, int err)
{
	atomic32_store(&t->state, THREAD_RUNNABLE);
	return err;
}

static NOINLINE int sleep_with_alarm(struct thread *t, u64 deadline_ns, bool interruptible)
{
	struct alarm alarm = {.thread = t};

	if (clock_now_ns() >= deadline_ns)
		return stay_awake(t, -ETIME);
	timer_init(&alarm.timer, alarm_fire);
	timer_arm(&alarm.timer, deadline_ns);
	schedule();
	timer_cancel(&alarm.timer);
	if (interruptible && has_signal(t))
		return -EINTR;
	return clock_now_ns() >= deadline_ns ? -ETIME : 0;
}

int wait_sleep(u64 deadline_ns)
{
	struct thread *t = current_thread();
	/* RUNNABLE: woken since wait_prepare(). Then schedule() would come straight back, too; this saves the way. */
	u32 state = atomic32_load(&t->state);
	bool interruptible = state == THREAD_SLEEPING_INTERRUPTIBLE;

	if (state == THREAD_RUNNABLE)
		return 0;
	if (interruptible && has_signal(t))
		return stay_awake(t, -EINTR);
	/* Who called is why it sleeps. Interrupts are on in who may sleep. */
	irq_disable();
	trace_block((u64)__builtin_return_address(0), t->tid, state, deadline_ns);
	irq_enable();
	if (UNLIKELY(deadline_ns != WAIT_FOREVER))
		return sleep_with_alarm(t, deadline_ns, interruptible);
	schedule();
	return interruptible && has_signal(t) ? -EINTR : 0;
}

int sleep_until(u64 deadline_ns)
{
	struct thread *t = current_thread();
	int err;

	do {
		/* No condition but the clock and the signals, which wait_sleep() reads after this store. */
		atomic32_store(&t->state, THREAD_SLEEPING_INTERRUPTIBLE);
		err = wait_sleep(deadline_ns);
	} while (!err);
	return err == -ETIME ? 0 : err;
}
