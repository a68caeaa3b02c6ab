/* Between the files of sched/: not for others. What the run queue itself can do is in runq.h. */
#ifndef SCHED_INTERNAL_H
#define SCHED_INTERNAL_H

#include "sched/runq.h"
#include "sync/fuzz.h"

/* -- place.c: which CPU, and telling it -- */

/* CPUs that schedule, and those of them that have nothing to do (a hint). Bit n: CPU n. */
extern atomic64_t sched_online;
extern atomic64_t sched_idle;

/* What a queue's CPU must be told about a thread that was added to it. Queue's lock held. */
MUST_CHECK bool place_announce_locked(struct runq *rq, struct thread *t) REQUIRES(&rq->lock);
u32 place_choose_among(const struct thread *t, u64 allowed, u32 last);
/* The CPU for a thread that is to be queued, by its affinity. */
static inline u32 place_choose(const struct thread *t)
{
	/* Affinity was checked against the online CPUs when it was set, and CPUs never go offline: not empty. */
	u64 allowed = READ_ONCE(t->affinity) & atomic64_load_relaxed(&sched_online);
	u32 last = READ_ONCE(t->cpu);

	return LIKELY(allowed == BIT(last)) ? last : place_choose_among(t, allowed, last);
}
/* Puts a thread that is on its way (runq.h) into a queue. IF=0, no queue locked. */
void place_queue(struct thread *t);
/* Moves a waiting thread. Both queues locked. True: to's CPU must be interrupted after unlocking. */
MUST_CHECK bool place_move_locked(struct thread *t, struct runq *from, struct runq *to)
	REQUIRES(&from->lock, &to->lock);
/* Asks the running thread of a queue to give up the CPU. True: its CPU must be interrupted after unlocking. */
MUST_CHECK bool place_preempt_locked(struct runq *rq) REQUIRES(&rq->lock);

/* -- balance.c -- */

/* An idle CPU looks for work elsewhere; true if it got some. IF=0. */
bool balance_pull(struct runq *rq);
/* A busy CPU gives away a thread if another has less to do. IF=0. */
void balance_push(struct runq *rq);

/* Real-time threads that wait here while another CPU runs something of less priority. IF=0. */
void balance_push_rt(struct runq *rq);

/* -- tick.c -- */

void tick_init(struct runq *rq);
/* Arms the tick if more than one thread wants this CPU, which is the queue's. Lock held. */
void tick_arm_locked(struct runq *rq) REQUIRES(&rq->lock);
static inline void tick_start_locked(struct runq *rq) REQUIRES(&rq->lock)
{
	if (rq->running >= 2 && !rq->ticking)
		tick_arm_locked(rq);
}

/* -- fuzz.c: instead of what is best, if fuzz_on() -- */

#ifdef AIRLOCK_FUZZ
/* Gives the CPU to another thread, whatever the state of this one, which stays in the queue. IF=1, nothing held. */
void sched_preempt(void);

static inline bool thread_is_kept(const struct thread *t)
{
	return t->kept;
}
#else
static inline bool thread_is_kept(const struct thread *t)
{
	return false;
}
#endif

/* One of the CPUs, at least one of which is allowed. */
u32 fuzz_choose_cpu(u64 allowed);
/* One of the fair threads that wait, at least one of which is there; not `skip` if there is another. */
struct thread *fuzz_choose_thread(const struct runq *rq, const struct thread *skip)
	REQUIRES(&rq->lock);
u64 fuzz_slice_ns(void);

/* -- watchdog.c -- */

/* The CPU begins to beat. IF=0, once. */
void watchdog_start_cpu(void);

/* -- load.c -- */

/* The boot CPU begins to sample. IF=0, once. */
void load_start(void);

/* -- thread.c -- */

void thread_init_cache(void);
/* Fills in the thread that a CPU's start-up code becomes. */
void thread_init_idle(struct thread *t, u32 cpu);
/* On the CPU where the thread died, after its stack was left. IF=0. */
void thread_bury(struct runq *rq, struct thread *t);
/* Frees the threads that died on this CPU. IF=1, no lock held. */
void thread_reap(void);

#endif
