/*
 * FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: what a condition variable with a PI mutex stands on.
 *
 * A waiter of a plain word says beforehand which PI futex it wants next. The requeuer takes that for
 * the first waiter if it is free, and lets the others (or all) wait for it. A waiter so ends in one of
 * three ways: it owns the PI futex; it gave up after it was moved (futex_pi_finish()); it gave up, or
 * was interrupted, before. Nothing else can wake it: FUTEX_WAKE and FUTEX_REQUEUE refuse to touch it.
 */
#include <linux/futex.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "proc/futex_private.h"

/* After sleeping. */
static int wait_finish_pi(struct futex_waiter *w, struct futex_word pi, int err) NO_THREAD_SAFETY
{
	struct futex_bucket *b = futex_lock_of(w);

	if (!b)
		return 0;
	bool moved = w->pi != NULL;
	if (!moved)
		list_remove(&w->link);
	spin_unlock(&b->lock);
	if (!moved)
		return err;
	/* The word has changed by now: made again, the call would find that out. */
	return futex_pi_finish(w, pi, err == -EINTR ? -EWOULDBLOCK : err);
}

int futex_wait_requeue_pi(
	struct futex_word word, u32 value, const struct deadline *deadline, struct futex_word pi)
{
	struct futex_waiter w;
	struct futex_key key, from;

	if (word.address == pi.address)
		return -EINVAL;
	int err = futex_keys_get(word, &from, pi, true, &key);
	if (err)
		return err;
	bool same = futex_key_same(&from, &key);
	mm_futex_key_put(&from);
	futex_waiter_init(&w, FUTEX_ANY);
	w.requeue = &key;
	err = same ? -EINVAL : futex_join(&w, word, value);
	if (!err) {
		err = wait_finish_pi(&w, pi, futex_sleep(&w, deadline));
		futex_waiter_end(&w);
	}
	mm_futex_key_put(&key);
	return err;
}

/* The waiters of `from` are moved; with both buckets locked. */
struct move {
	struct futex_attempt attempt; /* for the first of them */
	struct futex_key from;
	struct futex_bucket *old, *new;
	struct futex_counts counts;
	struct futex_pi *spare;
	u32 moved;
};

static bool wants(const struct futex_waiter *w, const struct futex_key *key)
{
	return w->requeue && !w->pi && futex_key_same(w->requeue, key);
}

/* Takes the futex for the first waiter, or finds out whom to wait for. 1: taken, and the waiter is
 * awake; 0; -ENOENT: there is no waiter; or an error. */
static int move_first(struct move *m) REQUIRES(&m->old->lock, &m->new->lock)
{
	struct futex_waiter *w, *next;

	futex_for_each(w, next, m->old, &m->from)
	{
		if (!wants(w, &m->attempt.key))
			return -EINVAL;
		m->attempt.taker = w->thread;
		m->attempt.waiters = m->counts.requeue > 0;
		int result = futex_attempt_locked(&m->attempt, m->new, &m->spare);
		if (result > 0) {
			w->owns = true;
			futex_wake_waiter(w);
		}
		return result;
	}
	return -ENOENT;
}

static int move_waiter(struct move *m, struct futex_waiter *w)
	REQUIRES(&m->old->lock, &m->new->lock, &futex_pi_lock)
{
	if (!wants(w, &m->attempt.key))
		return -EINVAL;
	int err = futex_pi_block(m->attempt.pi, w);
	if (err)
		return err;
	futex_move(w, m->new, &m->attempt.key);
	m->moved++;
	return 0;
}

/* How many were moved or woken, `count` of them before. */
static s64 move_rest(struct move *m, s64 count) REQUIRES(&m->old->lock, &m->new->lock)
{
	struct futex_waiter *w, *next;
	int err = 0;

	if (!m->attempt.pi)
		return count;
	spin_lock(&futex_pi_lock);
	futex_for_each(w, next, m->old, &m->from)
	{
		if (count - m->counts.wake >= m->counts.requeue)
			break;
		err = move_waiter(m, w);
		if (err)
			break;
		count++;
	}
	futex_pi_release(m->attempt.pi);
	spin_unlock(&futex_pi_lock);
	return err ? err : count;
}

static s64 move_locked(struct move *m, bool *again) REQUIRES(&m->old->lock, &m->new->lock)
{
	int result = move_first(m);

	if (result == -ENOENT)
		return 0;
	*again = result == -EFAULT || result == -EAGAIN || result == -EBUSY;
	return result < 0 ? result : move_rest(m, result);
}

/* One attempt. *again: the result is for futex_attempt_again(). */
static s64 move_once(struct move *m, uaddr_t word, u32 expected, bool *again)
{
	u32 now;
	s64 result;

	m->old = futex_bucket_of(&m->from);
	m->new = futex_bucket_of(&m->attempt.key);
	futex_lock_two(m->old, m->new);
	int err = user_load_u32_now(&now, word);
	if (err || now != expected)
		result = -EAGAIN;
	else
		result = move_locked(m, again);
	futex_unlock_two(m->old, m->new);
	if (!err)
		return result;
	*again = true;
	err = futex_fault_in(word, false);
	return err ? err : -EAGAIN;
}

static int move_keys_get(struct move *m, struct futex_word from)
{
	return futex_keys_get(from, &m->from, m->attempt.word, true, &m->attempt.key);
}

static void move_keys_put(struct move *m)
{
	/* Those of the waiters that were moved, and our own. */
	for (struct futex_key key = m->from; m->moved; m->moved--, key = m->from)
		mm_futex_key_put(&key);
	mm_futex_key_put(&m->from);
	mm_futex_key_put(&m->attempt.key);
}

/* The owner is looked up only if there turns out to be one. */
static s64 move_all(struct move *m, struct futex_word from, u32 expected)
{
	for (;;) {
		bool again = false;
		s64 result = move_keys_get(m, from);

		if (result)
			return result;
		result = futex_key_same(&m->from, &m->attempt.key)
				 ? -EINVAL
				 : move_once(m, from.address, expected, &again);
		move_keys_put(m);
		if (again)
			result = futex_attempt_again(&m->attempt, (int)result);
		futex_attempt_end(&m->attempt);
		if (again && !result)
			result = futex_attempt_begin(&m->attempt);
		if (!again || result)
			return result;
	}
}

s64 futex_requeue_pi(
	struct futex_word from, struct futex_word pi, struct futex_counts counts, u32 expected)
{
	struct move m = {.attempt.word = pi, .counts = counts};

	if (counts.requeue < 0 || counts.wake != 1 || from.address == pi.address)
		return -EINVAL;
	m.spare = futex_pi_alloc();
	if (!m.spare)
		return -ENOMEM;
	s64 result = move_all(&m, from, expected);
	futex_attempt_end(&m.attempt);
	kfree(m.spare);
	return result;
}
