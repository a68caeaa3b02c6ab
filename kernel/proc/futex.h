/*
 * Waiting for a word of the program's memory: what futex(2), pthreads and the end of a thread
 * stand on. Thread context, no lock held.
 *
 * A word is named by its address in the running program. `shared` is how the call named it: waiters
 * and wakers of a word in memory that several address spaces share meet only if both say so.
 */
#ifndef PROC_FUTEX_H
#define PROC_FUTEX_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "sched/clock_wait.h"

struct thread;

/* Every waiter has a bit in common with it. */
#define FUTEX_ANY UINT32_MAX

struct futex_word {
	uaddr_t address;
	bool shared;
};

/* How many to wake, and of those that are left how many to let wait elsewhere. */
struct futex_counts {
	s32 wake, requeue;
};

void futex_init(void);

/* All of these: -EINVAL if an address is not a multiple of four, -EFAULT if it can't be read or,
 * where that is needed, written. */

/* Sleeps if the word is value, until somebody wakes it with a common bit. 0, -EAGAIN (another
 * value), -EINTR, -ETIMEDOUT. */
MUST_CHECK int futex_wait(
	struct futex_word word, u32 value, u32 bits, const struct deadline *deadline);
/* Wakes at most n (but one at least) of those that wait for the word with a common bit: how many.
 * -EINVAL if it finds one that waits for a PI futex. */
MUST_CHECK s64 futex_wake(struct futex_word word, s32 n, u32 bits);
/* Wakes some, lets others wait for the word `to` instead: how many together. If expected is not
 * NULL: -EAGAIN unless the word is *expected. */
MUST_CHECK s64 futex_requeue(struct futex_word from, struct futex_word to,
	struct futex_counts counts, const u32 *expected);
/* FUTEX_WAKE_OP of futex(2): changes the second word, wakes waiters of the first, and if the old
 * value compares as asked those of the second. -ENOSYS for an operation that does not exist. */
MUST_CHECK s64 futex_wake_op(
	struct futex_word one, struct futex_word two, s32 wake_one, s32 wake_two, u32 operation);

/* -- words that hold the number of their owner, with priority inheritance: FUTEX_LOCK_PI etc. -- */

/* 0; -EDEADLK, -ESRCH (no such owner), -EINVAL (word and waiters contradict each other), -ENOMEM,
 * -EINTR, -ETIMEDOUT. */
MUST_CHECK int futex_lock_pi(struct futex_word word, const struct deadline *deadline);
/* The same without waiting: -EAGAIN. */
MUST_CHECK int futex_try_lock_pi(struct futex_word word);
/* -EPERM if the running thread is not the owner. */
MUST_CHECK int futex_unlock_pi(struct futex_word word);
/* Waits for the first word as futex_wait() does, to be moved to the second, a PI futex, by
 * futex_requeue_pi(), and to own that at return. */
MUST_CHECK int futex_wait_requeue_pi(
	struct futex_word word, u32 value, const struct deadline *deadline, struct futex_word pi);
/* counts.wake must be 1. */
MUST_CHECK s64 futex_requeue_pi(
	struct futex_word from, struct futex_word pi, struct futex_counts counts, u32 expected);
/* The thread's priority was changed by other means: tells those that it waits for. */
void futex_priority_changed(struct thread *t);

/* -- the end -- */

/* The running thread ends, or leaves its memory for another program's: marks the words on its
 * robust list, hands over the PI futexes that it owns, and clears its clear_child_tid word. Its
 * memory is still there. */
void futex_leave_memory(bool exiting);

#endif
