/*
 * A CPU's run queue: between the files of sched/, not for others.
 *
 * The queue holds threads that could run, in two trees: real-time threads by priority (rt.h), and fair ones by virtual runtime,
 * CPU time divided by weight. The first real-time thread is next, or else the fair one with the least. The running thread is in
 * no tree but is counted.
 *
 * The lock is held across a switch of threads: taken by the thread that leaves, released by the one that arrives
 * (sched.c). Therefore, for whoever holds a queue's lock, a thread of that queue is exactly one of
 *	current        running here, its stack live (on_cpu)
 *	in the tree    runnable, its stack at rest (queued)
 *	neither        asleep, new, dead; or on its way to another queue, see below
 * and nobody can pick a thread whose stack is still in use (hazards B14, B24).
 *
 * A thread's queue is that of ->cpu, which changes only with both queues locked, or while the thread is on its way: taken
 * out of one queue (by the one who will put it into another), RUNNABLE and in no tree. Others who meet it then change only what
 * (r) covers and move nothing; whoever moves it looks at affinity again under the lock when it puts it in.
 *
 * Two queues are locked in the order of their CPUs, which is that of their addresses.
 */
#ifndef SCHED_RUNQ_H
#define SCHED_RUNQ_H

#include "arch/clock.h"
#include "arch/cpu.h"
#include "lib/rbtree.h"
#include "sched/thread.h"
#include "sync/spinlock.h"
#include "time/timer.h"

/* Locking key: (L) written under lock, read without by whoever compares queues: a stale value costs a worse choice only;
 * (c) constant; (p) own CPU, interrupts off. */
/* Between rt.c and the queue that it is part of. */
struct rt_queue {
	struct rb_root tree;
	s64 front, back;  /* rt_order for the next that is put there */
	u64 period_start; /* ns */
	u64 used;	  /* ns of this period that real-time threads have run */
};

struct ALIGNED(64) runq {
	struct spinlock lock;
	u32 cpu;	     /* (c) */
	struct thread *idle; /* (c) */
	struct thread *current GUARDED_BY(&lock);
	/* Left this CPU, which it may not use any more; put elsewhere after the switch. */
	struct thread *evicted GUARDED_BY(&lock);
	struct rb_root tree GUARDED_BY(&lock);
	struct rt_queue rt GUARDED_BY(&lock);
	u32 running;	/* (L) threads in the trees, and current unless it is idle */
	u8 current_rt;	/* (L) the priority of current */
	u32 rt_waiting; /* (L) real-time threads in the tree */
	u64 load;	/* (L) sum of their weights */
	/* clock_cycles() when runq_refresh() last charged. */
	u64 charged GUARDED_BY(&lock);
	/* Never falls: where newcomers begin. */
	u64 min_vruntime GUARDED_BY(&lock);
	/* The tick is armed. */
	bool ticking GUARDED_BY(&lock);
	struct timer tick;
	u64 next_balance;	  /* (p) ns */
	struct thread *dead;	  /* (p) left for ever, stack not yet freed */
	u64 switches, migrations; /* (L) */
	/* What the CPU did with its time since `started`: nothing; nice programs. The rest is in runtime.c. */
	u64 started, idle_ns GUARDED_BY(&lock), nice_ns GUARDED_BY(&lock);
	/* What was last said of the rest, and of its part in ring 3: nice programs', and others'. */
	struct time_split told GUARDED_BY(&lock), told_nice GUARDED_BY(&lock);
};

extern struct runq runqs[MAX_CPUS];

static inline struct runq *runq_of(u32 cpu)
{
	return &runqs[cpu];
}

static inline struct runq *runq_here(void)
{
	return this_cpu()->runq;
}

