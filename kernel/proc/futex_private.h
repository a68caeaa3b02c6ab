/*
 * Between the files of futexes.
 *
 * Locking key: (b) the bucket's lock; (i) futex_pi_lock; (c) constant while it can be found; (t) the
 * waiting thread.
 * Lock order: buckets (two of them by address), futex_pi_lock, then what waking a thread takes.
 */
#ifndef PROC_FUTEX_PRIVATE_H
#define PROC_FUTEX_PRIVATE_H

#include "arch/cpu.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "mm/mm.h"
#include "proc/futex.h"
#include "proc/process.h"
#include "sync/spinlock.h"

struct ALIGNED(32) futex_bucket {
	struct spinlock lock;
	struct list waiters; /* lock; highest rank first, then oldest first */
};

/* On the stack of the thread that waits. */
struct futex_waiter {
	struct list link; /* (b) */
	struct futex_bucket
		*bucket;       /* whose lock is (b); changes with both locked; NULL: woken, and
					nobody else looks at this any more */
	struct futex_key key;  /* (b) */
	struct thread *thread; /* (c) */
	u32 bits;	       /* (c) */
	u8 rank;	       /* (b), and (i) if pi: the thread's real-time priority */
	bool woken;	       /* written under (b); the sleeper reads it without */
	const struct futex_key *requeue; /* (c) the PI futex that it wants to be moved to */
	struct futex_pi *pi;		 /* (b) what it waits for, if that is a PI futex */
	struct list pi_link;		 /* (i) */
	bool owns;			 /* (b) it has been given the PI futex */
	bool owner_died;		 /* (b) by a thread that ended: the word is to be written */
};

/* -- futex_key.c -- */

MUST_CHECK int futex_key_get_shared(struct futex_word word, bool write, struct futex_key *out);
/* With a reference, for mm_futex_key_put(). write: the word will be written. -EINVAL, -EFAULT. */
MUST_CHECK static inline int futex_key_get(
	struct futex_word word, bool write, struct futex_key *out)
{
	if (!IS_ALIGNED(word.address, sizeof(u32)))
		return -EINVAL;
	if (!user_range_ok(word.address, sizeof(u32)))
		return -EFAULT;
	if (UNLIKELY(word.shared))
		return futex_key_get_shared(word, write, out);
	out->object = current_thread()->mm;
	out->offset = word.address;
	out->source = NULL;
	return 0;
}
/* Two; write is about the second. */
MUST_CHECK int futex_keys_get(struct futex_word one, struct futex_key *key_one,
	struct futex_word two, bool write, struct futex_key *key_two);

#define FUTEX_BUCKET_BITS 10U
extern struct futex_bucket futex_buckets[BIT(FUTEX_BUCKET_BITS)];

static inline struct futex_bucket *futex_bucket_of(const struct futex_key *key)
{
	u64 h = ((u64)key->object >> 4) ^ (key->offset >> 2);

	return &futex_buckets[(h * 0x9e3779b97f4a7c15UL) >> (64 - FUTEX_BUCKET_BITS)];
}

void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b) ACQUIRES(&a->lock, &b->lock);
void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b) RELEASES(&a->lock, &b->lock);
/* After an access without waiting has failed: brings the page in. 0 or -EFAULT. */
MUST_CHECK int futex_fault_in(uaddr_t word, bool write);

static inline bool futex_key_same(const struct futex_key *a, const struct futex_key *b)
{
	return a->offset == b->offset && a->object == b->object;
}

/* -- futex.c -- */

void futex_waiter_init(struct futex_waiter *w, u32 bits);
void futex_enqueue(struct futex_bucket *b, struct futex_waiter *w) REQUIRES(&b->lock);
/* Takes it out and wakes its thread: w is gone afterwards. */
void futex_wake_waiter(struct futex_waiter *w);
/* Sleeps until woken, a signal or the deadline: 0, -EINTR, -ETIMEDOUT. Does not take w out. */
MUST_CHECK int futex_sleep(struct futex_waiter *w, const struct deadline *deadline);
/* Locks the bucket that w is in; NULL (nothing locked) if it was woken. */
MUST_CHECK static inline struct futex_bucket *futex_lock_of(
	const struct futex_waiter *w) NO_THREAD_SAFETY
{
	for (;;) {
		/* Requeueing may change it until the lock that it names is held. */
		struct futex_bucket *b = __atomic_load_n(&w->bucket, __ATOMIC_ACQUIRE);

		if (!b)
			return NULL;
		spin_lock(&b->lock);
		if (LIKELY(b == READ_ONCE(w->bucket)))
			return b;
		spin_unlock(&b->lock);
	}
}
/* A waiter that has left its bucket. */
void futex_waiter_end(struct futex_waiter *w);
/* Moves a waiter between locked buckets; it has a reference on the new key and the caller owes one on
 * the old. */
