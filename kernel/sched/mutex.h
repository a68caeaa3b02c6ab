/* A sleeping lock. Thread context, no spinlock held. Has a rank as spinlocks do (sync/rank.h). */
#ifndef SCHED_MUTEX_H
#define SCHED_MUTEX_H

#include "lib/atomic.h"
#include "lib/compiler.h"
#include "sched/wait.h"

struct CAPABILITY("mutex") mutex {
	atomic64_t holder; /* struct thread *, 0: free; bit 0: somebody waits */
	struct waitq waiters;
	u32 rank;
};

void mutex_init(struct mutex *m, enum lock_rank rank);
void mutex_lock(struct mutex *m) ACQUIRES(m);
bool mutex_try_lock(struct mutex *m) TRY_ACQUIRES(true, m);
void mutex_unlock(struct mutex *m) RELEASES(m);
/* One more of one rank, for RANK_EPOLL alone, whose order among equals is that of a graph without cycles. */
void mutex_lock_further(struct mutex *m) ACQUIRES(m);
void mutex_unlock_further(struct mutex *m) RELEASES(m);
bool mutex_held(const struct mutex *m); /* by the running thread */

#endif
