/*
 * Futexes: sleeping until another thread says that a word of memory has changed.
 *
 * Waiters stand in buckets, hashed by address space and address. (Two address spaces can't share a
 * writable page yet, so the private and the shared form have the same key.)
 *
 * The word can't be read under the bucket's spinlock, because the read may fault and sleep. So a
 * waiter first joins the bucket, then reads the word, then sleeps unless it was woken meanwhile. A
 * waker changes the word, then looks at the bucket. If it looks before the waiter joined, the
 * waiter reads the new value and does not sleep; if it looks afterwards, it finds the waiter: no
 * wakeup is lost (hazard B27). One more case is possible: the waiter is found and woken, and then
 * reads a value that sends it away with -EAGAIN. It was counted as woken although it never slept,
 * so it passes the wakeup on.
 *
 * A waiter lives on its thread's stack. The waker takes it out of the bucket and wakes its queue
 * under the bucket's lock, and the waiter always takes that lock before it returns, so the stack is
 * still there. Lock order: bucket, then wait queue.
 */
#include "proc/futex.h"

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "proc/process.h"
#include "sched/wait.h"

#define BUCKETS 64U

struct futex_bucket {
	struct spinlock lock;
	struct list waiters; /* lock; oldest first */
};

struct futex_waiter {
	struct list link; /* bucket's lock */
	const struct mm *mm;
	uaddr_t word;
	u32 bits;
	bool woken; /* written under the bucket's lock; read by the sleeper without, see the head */
	struct waitq queue;
};

static struct futex_bucket buckets[BUCKETS];

INIT_TEXT void futex_init(void)
{
	for (u32 i = 0; i < BUCKETS; i++) {
		spin_init(&buckets[i].lock, "futex", RANK_FILES);
		list_init(&buckets[i].waiters);
	}
}

static struct futex_bucket *futex_bucket(const struct mm *mm, uaddr_t word)
{
	u64 h = ((u64)mm >> 6) ^ (word >> 2);

	h *= 0x9e3779b97f4a7c15UL;
	return &buckets[h >> 58];
}

static void futex_join(struct futex_bucket *b, struct futex_waiter *w)
{
	spin_lock(&b->lock);
	list_push_back(&b->waiters, &w->link);
	spin_unlock(&b->lock);
}

/* True if somebody had woken it. */
static bool futex_leave(struct futex_bucket *b, struct futex_waiter *w)
{
	spin_lock(&b->lock);
	bool woken = w->woken;
	if (!woken)
		list_remove(&w->link);
	spin_unlock(&b->lock);
	return woken;
}

int futex_wait(uaddr_t word, u32 value, u32 bits, u64 deadline_ns)
{
	struct mm *mm = current_thread()->mm;
	struct futex_bucket *b = futex_bucket(mm, word);
	struct futex_waiter w = {.mm = mm, .word = word, .bits = bits};
	u32 now;

	waitq_init(&w.queue);
	futex_join(b, &w);
	int err = get_user_u32(&now, word);
	if (!err && now != value)
		err = -EAGAIN;
	if (err) {
		if (futex_leave(b, &w))
			futex_wake(word, 1, bits);
		return err;
	}
	err = wait_event(&w.queue, READ_ONCE(w.woken), THREAD_SLEEPING_INTERRUPTIBLE, deadline_ns);
	if (futex_leave(b, &w))
		return 0;
	return err == -ETIME ? -ETIMEDOUT : err;
}

u32 futex_wake(uaddr_t word, u32 n, u32 bits)
{
	struct mm *mm = current_thread()->mm;
	struct futex_bucket *b = futex_bucket(mm, word);
	struct futex_waiter *w, *next;
	u32 count = 0;

	spin_lock(&b->lock);
	list_for_each_entry_safe (w, next, &b->waiters, link) {
		if (count == n)
			break;
		if (w->mm != mm || w->word != word || !(w->bits & bits))
			continue;
		list_remove(&w->link);
		WRITE_ONCE(w->woken, true);
		waitq_wake_all(&w->queue);
		count++;
	}
	spin_unlock(&b->lock);
	return count;
}
