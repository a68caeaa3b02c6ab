/*
 * The limit on CPU time.
 *
 * CPU time is counted by the scheduler, thread by thread; nothing happens by itself when a sum is
 * reached. So a process that has a limit has a timer, set to the earliest moment at which the limit
 * could be reached if all its threads ran all the time. When it fires, in an interrupt, every
 * thread gets WORK_CPU_LIMIT: those that run look at once, on their way to ring 3, where the sum can be
 * made and the signal sent; the timer is then set anew. Those that sleep use no CPU time and look when
 * they run again.
 *
 * A process that begins with a limit has no timer yet: its first thread gets WORK_CPU_LIMIT before it
 * runs, and sets one. A timer that is set while the thread is not yet among those of the signals could
 * fire before it is, would tell nobody, and nobody would set it again.
 *
 * The timer is armed under process->lock, and only while the process has threads; the last one
 * cancels it after it has left, so it never fires for a process that is gone. Its callback takes the
 * lock of the process's signals only.
 */
#include "proc/cpulimit.h"

#include "arch/clock.h"
#include "proc/signal.h"
#include "sched/sched.h"

/* The sum of CPU times is looked at no more often than this. */
#define STEP_MIN_NS NS_PER_MS

static void tell_threads(struct timer *timer)
{
	struct process *p = CONTAINER_OF(timer, struct process, cpu_limit);
	struct thread *t;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	list_for_each_entry (t, &p->signals.threads, signals.link)
		thread_set_work(t, WORK_CPU_LIMIT);
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

void cpu_limit_init(struct process *p)
{
	timer_init(&p->cpu_limit, tell_threads);
}

/* A limit in ns; none if it is beyond any clock. */
static u64 limit_ns(u64 seconds)
{
	return seconds < UINT64_MAX / NS_PER_SEC ? seconds * NS_PER_SEC : UINT64_MAX;
}

static void arm_locked(struct process *p, u64 used, u64 next) REQUIRES(&p->lock)
{
	if (next == UINT64_MAX || p->thread_count == 0)
		return;
	u64 left = next > used ? next - used : 0;
	u64 parallel = MAX(MIN(p->thread_count, cpu_count()), 1U);

	timer_arm(&p->cpu_limit, clock_now_ns() + MAX(left / parallel, STEP_MIN_NS));
}

static bool has_limit_locked(const struct process *p) REQUIRES(&p->lock)
{
	const struct rlimit64 *l = &p->limits[RLIMIT_CPU];

	return MIN(limit_ns(l->rlim_cur), limit_ns(l->rlim_max)) != UINT64_MAX;
}

void cpu_limit_changed_locked(struct process *p)
{
	if (has_limit_locked(p))
		arm_locked(p, 0, 0);
}

void cpu_limit_begin_locked(struct process *p, struct thread *first)
{
	if (has_limit_locked(p))
		thread_set_work(first, WORK_CPU_LIMIT);
}

void cpu_limit_check(void)
{
	struct process *p = current_process();
	u64 used = process_runtime(p);

	spin_lock(&p->lock);
	struct rlimit64 *l = &p->limits[RLIMIT_CPU];
	u64 hard = limit_ns(l->rlim_max), soft = limit_ns(l->rlim_cur);
	bool warn = used >= soft && used < hard;
	/* As on Linux, the soft limit itself moves on, and can be seen to. */
	if (warn)
		l->rlim_cur = used / NS_PER_SEC + 1;
	arm_locked(p, used, MIN(limit_ns(l->rlim_cur), hard));
	spin_unlock(&p->lock);
	if (used >= hard)
		process_kill(p, SIGKILL, "its CPU time is used up", 0, 0);
	else if (warn)
		(void)!signal_send(p, 0, SIGXCPU);
}

void cpu_limit_stop(struct process *p)
{
	(void)timer_cancel(&p->cpu_limit);
}
