/*
 * Reading the CPU times of threads and CPUs: see runtime.h.
 *
 * Times of threads are read without the lock of a queue, for timers ask under locks of higher rank. A thread that is switched just then
 * may be seen with a figure that is one turn old.
 */
#include "sched/runtime.h"

#include "arch/clock.h"
#include "arch/irqflags.h"
#include "arch/user_time.h"
#include "sched/runq.h"
#include "sched/sched.h"

void time_split(struct time_split *told, u64 total_ns, u64 user_ns)
{
	u64 least = told->user_ns + told->system_ns;

	if (total_ns < least)
		return;
	u64 user = MAX(user_ns, told->user_ns);
	user = MIN(user, total_ns - told->system_ns);
	*told = (struct time_split){.user_ns = user, .system_ns = total_ns - user};
}

u64 thread_runtime(const struct thread *t)
{
	u64 done = READ_ONCE(t->runtime);
	u64 since = READ_ONCE(t->exec_start);
	u64 now = clock_now_ns();

	if (READ_ONCE(t->on_cpu) && now > since)
		done += now - since;
	return done;
}

/*
 * The switch adds the CPU's ticks to those of the thread that leaves and subtracts them from those of the one that comes, and only then says
 * who runs. So if who runs and the thread's ticks are the same before and after, the reading is right; else there was a switch meanwhile.
 */
static u64 user_ticks(const struct thread *t) NO_THREAD_SAFETY
{
	for (;;) {
		const struct runq *rq = runq_of(READ_ONCE(t->cpu));
		bool runs = READ_ONCE(rq->current) == t;
		u64 ticks = READ_ONCE(t->user_ticks);
		u64 here = runs ? user_time_ticks(cpu_get(rq->cpu)) : 0;

		if (READ_ONCE(t->user_ticks) == ticks && (READ_ONCE(rq->current) == t) == runs)
			return ticks + here;
		cpu_relax();
	}
}

u64 thread_user_time(const struct thread *t)
{
	return clock_ticks_to_ns(user_ticks(t));
}

void sched_get_stats(u32 cpu, struct sched_stats *out)
{
	struct runq *rq = runq_of(cpu);
	u64 flags = spin_lock_irqsave(&rq->lock);
	u64 now = clock_now_ns();

	runq_charge(rq, now);
	/* Clocks of two CPUs may differ by a little. */
	u64 busy = now > rq->started + rq->idle_ns ? now - rq->started - rq->idle_ns : 0;
	u64 ticks = user_time_ticks(cpu_get(cpu));
	time_split(&rq->told, busy, clock_ticks_to_ns(ticks));
	/* Of nice programs' time the kernel's part is not known. */
	time_split(&rq->told_nice, rq->told.user_ns, rq->nice_ns);
	*out = (struct sched_stats){
		.switches = rq->switches,
		.migrations = rq->migrations,
		.runnable = rq->running,
		.idle_ns = rq->idle_ns,
		.user_ns = rq->told_nice.system_ns,
		.nice_ns = rq->told_nice.user_ns,
		.system_ns = rq->told.system_ns,
	};
	spin_unlock_irqrestore(&rq->lock, flags);
}
