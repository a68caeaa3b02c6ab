/*
 * Letting go of PI futexes: by FUTEX_UNLOCK_PI, and at the end of the owner.
 *
 * Either way the first waiter becomes the owner. Unlocking writes its number into the word before it
 * is woken, so it has nothing left to do. At the owner's end the new owner writes it
 * (futex_lock_pi.c).
 */
#include <linux/futex.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "proc/futex_private.h"

/* With waiters: the word gets the number of the first, who is woken. value: what the word was. */
static int unlock_to_first(struct futex_pi *pi, uaddr_t word, u32 value)
{
	u32 old = value;
	struct futex_waiter *heir;
	int err;

	spin_lock(&futex_pi_lock);
	heir = pi->owner == current_thread() && !pi->fixing ? futex_pi_first(pi) : NULL;
	err = heir ? user_exchange_u32_now(word, &old, FUTEX_WAITERS | heir->thread->tid) : -EINVAL;
	if (!err && old != value)
		/* Another thread writes to it: only the bits may have changed by rights. */
		err = (old ^ value) & FUTEX_TID_MASK ? -EINVAL : -EAGAIN;
	if (!err)
		heir = futex_pi_hand_over(pi);
	if (!err)
		futex_pi_release(pi);
	spin_unlock(&futex_pi_lock);
	if (!err)
		futex_wake_waiter(heir);
	return err;
}

static int unlock_locked(struct futex_bucket *b, const struct futex_key *key, uaddr_t word)
	REQUIRES(&b->lock)
{
	struct futex_waiter *w, *next;
	u32 value, old;

	int err = user_load_u32_now(&value, word);
	if (err)
		return err;
	if ((value & FUTEX_TID_MASK) != current_thread()->tid)
		return -EPERM;
	futex_for_each(w, next, b, key) return w->pi ? unlock_to_first(w->pi, word, value)
						     : -EINVAL;
	old = value;
	err = user_exchange_u32_now(word, &old, 0);
	return err ? err : old == value ? 0 : -EAGAIN;
}

int futex_unlock_pi(struct futex_word word)
{
	struct futex_key key;
	u32 value;

	for (;;) {
		/* Who does not own it is told so whatever else is wrong. */
		int err = get_user_u32(&value, word.address);
		if (err)
			return err;
		if ((value & FUTEX_TID_MASK) != current_thread()->tid)
			return -EPERM;
		err = futex_key_get(word, true, &key);
		if (err)
			return err;
		struct futex_bucket *b = futex_bucket_of(&key);
		spin_lock(&b->lock);
		err = unlock_locked(b, &key, word.address);
		spin_unlock(&b->lock);
		mm_futex_key_put(&key);
		if (err == -EFAULT)
			err = futex_fault_in(word.address, true);
		else if (err == -EAGAIN)
			err = atomic32_load(&current_process()->killed) ? -EINTR : 0;
		else
			return err;
		if (err)
			return err;
	}
}
