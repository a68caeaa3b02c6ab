/*
 * Timers.
 *
 * Each CPU has a queue: a tree of its armed timers, and which callback is running. A timer's
 * `queue` says where it is; it is changed only under the lock of the queue that it names, so
 * whoever holds that lock and still finds it there may change the timer.
 *
 * A timer never moves while its callback runs: arming it then puts it back into the queue where it
 * runs, and that CPU looks at its tree again when the callback has returned. So `running` in the
 * timer's queue tells whether it runs anywhere, which is all that timer_cancel() must know to wait.
 *
 * Interrupts: the lock is taken with IF=0. Between popping a timer and its callback the lock is
 * dropped, with IF still 0, so no other callback of this CPU comes between.
 *
 * Can't be lost: the machine's timer is armed for the first timer whenever that changes, by the
 * queue's CPU and under its lock: in timer_arm() when the new one comes first, and at the end of
 * upcall_timer(), which looks at the tree anew. Removing the first timer leaves the machine's
 * armed; it then fires for nothing once and is armed for the next.
 */
#include "time/timer.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/upcalls.h"
#include "lib/assert.h"
#include "lib/compiler.h"
#include "sync/spinlock.h"
#include "trace/ring.h"

struct timerq {
	struct spinlock lock;
	struct rb_root timers;	     /* lock: ordered by deadline */
	const struct timer *running; /* lock: whose callback this CPU is in; only compared, the
					timer may be gone */
	u32 cpu;		     /* constant */
};

static struct timerq queues[MAX_CPUS];

int timer_init_cpu(u32 cpu)
{
	struct timerq *q = &queues[cpu];
	spin_init(&q->lock, "timerq", RANK_TIMERQ);
	q->cpu = cpu;
	cpu_get(cpu)->timerq = q;
	return 0;
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	*t = (struct timer){.fn = fn};
}

static int compare(const struct rb_node *a, const struct rb_node *b)
{
	u64 x = rb_entry(a, struct timer, node)->deadline_ns;
	u64 y = rb_entry(b, struct timer, node)->deadline_ns;
	return x < y ? -1 : x > y;
}

static struct timer *first(const struct timerq *q)
{
	struct rb_node *node = rb_first(&q->timers);
	return node ? rb_entry(node, struct timer, node) : NULL;
}

/* Locks the queue that the timer is in; NULL if it never was in one. IF=0. */
static struct timerq *lock_queue(struct timer *t) NO_THREAD_SAFETY
{
	for (;;) {
		/* Without a lock: looked at again under it. */
		struct timerq *q = READ_ONCE(t->queue);
		if (!q)
			return NULL;
		spin_lock(&q->lock);
		if (q == READ_ONCE(t->queue))
			return q;
		spin_unlock(&q->lock);
		cpu_relax();
	}
}

static bool remove(struct timerq *q, struct timer *t)
{
	bool armed = t->armed;
	if (armed)
		rb_remove(&q->timers, &t->node);
	t->armed = false;
	return armed;
}

static void insert(struct timerq *q, struct timer *t, u64 deadline_ns)
{
	t->deadline_ns = deadline_ns;
	t->armed = true;
	rb_insert(&q->timers, &t->node, compare);
	/* While a callback runs there, upcall_timer() arms the machine's timer afterwards. */
	if (q->running == NULL && q->cpu == this_cpu()->id && first(q) == t)
		clock_arm(deadline_ns);
}

/*
 * Locks the queue in which the timer is to be armed, with the timer out of any tree: this CPU's,
 * unless its callback runs elsewhere. IF=0.
 */
static struct timerq *lock_target(struct timer *t) NO_THREAD_SAFETY
{
	struct timerq *mine = this_cpu()->timerq;
	for (;;) {
		struct timerq *q = lock_queue(t);
		if (!q) {
			/* Never armed: nobody else may know of it yet, but two CPUs may arm it at
			 * once. */
			struct timerq *none = NULL;
			__atomic_compare_exchange_n(
				&t->queue, &none, mine, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
			continue;
		}
		remove(q, t);
		if (q == mine || q->running == t)
			return q;
		/* Now whoever wants the timer needs our lock; then look who got it first. */
		WRITE_ONCE(t->queue, mine);
		spin_unlock(&q->lock);
	}
}

void timer_arm(struct timer *t, u64 deadline_ns)
{
	u64 flags = irq_save();
	ASSERT(t->fn && this_cpu()->timerq);
	struct timerq *q = lock_target(t);
	spin_assert_held(&q->lock);
	insert(q, t, deadline_ns);
	spin_unlock_irqrestore(&q->lock, flags);
}

bool timer_cancel(struct timer *t)
{
	bool was_armed = false;
	for (;;) {
		u64 flags = irq_save();
		struct timerq *q = lock_queue(t);
		if (!q) {
			irq_restore(flags);
			return was_armed;
		}
		spin_assert_held(&q->lock);
		was_armed |= remove(q, t);
		bool running = q->running == t;
		/* Here it would wait for itself. */
		ASSERT(!running || q->cpu != this_cpu()->id);
		spin_unlock_irqrestore(&q->lock, flags);
		if (!running)
			return was_armed;
		/* The callback may arm it again, so look at all of it again. */
		cpu_relax();
	}
}

/* Takes the first timer that is due out of the tree and says that it runs. lock. */
static struct timer *pop_due(struct timerq *q, u64 now)
{
	struct timer *t = first(q);
	if (!t || t->deadline_ns > now)
		return NULL;
	remove(q, t);
	q->running = t;
	return t;
}

void upcall_timer(void)
{
	struct timerq *q = this_cpu()->timerq;
	if (!q)
		return;
	u64 flags = spin_lock_irqsave(&q->lock);
	/* One look at the clock: a timer that is armed for the past again and again must not keep
	 * us here. */
	u64 now = clock_now_ns();
	struct timer *t;
	while ((t = pop_due(q, now))) {
		void (*fn)(struct timer *) = t->fn;
		trace_event(TRACE_TIMER, (u64)fn, 0, 0, t->deadline_ns);
		spin_unlock(&q->lock);
		fn(t);
		/* t may be gone. */
		spin_lock(&q->lock);
		q->running = NULL;
	}
	t = first(q);
	clock_arm(t ? t->deadline_ns : UINT64_MAX);
	spin_unlock_irqrestore(&q->lock, flags);
}
