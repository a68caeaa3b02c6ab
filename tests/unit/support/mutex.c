/* The host's mutexes: held by a thread of the host, which never waits long for one. */
#include "sched/mutex.h"

#include "arch/irqflags.h"
#include "lib/assert.h"

/* Each thread of the host has its own, so its address says which thread it is. */
static _Thread_local char self;

void mutex_init(struct mutex *m, enum lock_rank rank)
{
	*m = (struct mutex){.rank = rank};
}

bool mutex_held(const struct mutex *m)
{
	return atomic64_load(&m->holder) == (u64)&self;
}

bool mutex_try_lock(struct mutex *m)
{
	u64 none = 0;
	return atomic64_compare_exchange(&m->holder, &none, (u64)&self);
}

void mutex_lock(struct mutex *m)
{
	CHECK(!irq_disabled());
	CHECK(m->rank != RANK_NONE);
	CHECK(!mutex_held(m));
	while (!mutex_try_lock(m))
		cpu_relax();
}

void mutex_unlock(struct mutex *m)
{
	CHECK(mutex_held(m));
	atomic64_store(&m->holder, 0);
}
