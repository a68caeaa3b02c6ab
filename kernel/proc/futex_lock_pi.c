/*
 * PI futexes: a word that holds the number of the thread that owns it.
 *
 * Programs lock and unlock by compare-and-exchange while nobody waits. A waiter sets FUTEX_WAITERS in
 * the word, which sends the owner into the kernel to unlock, and lends the owner its priority
 * (futex_pi.c). The kernel then writes the number of the first waiter into the word: the futex is
 * handed over, never up for grabs, so nobody waits longer than its rank says.
 *
 * The word is changed under the bucket's lock, and a waiter is in the bucket from before that lock is
 * let go with FUTEX_WAITERS set. So an owner that finds the bit in the word finds the waiter: no
 * wakeup is lost. The word is the program's and may hold anything; what it says is believed only
 * where a waiter's struct futex_pi, which is the kernel's, says the same, or where there is none.
 *
 * The owner is looked up by its number before the locks are taken, because the table of numbers has a
 * lower lock; if the word names somebody else by then, all begins anew. It is tied to the futex before
 * FUTEX_WAITERS appears in the word: an owner that ends as soon as it sees the bit, or at that very moment, has
 * the futex in its list and must hand it over, for which it takes the bucket's lock and so finds the waiter. An owner
 * that is leaving when it is to be tied is waited for (-EBUSY). One that has left owns nothing any more; by
 * then the word says so, if it ever will.
 *
 * An owner that ends hands its futexes over (futex_exit.c) but can't write the words, which may lie in
 * memory that it no longer has. The new owner does, when it wakes; until then it stays in the bucket
 * and pi->fixing tells others to believe the kernel rather than the word.
 */
#include <linux/futex.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "proc/futex_private.h"

int futex_attempt_begin(struct futex_attempt *a)
{
	u32 value;

	int err = get_user_u32(&value, a->word.address);
	if (err)
		return err;
	a->value = value;
	a->owner = value & FUTEX_TID_MASK ? process_find_thread(value & FUTEX_TID_MASK) : NULL;
	return 0;
}

void futex_attempt_end(struct futex_attempt *a)
{
	if (a->owner)
		thread_put(a->owner);
	a->owner = NULL;
}

/* Nobody else waits: the owner gets a new struct futex_pi. -ESRCH, -EBUSY. */
static int attempt_own(struct futex_attempt *a, struct thread *owner, struct futex_pi **spare)
{
	spin_lock(&futex_pi_lock);
	int err = owner ? futex_pi_own(*spare, &a->key, owner) : -ESRCH;
	spin_unlock(&futex_pi_lock);
	if (err)
		return err;
	a->pi = *spare;
	*spare = NULL;
	return 0;
}

/* Takes that back; with the bucket still locked, so nobody has come to wait. */
static void attempt_disown(struct futex_attempt *a, struct futex_pi **spare)
{
	spin_lock(&futex_pi_lock);
	list_remove(&a->pi->owned_link);
	spin_unlock(&futex_pi_lock);
	*spare = a->pi;
	a->pi = NULL;
}

/* Others wait: does the word agree with what they wait for? */
static int attempt_join(struct futex_attempt *a, const struct futex_waiter *w, u32 value)
{
	struct futex_pi *pi = w->pi;
	u32 tid = value & FUTEX_TID_MASK;
	int err = 0;

	if (!pi)
		return -EINVAL;
	spin_lock(&futex_pi_lock);
	/* A dying owner has cleared its number before it hands the futex over. */
	if (!pi->fixing && !(tid == 0 && (value & FUTEX_OWNER_DIED)) && tid != pi->owner->tid)
		err = -EINVAL;
	spin_unlock(&futex_pi_lock);
	a->pi = pi;
	return err;
}

static struct futex_waiter *first_waiter(struct futex_bucket *b, const struct futex_key *key)
	REQUIRES(&b->lock)
{
	struct futex_waiter *w, *next;

	futex_for_each(w, next, b, key) return w;
	return NULL;
}

/* Changes the word from value: 0, -EFAULT, -EAGAIN (it was something else). */
static int word_change(const struct futex_attempt *a, u32 value, u32 new)
{
	u32 old = value;
	int err = user_exchange_u32_now(a->word.address, &old, new);

	if (err)
		return err;
	return old == value ? 0 : -EAGAIN;
}

/* Nobody owns it. */
static int attempt_take(struct futex_attempt *a, u32 value, struct futex_pi **spare)
{
	u32 new = (value & FUTEX_OWNER_DIED) | a->taker->tid | (a->waiters ? FUTEX_WAITERS : 0);
	int err = word_change(a, value, new);

	if (!err && a->waiters)
		err = attempt_own(a, a->taker, spare);
	return err ? err : 1;
}

/* The thread that was looked up owns it, and nobody waits yet. If it has ended, the word gets the bit all the
 * same, as on Linux; or the word has been marked by it, and then the futex can be had (-EAGAIN). */
static int attempt_wait(struct futex_attempt *a, u32 value, struct futex_pi **spare)
{
	int gone = attempt_own(a, a->owner, spare);

	if (gone == -EBUSY)
		return gone;
	int err = word_change(a, value, value | FUTEX_WAITERS);
	if (err && !gone)
		attempt_disown(a, spare);
	return err ? err : gone;
}

int futex_attempt_locked(struct futex_attempt *a, struct futex_bucket *b, struct futex_pi **spare)
{
	u32 value;

	a->pi = NULL;
	int err = user_load_u32_now(&value, a->word.address);
	if (err)
		return err;
	if ((value & FUTEX_TID_MASK) == a->taker->tid)
		return -EDEADLK;
	const struct futex_waiter *w = first_waiter(b, &a->key);
	if (w)
		return attempt_join(a, w, value);
	if (!(value & FUTEX_TID_MASK))
		return attempt_take(a, value, spare);
	/* The owner that was looked up must be the one that the word names. */
	if ((value ^ a->value) & FUTEX_TID_MASK)
		return -EAGAIN;
	return attempt_wait(a, value, spare);
}