void futex_move(struct futex_waiter *w, struct futex_bucket *to, const struct futex_key *key)
	REQUIRES(&to->lock);
/* Joins the bucket if the word is value: 0, -EAGAIN, -EFAULT, -EINVAL. */
MUST_CHECK int futex_join(struct futex_waiter *w, struct futex_word word, u32 value);

#define futex_for_each(w, next, b, wanted)                      \
	list_for_each_entry_safe (w, next, &(b)->waiters, link) \
		if (futex_key_same(&(w)->key, (wanted)))

/* -- futex_pi.c -- */

extern struct spinlock futex_pi_lock;

/* A PI futex that somebody waits for. Exists as long as it has waiters, or its owner, who was given
 * it by a thread that ended, has yet to write the word. */
struct futex_pi {
	struct futex_key key;	/* (c) to compare with; the waiters have references */
	struct thread *owner;	/* (i) */
	struct list owned_link; /* (i) in the owner's list */
	struct list waiters;	/* (i) highest rank first, then oldest first */
	bool fixing;		/* (i) the word is not yet the owner's */
};

MUST_CHECK struct futex_pi *futex_pi_alloc(void);
/* Fills in a new one; -ESRCH if the owner has ended, -EBUSY if it is about to. */
MUST_CHECK int futex_pi_own(struct futex_pi *pi, const struct futex_key *key, struct thread *owner)
	REQUIRES(&futex_pi_lock);
/* Adds a waiter (in its bucket already or soon) and lends its priority; -EDEADLK. */
MUST_CHECK int futex_pi_block(struct futex_pi *pi, struct futex_waiter *w) REQUIRES(&futex_pi_lock);
/* Takes a waiter back. */
void futex_pi_unblock(struct futex_waiter *w) REQUIRES(&futex_pi_lock);
/* The first waiter becomes the owner; it waits no more. */
struct futex_waiter *futex_pi_hand_over(struct futex_pi *pi) REQUIRES(&futex_pi_lock);
/* Frees it if nothing needs it any more. */
void futex_pi_release(struct futex_pi *pi) REQUIRES(&futex_pi_lock);
struct futex_waiter *futex_pi_first(const struct futex_pi *pi) REQUIRES(&futex_pi_lock);

/* -- futex_lock_pi.c -- */

/* What an attempt to take a PI futex needs, found before locks are taken. */
struct futex_attempt {
	struct futex_word word;
	struct futex_key key;
	struct thread *taker; /* who is to own it */
	u32 value;	      /* of the word, when the owner was looked up */
	struct thread *owner; /* with a reference, or NULL: nobody has that number */
	struct futex_pi *pi;  /* out: what to wait for */
	bool waiters;	      /* there will be others who wait, if the taker gets it */
};

/* Reads the word and looks up its owner. 0, -EFAULT. Drop it with futex_attempt_end(). */
MUST_CHECK int futex_attempt_begin(struct futex_attempt *a);
void futex_attempt_end(struct futex_attempt *a);
/* With the bucket locked: 1: the taker owns it now; 0: a->pi is what it must wait for, made from
 * *spare if it is new; -EFAULT, -EAGAIN, -EBUSY: futex_attempt_again() knows what to do;
 * other errors are the call's. */
MUST_CHECK int futex_attempt_locked(struct futex_attempt *a, struct futex_bucket *b,
	struct futex_pi **spare) REQUIRES(&b->lock);
/* Nothing locked: waits for what the attempt's result says is missing. 0: try again. */
MUST_CHECK int futex_attempt_again(const struct futex_attempt *a, int result);
/* Sleeps until a thread that is leaving has left. */
void futex_wait_left(struct thread *t);
/* After sleeping for a PI futex: becomes the owner also in the word, or gives up. err: what ended
 * the sleep. 0 or an error. */
MUST_CHECK int futex_pi_finish(struct futex_waiter *w, struct futex_word word, int err);

#endif
