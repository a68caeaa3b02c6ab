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

u64 cputime_thread(const struct thread *t, bool user_only)
{
	return user_only ? thread_user_time(t) : thread_runtime(t);
}

u64 cputime_process_locked(struct process *p, bool user_only)
{
	/* Written under p->lock by threads that leave: a moment ago will do. */
	u64 sum = user_only ? READ_ONCE(p->dead_user_time) : READ_ONCE(p->dead_runtime);
	struct thread *t;

	list_for_each_entry (t, &p->signals.threads, signals.link)
		sum += cputime_thread(t, user_only);
	return sum;
}

bool cpu_clock_decode(s32 id, struct cpu_clock *out)
{
	*out = (struct cpu_clock){
		.number = ~(u32)id >> 3,
		.thread = id & CPU_CLOCK_THREAD,
		.user_only = (id & CPU_CLOCK_KIND) == CPU_CLOCK_USER,
	};
	return (id & CPU_CLOCK_KIND) <= CPU_CLOCK_SCHED;
}

u64 cputime_earliest(u64 now, u64 used, u64 expires)
{
	u64 left = expires > used ? expires - used : 0;

	return now + MAX(left / cpu_count(), STEP_NS);
}
