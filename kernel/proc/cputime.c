/*
 * Timers on CPU time.
 *
 * No interrupt says that a program has used so much of it: while one thread runs alone there is no
 * tick. So such a timer is armed for the earliest moment at which the time can be used up, that is if
 * all CPUs worked for the process from now on; then it looks, and is armed anew for what is left. The
 * steps get shorter as the end comes near, but not below STEP_NS, so a timer fires at most that much
 * late.
 */
#include "arch/clock.h"
#include "arch/cpu.h"
#include "proc/process.h"
#include "proc/timers.h"

#define STEP_NS (NS_PER_MS / 4)

u64 cputime_process_locked(struct process *p)
{
	/* Written under p->lock by threads that leave: a moment ago will do. */
	u64 sum = READ_ONCE(p->dead_runtime);
	struct thread *t;

	list_for_each_entry (t, &p->signals.threads, signals.link)
		sum += thread_runtime(t);
	return sum;
}

u64 cputime_user_locked(struct process *p)
{
	u64 sum = READ_ONCE(p->dead_user_time);
	struct thread *t;

	list_for_each_entry (t, &p->signals.threads, signals.link)
		sum += thread_user_time(t);
	return sum;
}

u64 cputime_earliest(u64 now, u64 used, u64 expires)
{
	u64 left = expires > used ? expires - used : 0;

	return now + MAX(left / cpu_count(), STEP_NS);
}