/* Locks the queue of a thread and returns it. IF=0. */
static inline struct runq *runq_lock_of(const struct thread *t) NO_THREAD_SAFETY
{
	for (;;) {
		/* May change until the lock of the queue that it names is held. */
		struct runq *rq = runq_of(READ_ONCE(t->cpu));

		spin_lock(&rq->lock);
		if (LIKELY(rq->cpu == READ_ONCE(t->cpu)))
			return rq;
		spin_unlock(&rq->lock);
	}
}

/* Both may be the same. IF=0. */
void runq_lock_pair(struct runq *a, struct runq *b) ACQUIRES(&a->lock, &b->lock);
void runq_unlock_pair(struct runq *a, struct runq *b) RELEASES(&a->lock, &b->lock);

/* -- all below: the queue's lock is held -- */

/* Charges the running thread for the time since the last charge. */
void runq_charge(struct runq *rq, u64 now_ns) REQUIRES(&rq->lock);
/* Charges it if that was not done for so many cycles (50 us, set at start-up): what it has used, and min_vruntime, are then
 * right to within a fraction of the lead that counts. */
extern u64 sched_charge_cycles;
void runq_refresh_slowly(struct runq *rq, u64 cycles) REQUIRES(&rq->lock);
static inline void runq_refresh(struct runq *rq) REQUIRES(&rq->lock)
{
	u64 cycles = clock_cycles_roughly();

	if (UNLIKELY(cycles - rq->charged >= sched_charge_cycles))
		runq_refresh_slowly(rq, cycles);
}

/* Adds a runnable thread that is in no queue, or takes one out that is in the tree. */
void runq_add(struct runq *rq, struct thread *t) REQUIRES(&rq->lock);
void runq_remove(struct runq *rq, struct thread *t) REQUIRES(&rq->lock);

/* The running thread gives up the CPU: back into the tree, or not counted here any more. */
void runq_put_back(struct runq *rq, struct thread *t) REQUIRES(&rq->lock);
static inline void runq_discount(struct runq *rq, const struct thread *t) REQUIRES(&rq->lock)
{
	WRITE_ONCE(rq->running, rq->running - 1);
	WRITE_ONCE(rq->load, rq->load - t->weight);
}
/* Takes out the thread to run next, not `skip` if there is any other; idle if there is none. */
struct thread *runq_pick(struct runq *rq, const struct thread *skip) REQUIRES(&rq->lock);

/* The best waiting fair thread, or NULL. */
struct thread *runq_first(const struct runq *rq) REQUIRES(&rq->lock);
/* True if the running thread has run long enough, for there is a better one. At a tick. */
bool runq_tick(struct runq *rq) REQUIRES(&rq->lock);

/* What a thread's place in the queue depends on is about to change, and has. */
void runq_take_out(struct runq *rq, struct thread *t) REQUIRES(&rq->lock);
void runq_put_in(struct runq *rq, struct thread *t) REQUIRES(&rq->lock);
void runq_set_weight(struct runq *rq, struct thread *t, u32 weight) REQUIRES(&rq->lock);

/* Takes a thread's virtual runtime from one queue's scale to another's. Both locks. */
void runq_rescale(struct thread *t, struct runq *from, struct runq *to)
	REQUIRES(&from->lock, &to->lock);
/* What a sleeper may be ahead of the others when it wakes: it runs soon, but not for long. */
#define SLEEP_CREDIT_NS (3 * NS_PER_MS)
/* Where a thread that slept, or is new, comes in. */
static inline void runq_place_sleeper(struct runq *rq, struct thread *t) REQUIRES(&rq->lock)
{
	runq_refresh(rq);
	u64 earliest = rq->min_vruntime - SLEEP_CREDIT_NS;

	if ((s64)(t->vruntime - earliest) < 0)
		t->vruntime = earliest;
}
void runq_place_new(struct runq *rq, struct thread *t) REQUIRES(&rq->lock);
/* True if a thread that has just come in should run instead of the current one. */
bool runq_preempts(struct runq *rq, const struct thread *t) REQUIRES(&rq->lock);

#endif
