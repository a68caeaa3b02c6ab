/*
 * Real-time threads of a run queue: between the files of sched/, not for others. The queue's lock is held in all of these.
 */
#ifndef SCHED_RT_H
#define SCHED_RT_H

#include "sched/runq.h"

/* As Linux's: the turn of a SCHED_RR thread, and what all real-time threads of a CPU get of each second while others want it. */
#define RT_RR_SLICE_NS (100 * NS_PER_MS)
#define RT_PERIOD_NS NS_PER_SEC
#define RT_RUNTIME_NS (950 * NS_PER_MS)

/* Into the tree, in front of its equals or (rt_to_back, which is cleared) behind them. */
void rt_insert(struct runq *rq, struct thread *t) REQUIRES(&rq->lock);
void rt_remove(struct runq *rq, struct thread *t) REQUIRES(&rq->lock);
/* They have had their part of the period. */
bool rt_throttled(const struct runq *rq) REQUIRES(&rq->lock);
/* The one to run next, or NULL. NULL also while fair threads are to have their part of the period. */
struct thread *rt_first(const struct runq *rq) REQUIRES(&rq->lock);
/* The running thread, if it is one, has run for ns more; now is the time. */
void rt_charge(struct runq *rq, struct thread *t, u64 ns, u64 now_ns) REQUIRES(&rq->lock);
/* Whether a thread should run instead of the current one; one of them is a real-time thread. */
bool rt_preempts(const struct runq *rq, const struct thread *t) REQUIRES(&rq->lock);
/* At a tick: should the running thread, a real-time one, make way? */
bool rt_tick(struct runq *rq, struct thread *t) REQUIRES(&rq->lock);

#endif
