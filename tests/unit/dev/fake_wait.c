#include "dev/fake_wait.h"

#include "unit.h"

#include "arch/irqflags.h"
#include "fake_clock.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "proc/broken_pipe.h"
#include "sched/wait.h"

bool (*fake_world)(void);
bool fake_signal;
u32 fake_sleeps;

static bool woken, interruptible;

void waitq_init(struct waitq *q)
{
	spin_init(&q->lock, "waitq", RANK_WAITQ);
	list_init(&q->waiters);
}

void waitq_wake_all(struct waitq *q)
{
	u64 flags = spin_lock_irqsave(&q->lock);
	if (!list_empty(&q->waiters))
		woken = true;
	spin_unlock_irqrestore(&q->lock, flags);
}

void wait_prepare(struct waitq *q, struct waiter *w, enum thread_state state)
{
	CHECK(!irq_disabled());
	u64 flags = spin_lock_irqsave(&q->lock);
	list_remove(&w->link);
	list_push_back(&q->waiters, &w->link);
	spin_unlock_irqrestore(&q->lock, flags);
	woken = false;
	interruptible = state == THREAD_SLEEPING_INTERRUPTIBLE;
}

int wait_sleep(u64 deadline_ns)
{
	CHECK(!irq_disabled());
	fake_sleeps++;
	while (!woken) {
		if (interruptible && fake_signal)
			return -EINTR;
		if (fake_world && fake_world())
			continue;
		if (woken)
			break;
		if (deadline_ns == WAIT_FOREVER)
			fail_msg("asleep, and nobody left to wake it");
		fake_now_ns = deadline_ns;
		return -ETIME;
	}
	return 0;
}

void wait_finish(struct waitq *q, struct waiter *w)
{
	u64 flags = spin_lock_irqsave(&q->lock);
	list_remove(&w->link);
	spin_unlock_irqrestore(&q->lock, flags);
}

/* No process is there to be told. */
int signal_broken_pipe(void)
{
	return -EPIPE;
}
