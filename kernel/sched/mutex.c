/*
 * Mutexes.
 *
 * holder is one word: the thread that holds it, or 0, and bit 0 (WAITING), which says that there are waiters. Without
 * waiters, locking and unlocking is one compare-and-exchange each. WAITING is set and cleared under the queue's lock only, and
 * while it is set an unlock goes through that lock: so a waiter that has set it, under the lock and in the queue, can't be
 * missed by the unlock, whose compare-and-exchange from "holder alone" fails. That is why no wakeup is lost.
 *
 * A newcomer may overtake a waiter that was woken but has not run yet; it is what makes short critical sections cheap. A
 * waiter that was overtaken once is `impatient`: the next unlock gives the mutex to it directly. So a waiter is overtaken for at
 * most one round after it reached the head of the queue.
 *
 * The word and the waiters are under m->waiters.lock; the word is also changed without it, by compare-and-exchange, in the two
 * cases without WAITING. Lock order: see sync/rank.h; debug kernels check it against the mutexes that the thread holds, by
 * rank, and that it holds no spinlock.
 */
#include "sched/mutex.h"

#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "lib/assert.h"
#include "sync/spinlock_debug.h"
#include "trace/ring.h"

#define WAITING 1UL

struct mutex_waiter {
	struct list link;
	struct thread *thread;
	bool impatient;
};

void mutex_init(struct mutex *m, enum lock_rank rank)
{
	atomic64_store_relaxed(&m->holder, 0);
	waitq_init(&m->waiters);
	m->rank = rank;
}

/* -- what debug kernels check -- */

static void check_before(const struct mutex *m, bool further)
{
#ifdef AIRLOCK_DEBUG
	u32 held = current_thread()->mutex_ranks;

	if (!m->rank || m->rank >= RANK_FIRST_SPIN)
		panic("mutex %p was never initialised, or has no mutex's rank", (const void *)m);
	if (held >> (m->rank + further))
		panic("lock order: a mutex of rank %u is taken by '%s', which holds ranks %#x",
			m->rank, current_thread()->name, held);
	spin_debug_none_held("a mutex is taken");
	if (irq_disabled() || !spin_none_held() || this_cpu()->irq_depth)
		panic("a mutex of rank %u is taken where it is forbidden to sleep", m->rank);
#endif
}

static void note_held(const struct mutex *m, bool now)
{
#ifdef AIRLOCK_DEBUG
	if (now)
		current_thread()->mutex_ranks |= 1U << m->rank;
	else
		current_thread()->mutex_ranks &= ~(1U << m->rank);
#endif
}

/* -- the word -- */

static struct thread *holder_of(u64 word)
{
	return (struct thread *)(word & ~WAITING);
}

static u64 word_of(const struct thread *t, bool waiting)
{
	return (u64)t | (waiting ? WAITING : 0);
}

bool mutex_held(const struct mutex *m)
{
	/* Only the running thread writes its own address there. */
	return holder_of(atomic64_load_relaxed(&m->holder)) == current_thread();
}

static bool take_free(struct mutex *m)
{
	u64 word = 0;

	return atomic64_compare_exchange(&m->holder, &word, word_of(current_thread(), false));
}

/*
 * Queue's lock held. Takes the mutex if it is free or was handed to us; otherwise makes sure that WAITING is set. Bit 0 is left
 * as "somebody else waits" says when we have it.
 */
static bool take_locked(struct mutex *m, bool others) REQUIRES(&m->waiters.lock)
{
	struct thread *self = current_thread();
	u64 word = atomic64_load(&m->holder);

	for (;;) {
		struct thread *holder = holder_of(word);
		bool mine = !holder || holder == self;
		u64 want = mine ? word_of(self, others) : word | WAITING;

		if (atomic64_compare_exchange(&m->holder, &word, want))
			return mine;
	}
}

/* True if there are waiters besides w. */
static bool others_wait(struct mutex *m, const struct mutex_waiter *w) REQUIRES(&m->waiters.lock)
{
	const struct list *l = &m->waiters.waiters;

	return !list_empty(l) && !(l->next == &w->link && l->prev == &w->link);
}

static void lock_slowly(struct mutex *m) NO_THREAD_SAFETY
{
	struct mutex_waiter w = {.thread = current_thread()};
	bool woken = false;
	u64 flags;

	list_init(&w.link);
	for (;;) {
		flags = spin_lock_irqsave(&m->waiters.lock);
		if (take_locked(m, others_wait(m, &w)))
			break;
		if (list_empty(&w.link))
			list_push_back(&m->waiters.waiters, &w.link);
		w.impatient = woken;
		atomic32_store(&w.thread->state, THREAD_SLEEPING);
		trace_block((u64)__builtin_return_address(0), w.thread->tid, THREAD_SLEEPING,
			WAIT_FOREVER);
		spin_unlock_irqrestore(&m->waiters.lock, flags);
		schedule();
		woken = true;
	}
	list_remove(&w.link);
	spin_unlock_irqrestore(&m->waiters.lock, flags);
}

/* Lets the first waiter try, or gives it the mutex. */
static void unlock_slowly(struct mutex *m) NO_THREAD_SAFETY
{
	u64 flags = spin_lock_irqsave(&m->waiters.lock);
	struct mutex_waiter *w = list_first(&m->waiters.waiters, struct mutex_waiter, link);

	CHECK(!list_empty(&m->waiters.waiters));
	/* WAITING stays: the waiter sets it right when it takes the mutex. */
	atomic64_store(&m->holder, word_of(w->impatient ? w->thread : NULL, true));
	thread_wake(w->thread);
	spin_unlock_irqrestore(&m->waiters.lock, flags);
}

void mutex_lock(struct mutex *m) NO_THREAD_SAFETY
{
	check_before(m, false);
	fuzz_here();
	if (UNLIKELY(!take_free(m)))
		lock_slowly(m);
	note_held(m, true);
}

/* The bit of the rank is the first one's. */
void mutex_lock_further(struct mutex *m) NO_THREAD_SAFETY
{
	check_before(m, true);
	if (UNLIKELY(!take_free(m)))
		lock_slowly(m);
}

bool mutex_try_lock(struct mutex *m) NO_THREAD_SAFETY
{
	if (!take_free(m))
		return false;
	note_held(m, true);
	return true;
}

void mutex_unlock_further(struct mutex *m) NO_THREAD_SAFETY
{
	u64 word = word_of(current_thread(), false);

	/* If it can be exchanged, it was ours. */
	if (UNLIKELY(!atomic64_compare_exchange(&m->holder, &word, 0))) {
		CHECK(mutex_held(m));
		unlock_slowly(m);
	}
	fuzz_here();
}

void mutex_unlock(struct mutex *m) NO_THREAD_SAFETY
{
	note_held(m, false);
	mutex_unlock_further(m);
}