int futex_attempt_again(const struct futex_attempt *a, int result)
{
	switch (result) {
	case -EFAULT:
		return futex_fault_in(a->word.address, true);
	case -EBUSY:
		futex_wait_left(a->owner);
		return 0;
	case -EAGAIN:
		return atomic32_load(&current_process()->killed) ? -EINTR : 0;
	default:
		return result;
	}
}

/* Joins the bucket and the owner's waiters. The waiter takes over the reference on the key. */
static int wait_locked(struct futex_attempt *a, struct futex_bucket *b, struct futex_waiter *w)
	REQUIRES(&b->lock)
{
	w->key = a->key;
	spin_lock(&futex_pi_lock);
	int err = futex_pi_block(a->pi, w);
	if (err)
		futex_pi_release(a->pi);
	spin_unlock(&futex_pi_lock);
	if (err)
		return err;
	a->key.source = NULL;
	futex_enqueue(b, w);
	return 0;
}

/* A struct futex_pi that nobody came to wait for. */
static void attempt_forget(struct futex_attempt *a)
{
	spin_lock(&futex_pi_lock);
	futex_pi_release(a->pi);
	spin_unlock(&futex_pi_lock);
}

/* One attempt with the bucket locked: 1: owned; 0: w waits. w NULL: only tries. */
static int lock_once(struct futex_attempt *a, struct futex_waiter *w, struct futex_pi **spare)
{
	struct futex_bucket *b = futex_bucket_of(&a->key);

	spin_lock(&b->lock);
	int result = futex_attempt_locked(a, b, spare);
	if (result == 0 && w) {
		result = wait_locked(a, b, w);
	} else if (result == 0) {
		attempt_forget(a);
		result = -EWOULDBLOCK;
	}
	spin_unlock(&b->lock);
	return result;
}

static int futex_take_pi(struct futex_word word, struct futex_waiter *w, struct futex_pi **spare)
{
	for (;;) {
		struct futex_attempt a = {.word = word, .taker = current_thread()};
		int err = futex_key_get(word, true, &a.key);

		if (err)
			return err;
		int result = futex_attempt_begin(&a);
		if (!result)
			result = lock_once(&a, w, spare);
		mm_futex_key_put(&a.key);
		bool tried = result == -EWOULDBLOCK && a.pi;
		if (result < 0 && !tried)
			result = futex_attempt_again(&a, result);
		else
			result = result > 0 ? 1 : tried ? -EWOULDBLOCK : 2;
		futex_attempt_end(&a);
		if (result)
			return result;
	}
}

/* The word of a futex that an ended owner has handed to the running thread: 0, -EFAULT. */
static int word_fix(struct futex_word word)
{
	u32 tid = current_thread()->tid, old, expected;

	int err = user_load_u32_now(&old, word.address);
	do {
		if (err)
			return err;
		expected = old;
		err = user_exchange_u32_now(
			word.address, &old, FUTEX_OWNER_DIED | FUTEX_WAITERS | tid);
	} while (err || old != expected);
	return err;
}

/* w is out of its bucket; its futex is not needed by it any more. */
static void finish_locked(struct futex_waiter *w, bool keep)
{
	struct futex_pi *pi = w->pi;

	spin_lock(&futex_pi_lock);
	if (!w->owns) {
		futex_pi_unblock(w);
	} else {
		pi->fixing = false;
		if (!keep && futex_pi_first(pi)) {
			pi->fixing = true;
			struct futex_waiter *heir = futex_pi_hand_over(pi);
			heir->owner_died = true;
			WRITE_ONCE(heir->woken, true);
			thread_wake(heir->thread);
		}
	}
	futex_pi_release(pi);
	spin_unlock(&futex_pi_lock);
}

int futex_pi_finish(struct futex_waiter *w, struct futex_word word, int err) NO_THREAD_SAFETY
{
	for (;;) {
		struct futex_bucket *b = futex_lock_of(w);
		int fixed = 0;

		/* Handed over by FUTEX_UNLOCK_PI, which has written the word. */
		if (!b)
			return 0;
		if (w->owns)
			fixed = word_fix(word);
		if (!fixed) {
			list_remove(&w->link);
			finish_locked(w, true);
			spin_unlock(&b->lock);
			return w->owns ? 0 : err;
		}
		spin_unlock(&b->lock);
		fixed = futex_fault_in(word.address, true);
		if (!fixed)
			continue;
		/* The word can't be written: the next waiter may have it. */
		spin_lock(&b->lock);
		list_remove(&w->link);
		finish_locked(w, false);
		spin_unlock(&b->lock);
		return fixed;
	}
}

int futex_lock_pi(struct futex_word word, const struct deadline *deadline)
{
	struct futex_waiter w;
	struct futex_pi *spare = futex_pi_alloc();

	if (!spare)
		return -ENOMEM;
	futex_waiter_init(&w, FUTEX_ANY);
	int result = futex_take_pi(word, &w, &spare);
	kfree(spare);
	if (result < 0)
		return result;
	if (result == 1)
		return 0;
	int err = futex_pi_finish(&w, word, futex_sleep(&w, deadline));
	futex_waiter_end(&w);
	return err;
}

int futex_try_lock_pi(struct futex_word word)
{
	struct futex_pi *spare = futex_pi_alloc();

	if (!spare)
		return -ENOMEM;
	int result = futex_take_pi(word, NULL, &spare);
	kfree(spare);
	return result > 0 ? 0 : result;
}
