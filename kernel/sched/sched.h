/*
 * The scheduler: per-CPU queues, fair by weighted virtual runtime; user code is preempted, the kernel is not.
 *
 * schedule() runs where a thread blocks, and when WORK_RESCHEDULE is set at return to user and in the breaks of long calls.
 */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include "lib/compiler.h"
#include "sched/thread.h"

void sched_init(void);		 /* boot CPU, before any other function here */
NORETURN void sched_start(void); /* turns the caller (boot, any CPU) into the idle thread. IF=0 */

/* Gives the CPU to the next thread; returns when this one is chosen again. IF=1, no spinlock held. If the caller's state is
 * a sleeping one it leaves the run queue. */
void schedule(void);
/* The same, and somebody else goes first if there is anybody. Long loops call sched_break() (sched/break.h) instead. */
void sched_yield(void);

/* Makes a sleeping thread runnable; false if it was not asleep. Any context except NMI. interruptible_only leaves
 * an uninterruptible sleeper alone. */
bool thread_wake(struct thread *t);
bool thread_wake_interruptible(struct thread *t);

/* Requests in a thread's work word. Any context except NMI. */
void thread_set_work(struct thread *t, u32 work); /* and interrupts its CPU if it is in ring 3 */

/* How a thread is scheduled, as sched_setattr(2) says it. */
struct sched_attributes {
	u32 policy;  /* SCHED_NORMAL, FIFO, RR, BATCH, IDLE */
	u8 priority; /* 1..99 for FIFO and RR, else 0 */
	s32 nice;    /* -20..19; kept, but without effect, for FIFO and RR */
	bool reset_on_fork;
};
/* All of these: any context except NMI. */
void sched_get_attributes(struct thread *t, struct sched_attributes *out);
/* Valid ones only. */
void sched_set_attributes(struct thread *t, const struct sched_attributes *a);
void sched_set_nice(struct thread *t, s32 nice);
/* A thread that has not been started is scheduled as the running one, unless that says otherwise. */
void sched_inherit(struct thread *t);
/* The real-time priority that others lend the thread, 0..99. */
void sched_set_lent_priority(struct thread *t, u8 priority);
/* The turn of a SCHED_RR thread, and what a fair thread gets at a time, in ns. */
u64 sched_rr_slice_ns(void);
u64 sched_fair_slice_ns(void);
/* What the real-time threads of a CPU get of each second while a fair thread wants to run there. UINT64_MAX: all of it. */
void sched_set_rt_runtime_ns(u64 ns);
u64 sched_rt_runtime_ns(void);
/* 0 or -EINVAL if no CPU that runs is among them. Returns for the running thread only once it is on one of them: thread
 * context then; otherwise any context except NMI. */
int sched_set_affinity(struct thread *t, u64 cpus);
/* Ticks in a second on CPUs where more than one thread wants to run. */
void sched_set_tick_hz(u32 hz);
u32 sched_tick_hz(void);

#ifdef AIRLOCK_DEBUG
/* Schedule fuzzing from now on (sync/fuzz.h). Once, before there are threads besides the caller. */
void sched_fuzz(u64 seed);
#else
static inline void sched_fuzz(u64 seed)
{
}
#endif

/* How many seconds a CPU may get nowhere before the machine ends with a report; 0: for ever. Before sched_start(). */
void watchdog_set_limit(u32 seconds);

/* Times up to now, in ns: together what the CPU has been there for. */
struct sched_stats {
	u64 switches, migrations, runnable;
	u64 idle_ns, system_ns;
	u64 user_ns, nice_ns; /* in ring 3; nice: of threads with a nice level above 0 */
};
/* Any context except NMI. */
void sched_get_stats(u32 cpu, struct sched_stats *out);

/* The load of the last minute, five and fifteen, in 1 / 2^SCHED_LOAD_SHIFT (sysinfo(2)'s SI_LOAD_SHIFT). Any context. */
#define SCHED_LOADS 3
#define SCHED_LOAD_SHIFT 16
void sched_get_load(u64 out[SCHED_LOADS]);
/* The average number `which` after five more seconds with so many threads running. For tests. */
u64 sched_load_step(u64 average, u64 running, u32 which);

/* Bit n: CPU n schedules. */
u64 sched_online_cpus(void);

#endif
