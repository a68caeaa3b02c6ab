/*
 * Futexes: sleeping until another thread says that a word of memory has changed.
 *
 * No wakeup is lost (hazard B27). A waiter reads the word and joins its bucket in one go, under the
 * bucket's lock; a waker changes the word, then takes the lock and looks. If the waker has the lock
 * first, the waiter sees the new value and does not sleep; otherwise the waker finds the waiter. The
 * word is read without waiting for its page, because the lock is held; if the page is not there, all
 * is undone, the page is brought in, and the waiter begins anew.
 *
 * A waiter that was found has `woken` set before its thread is woken; the sleeper sets its state
 * and then looks at `woken` before it sleeps. Both orders pass through a full barrier (wait.c, wake
 * in sched.c), so it does not sleep after the wakeup.
 *
 * A waiter lives on its thread's stack. The waker's last access to it is the store of NULL into
 * `bucket`, after the thread was woken; the thread returns only when it has read that, or has taken
 * itself out under the bucket's lock.
 */
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "proc/futex_private.h"

void futex_waiter_init(struct futex_waiter *w, u32 bits)
{
	w->bucket = NULL;
	w->key.source = NULL;
	w->thread = current_thread();
	w->bits = bits;
	w->woken = w->owns = w->owner_died = false;
	w->requeue = NULL;
	w->pi = NULL;
	list_init(&w->pi_link);
}

/* Highest rank first: only real-time threads have one, so this looks at the last waiter alone as a
 * rule. */
void futex_enqueue(struct futex_bucket *b, struct futex_waiter *w)
{
	struct list *after = b->waiters.prev;

	w->rank = thread_rt_priority(w->thread);
	while (UNLIKELY(after != &b->waiters) &&
		CONTAINER_OF(after, struct futex_waiter, link)->rank < w->rank)
		after = after->prev;
	list_push_front(after, &w->link);
	/* The thread itself looks at it without the lock, in futex_lock_of(). */
	__atomic_store_n(&w->bucket, b, __ATOMIC_RELEASE);
}

void futex_wake_waiter(struct futex_waiter *w)
{
	list_remove(&w->link);
	WRITE_ONCE(w->woken, true);
	thread_wake(w->thread);
	/* Pairs with the acquire in futex_lock_of(): w may be gone from here on. */
	__atomic_store_n(&w->bucket, NULL, __ATOMIC_RELEASE);
}

void futex_waiter_end(struct futex_waiter *w)
{
	mm_futex_key_put(&w->key);
}

void futex_move(struct futex_waiter *w, struct futex_bucket *to, const struct futex_key *key)
{
	if (key->source)
		key->source->ops->get(key->source);
	w->key = *key;
	/* In one bucket it keeps its place; moved to the end, it would be met again. */
	if (w->bucket == to)
		return;
	list_remove(&w->link);
	futex_enqueue(to, w);
}

/* Joins if the word is value. -EAGAIN if it is not, -EFAULT if the page is not there. */
static int join_once(struct futex_waiter *w, uaddr_t word, u32 value)
{
	struct futex_bucket *b = futex_bucket_of(&w->key);
	u32 now;

	spin_lock(&b->lock);
	int err = user_load_u32_now(&now, word);
	if (!err && now != value)
		err = -EAGAIN;
	if (!err)
		futex_enqueue(b, w);
	spin_unlock(&b->lock);
	return err;
}

static inline int join(struct futex_waiter *w, struct futex_word word, u32 value)
{
	for (;;) {
		int err = futex_key_get(word, false, &w->key);

		if (err)
			return err;
		err = join_once(w, word.address, value);
		if (!err)
			return 0;
		futex_waiter_end(w);
		if (err == -EFAULT)
			err = futex_fault_in(word.address, false);
		if (err)
			return err;
	}
}

int futex_join(struct futex_waiter *w, struct futex_word word, u32 value)
{
	return join(w, word, value);
}

static int sleep_without_end(struct futex_waiter *w)
{
	struct thread *t = current_thread();
	int err;

	do {
		atomic32_store(&t->state, THREAD_SLEEPING_INTERRUPTIBLE);
		if (READ_ONCE(w->woken)) {
			atomic32_store(&t->state, THREAD_RUNNABLE);
			return 0;
		}
		/* Awake again afterwards, whatever it was that woke it. */
		err = wait_sleep(WAIT_FOREVER);
	} while (!err && !READ_ONCE(w->woken));
	return err;
}

static NOINLINE int sleep_until_deadline(struct futex_waiter *w, const struct deadline *deadline)
{
	struct clock_wait clock;
	int err = 0;

	clock_wait_begin(&clock, deadline);
	for (;;) {
		clock_wait_prepare(&clock, THREAD_SLEEPING_INTERRUPTIBLE);
		if (READ_ONCE(w->woken) || err)
			break;
		err = clock_wait_sleep(&clock);
	}
	clock_wait_end(&clock);
	return err == -ETIME ? -ETIMEDOUT : err;
}

int futex_sleep(struct futex_waiter *w, const struct deadline *deadline)
{
	return deadline->ns == WAIT_FOREVER ? sleep_without_end(w)
					    : sleep_until_deadline(w, deadline);
}

/* Takes w out of its bucket: true if somebody had woken it. */
static bool futex_leave(struct futex_waiter *w) NO_THREAD_SAFETY
{
	struct futex_bucket *b = futex_lock_of(w);

	if (!b)
		return true;
	list_remove(&w->link);
	spin_unlock(&b->lock);
	return false;
}

int futex_wait(struct futex_word word, u32 value, u32 bits, const struct deadline *deadline)
{
	struct futex_waiter w;

	futex_waiter_init(&w, bits);
	int err = join(&w, word, value);
	if (err)
		return err;
	err = futex_sleep(&w, deadline);
	if (futex_leave(&w))
		err = 0;
	futex_waiter_end(&w);
	return err;
}

s64 futex_wake(struct futex_word word, s32 n, u32 bits)
{
	struct futex_waiter *w, *next;
	struct futex_key key;
	s64 count = 0;

	int err = futex_key_get(word, false, &key);
	if (err)
		return err;
	struct futex_bucket *b = futex_bucket_of(&key);
	spin_lock(&b->lock);
	futex_for_each(w, next, b, &key)
	{
		if (w->pi || w->requeue) {
			count = -EINVAL;
			break;
		}
		if (!(w->bits & bits))
			continue;
		futex_wake_waiter(w);
		if (++count >= n)
			break;
	}
	spin_unlock(&b->lock);
	mm_futex_key_put(&key);
	return count;
}
