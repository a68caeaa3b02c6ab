/*
 * Who waits for whose PI futex, and the priorities that are lent along.
 *
 * A struct futex_pi joins an owner with those who wait for it. A thread owns any number and waits for
 * at most one, so owners form chains: a thread's `blocked_on` leads to a futex, its owner, what that
 * waits for, and so on. A chain never closes: futex_pi_block() looks along it first and refuses
 * (-EDEADLK).
 *
 * Each thread runs with the highest of its own real-time priority and those of the first waiters of
 * all the futexes that it owns (`lent`); fair threads lend nothing, as on Linux. When a waiter comes
 * or goes, the change is carried along the chain until a thread's priority stays as it is.
 *
 * All of it is under one lock, futex_pi_lock, for all programs: so a chain is seen as a whole, where
 * locks for each futex would need an argument for every way in which it can change while it is
 * walked. It is taken only when a PI futex is contended. Chains of more than CHAIN_MAX are refused.
 */
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/futex_private.h"
#include "sched/sched.h"

#define CHAIN_MAX 1024U

struct spinlock futex_pi_lock = SPINLOCK_INIT("futex owners", RANK_FUTEX_PI);

struct futex_pi *futex_pi_alloc(void)
{
	struct futex_pi *pi = kzalloc(sizeof(*pi));

	if (pi) {
		list_init(&pi->owned_link);
		list_init(&pi->waiters);
	}
	return pi;
}

struct futex_waiter *futex_pi_first(const struct futex_pi *pi)
{
	if (list_empty(&pi->waiters))
		return NULL;
	return list_first(&pi->waiters, struct futex_waiter, pi_link);
}

static void enqueue(struct futex_pi *pi, struct futex_waiter *w) REQUIRES(&futex_pi_lock)
{
	struct list *after = pi->waiters.prev;

	w->rank = thread_rt_priority(w->thread);
	while (after != &pi->waiters &&
		CONTAINER_OF(after, struct futex_waiter, pi_link)->rank < w->rank)
		after = after->prev;
	list_push_front(after, &w->pi_link);
}

/* What the waiters of all its futexes lend a thread. */
static u8 lent_to(const struct thread *t) REQUIRES(&futex_pi_lock)
{
	struct futex_pi *pi;
	u8 lent = 0;

	list_for_each_entry (pi, &t->futex.owned, owned_link) {
		const struct futex_waiter *w = futex_pi_first(pi);
		if (w)
			lent = MAX(lent, w->rank);
	}
	return lent;
}

/* The waiters of a thread's futexes have changed. */
static void lend_along(struct thread *t) REQUIRES(&futex_pi_lock)
{
	for (u32 i = 0; i < CHAIN_MAX; i++) {
		struct futex_waiter *w = t->futex.blocked_on;
		u8 before = thread_rt_priority(t);

		sched_set_lent_priority(t, lent_to(t));
		if (!w || (thread_rt_priority(t) == before && w->rank == before))
			return;
		list_remove(&w->pi_link);
		enqueue(w->pi, w);
		t = w->pi->owner;
	}
}

void futex_priority_changed(struct thread *t)
{
	spin_lock(&futex_pi_lock);
	lend_along(t);
	spin_unlock(&futex_pi_lock);
}

int futex_pi_own(struct futex_pi *pi, const struct futex_key *key, struct thread *owner)
{
	switch (owner->futex.leaving) {
	case FUTEX_LEFT:
		return -ESRCH;
	case FUTEX_LEAVING:
		return -EBUSY;
	case FUTEX_STAYS:
		break;
	}
	pi->key = *key;
	pi->owner = owner;
	list_push_back(&owner->futex.owned, &pi->owned_link);
	return 0;
}

/* True if t is what the chain that begins with the owner of pi leads to. */
static bool would_close(const struct futex_pi *pi, const struct thread *t) REQUIRES(&futex_pi_lock)
{
	for (u32 i = 0; i < CHAIN_MAX; i++) {
		if (pi->owner == t)
			return true;
		const struct futex_waiter *w = pi->owner->futex.blocked_on;
		if (!w)
			return false;
		pi = w->pi;
	}
	return true;
}

int futex_pi_block(struct futex_pi *pi, struct futex_waiter *w)
{
	if (would_close(pi, w->thread))
		return -EDEADLK;
	w->pi = pi;
	w->thread->futex.blocked_on = w;
	enqueue(pi, w);
	lend_along(pi->owner);
	return 0;
}

void futex_pi_unblock(struct futex_waiter *w)
{
	list_remove(&w->pi_link);
	w->thread->futex.blocked_on = NULL;
	lend_along(w->pi->owner);
}

struct futex_waiter *futex_pi_hand_over(struct futex_pi *pi)
{
	struct futex_waiter *w = futex_pi_first(pi);
	struct thread *before = pi->owner;

	list_remove(&pi->owned_link);
	list_remove(&w->pi_link);
	w->thread->futex.blocked_on = NULL;
	w->owns = true;
	pi->owner = w->thread;
	list_push_back(&pi->owner->futex.owned, &pi->owned_link);
	lend_along(before);
	lend_along(pi->owner);
	return w;
}

void futex_pi_release(struct futex_pi *pi)
{
	if (!list_empty(&pi->waiters) || pi->fixing)
		return;
	list_remove(&pi->owned_link);
	kfree(pi);
}
