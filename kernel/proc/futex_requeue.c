/*
 * FUTEX_REQUEUE and FUTEX_CMP_REQUEUE: waiters of one word go on to wait for another, without being
 * woken only to find the other taken.
 *
 * Both buckets are locked while a waiter moves. So a waker of either word finds it exactly once, and
 * its thread, which locks the bucket that `bucket` names and then looks whether it still does
 * (futex_lock_of()), can take itself out at any time.
 */
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "proc/futex_private.h"

/* One call. */
struct requeue {
	struct futex_key from, to;
	struct futex_bucket *old, *new;
	struct futex_counts counts;
	u32 moved;
};

static s64 requeue_locked(struct requeue *r) REQUIRES(&r->old->lock, &r->new->lock)
{
	struct futex_waiter *w, *next;
	s64 count = 0;

	futex_for_each(w, next, r->old, &r->from)
	{
		if (count - r->counts.wake >= r->counts.requeue)
			break;
		if (w->pi || w->requeue)
			return -EINVAL;
		if (++count <= r->counts.wake) {
			futex_wake_waiter(w);
			continue;
		}
		futex_move(w, r->new, &r->to);
		r->moved++;
	}
	return count;
}

/* *err: -EFAULT if the word could not be read; the result means nothing then. */
static s64 requeue_once(struct requeue *r, uaddr_t word, const u32 *expected, int *err)
{
	s64 count = -EAGAIN;
	u32 now;

	r->old = futex_bucket_of(&r->from);
	r->new = futex_bucket_of(&r->to);
	r->moved = 0;
	futex_lock_two(r->old, r->new);
	*err = expected ? user_load_u32_now(&now, word) : 0;
	if (!*err && (!expected || now == *expected))
		count = requeue_locked(r);
	futex_unlock_two(r->old, r->new);
	/* Those of the waiters that were moved, and our own. */
	for (struct futex_key key = r->from; r->moved; r->moved--, key = r->from)
		mm_futex_key_put(&key);
	mm_futex_key_put(&r->from);
	mm_futex_key_put(&r->to);
	return count;
}

s64 futex_requeue(struct futex_word from, struct futex_word to, struct futex_counts counts,
	const u32 *expected)
{
	struct requeue r = {.counts = counts};

	if (counts.wake < 0 || counts.requeue < 0)
		return -EINVAL;
	for (;;) {
		int err = futex_keys_get(from, &r.from, to, false, &r.to);
		if (err)
			return err;
		s64 count = requeue_once(&r, from.address, expected, &err);
		if (!err)
			return count;
		err = futex_fault_in(from.address, false);
		if (err)
			return err;
	}
}
