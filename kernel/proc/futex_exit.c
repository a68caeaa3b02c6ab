/*
 * What a thread that ends, or that leaves its memory for another program, owes those who wait for
 * it: the futexes on its robust list, the PI futexes that it owns, and clear_child_tid.
 *
 * The robust list is the program's, and may be anything: it can loop, lead nowhere, or change while it
 * is read. Each pointer is read once, at most ROBUST_LIST_LIMIT entries are looked at, and the first
 * that can't be read ends the walk. What an entry can do is what the thread could have done itself:
 * change a word that holds its own number, and wake a waiter.
 *
 * `leaving` tells those who want to lend the thread their priority. FUTEX_LEAVING: the list is being
 * walked, wait until the words are marked. FUTEX_LEFT: it owns nothing any more and never will. Both
 * are set under futex_pi_lock, under which owners are given futexes, so none is given one after its
 * last look.
 */
#include <linux/futex.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/futex_private.h"

#define PI_BIT 1UL

/* Threads that wait for another to have left. They are few and rare. */
static struct waitq left_waiters = WAITQ_INIT(left_waiters);

void futex_wait_left(struct thread *t)
{
	/* Not interruptible: the other is on its way and waits for nobody but its own pages. */
	int err = wait_event(&left_waiters, READ_ONCE(t->futex.leaving) != FUTEX_LEAVING,
		THREAD_SLEEPING, WAIT_FOREVER);
	CHECK(err == 0);
}

static void set_leaving(struct thread *t, enum futex_leaving leaving)
{
	spin_lock(&futex_pi_lock);
	WRITE_ONCE(t->futex.leaving, leaving);
	spin_unlock(&futex_pi_lock);
}

/* -- the robust list -- */

/* An entry's address, and whether its futex is a PI futex. */
static int entry_read(uaddr_t from, uaddr_t *entry, bool *pi)
{
	u64 value;

	if (get_user_u64(&value, from))
		return -EFAULT;
	*entry = value & ~PI_BIT;
	*pi = value & PI_BIT;
	return 0;
}

/* Marks the word if the running thread owns it; *before is what it was. */
static int word_mark(uaddr_t word, u32 *before)
{
	u32 tid = current_thread()->tid, old;

	if (get_user_u32(&old, word))
		return -EFAULT;
	for (;;) {
		u32 expected = old;

		*before = old;
		if ((old & FUTEX_TID_MASK) != tid)
			return 0;
		u32 new = (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
		int err = user_exchange_u32_now(word, &old, new);
		if (err)
			err = futex_fault_in(word, true);
		else if (old == expected)
			return 0;
		if (err)
			return err;
	}
}

/* One futex of the list. pending: the thread was just locking or unlocking it. */
static int word_abandon(uaddr_t word, bool pi, bool pending)
{
	struct futex_word w = {.address = word, .shared = true};
	u32 before;

	if (!IS_ALIGNED(word, sizeof(u32)) || word_mark(word, &before))
		return -EFAULT;
	bool mine = (before & FUTEX_TID_MASK) == current_thread()->tid;
	/* It was unlocked but perhaps nobody woken: the thread died between the two. */
	bool unlocked = pending && !pi && before == 0;
	if (unlocked || (mine && !pi && (before & FUTEX_WAITERS)))
		return futex_wake(w, 1, FUTEX_ANY) < 0 ? -EFAULT : 0;
	return 0;
}

static void list_abandon(uaddr_t head, uaddr_t entry, bool pi, s64 offset, uaddr_t pending)
{
	for (u32 i = 0; i < ROBUST_LIST_LIMIT && entry != head; i++) {
		uaddr_t next;
		bool next_pi;
		/* First, because who gets the futex may free the memory. */
		int err = entry_read(entry, &next, &next_pi);

		if (entry != pending && word_abandon(entry + (u64)offset, pi, false))
			return;
		if (err)
			return;
		entry = next;
		pi = next_pi;
	}
}

static void robust_list_abandon(uaddr_t head)
{
	uaddr_t entry, pending;
	bool pi, pending_pi;
	u64 offset;

	if (entry_read(head + offsetof(struct robust_list_head, list.next), &entry, &pi) ||
		get_user_u64(&offset, head + offsetof(struct robust_list_head, futex_offset)) ||
		entry_read(head + offsetof(struct robust_list_head, list_op_pending), &pending,
			&pending_pi))
		return;
	list_abandon(head, entry, pi, (s64)offset, pending);
	if (pending)
		(void)!word_abandon(pending + offset, pending_pi, true);
}

/* -- PI futexes -- */

static struct futex_pi *first_owned(const struct thread *t) REQUIRES(&futex_pi_lock)
{
	if (list_empty(&t->futex.owned))
		return NULL;
	return list_first(&t->futex.owned, struct futex_pi, owned_link);
}

/* With the bucket of a futex locked: hands over the thread's first if it is that one. */
static void hand_over_locked(struct thread *t, const struct futex_key *key)
{
	spin_lock(&futex_pi_lock);
	struct futex_pi *pi = first_owned(t);
	if (pi && futex_key_same(&pi->key, key)) {
		pi->fixing = true;
		struct futex_waiter *heir = futex_pi_hand_over(pi);
		/* It stays in its bucket until it has written the word. */
		heir->owner_died = true;
		WRITE_ONCE(heir->woken, true);
		thread_wake(heir->thread);
	}
	spin_unlock(&futex_pi_lock);
}

static void pi_futexes_hand_over(struct thread *t)
{
	for (;;) {
		spin_lock(&futex_pi_lock);
		const struct futex_pi *pi = first_owned(t);
		struct futex_key key = pi ? pi->key : (struct futex_key){0};
		if (!pi)
			WRITE_ONCE(t->futex.leaving, FUTEX_LEFT);
		spin_unlock(&futex_pi_lock);
		if (!pi)
			break;
		/* The bucket comes before futex_pi_lock, so look again under both. */
		struct futex_bucket *b = futex_bucket_of(&key);
		spin_lock(&b->lock);
		hand_over_locked(t, &key);
		spin_unlock(&b->lock);
	}
	waitq_wake_all(&left_waiters);
}

/* pthread_join() waits for this word. Nobody looks at it if this thread and its process are the only
 * users of the memory. A fault here is the program's affair. */
static void clear_child_tid(struct thread *t)
{
	struct futex_word word = {.address = t->clear_child_tid, .shared = true};

	t->clear_child_tid = 0;
	if (!word.address || refcount_read(&t->mm->users) <= 2)
		return;
	if (put_user_u32(word.address, 0) == 0)
		(void)!futex_wake(word, 1, FUTEX_ANY);
}

void futex_leave_memory(bool exiting)
{
	struct thread *t = current_thread();

	set_leaving(t, FUTEX_LEAVING);
	if (t->robust_list)
		robust_list_abandon(t->robust_list);
	t->robust_list = 0;
	pi_futexes_hand_over(t);
	clear_child_tid(t);
	/* The new program's thread has the same number and may own futexes. */
	if (!exiting)
		set_leaving(t, FUTEX_STAYS);
}
