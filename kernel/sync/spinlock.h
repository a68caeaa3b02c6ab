/*
 * Spinlocks, 8 bytes in a release kernel. Not first come, first served, but nobody starves: spinlock.c says why.
 *
 * A lock that an interrupt handler takes is always taken with interrupts off (spin_lock_irqsave); one that no handler
 * takes may be taken with them on, because the kernel is not preempted. A holder never sleeps, never touches user
 * memory and never returns to user.
 *
 * In kernels that are not for debugging, taking a free lock is inline: it is a handful of instructions on every path.
 *
 * Every lock has a rank; a CPU takes locks only in rising rank. Debug kernels check that, and that a lock is not
 * used both from handlers and with interrupts on. The order, with what each guards, is in sync/rank.h.
 */
#ifndef SYNC_SPINLOCK_H
#define SYNC_SPINLOCK_H

#include "arch/irqflags.h"
#include "arch/seldom.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "sync/rank.h"

struct CAPABILITY("spinlock") spinlock {
	u8 locked;
	u8 starving; /* CPUs that have waited for long */
	u32 rank;
#ifdef AIRLOCK_DEBUG
	const char *name;
	s32 holder; /* CPU, or -1 */
	u32 usage;  /* SPIN_USED_*: seen in a handler, seen with interrupts on */
#endif
};

#ifdef AIRLOCK_DEBUG
#define SPINLOCK_INIT(lock_name, lock_rank)                            \
	{                                                              \
		.rank = (lock_rank), .name = (lock_name), .holder = -1 \
	}
#else
#define SPINLOCK_INIT(lock_name, lock_rank) \
	{                                   \
		.rank = (lock_rank)         \
	}
#endif

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank);
bool spin_try_lock(struct spinlock *lock) TRY_ACQUIRES(true, lock);

#ifdef AIRLOCK_INLINE_LOCKS

/* Waits until the lock is taken. */
KEEPS_REGISTERS void spin_lock_slowly(struct spinlock *lock);

static inline void spin_lock(struct spinlock *lock) ACQUIRES(lock) NO_THREAD_SAFETY
{
	/* Pairs with the release in spin_unlock(). */
	if (UNLIKELY(__atomic_load_n(&lock->starving, __ATOMIC_RELAXED) ||
		     __atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE)))
		CALL_SELDOM(spin_lock_slowly, lock);
}

static inline void spin_unlock(struct spinlock *lock) RELEASES(lock) NO_THREAD_SAFETY
{
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

/* Turns interrupts off first; the result goes to spin_unlock_irqrestore(). */
MUST_CHECK static inline u64 spin_lock_irqsave(struct spinlock *lock) ACQUIRES(lock)
{
	u64 flags = irq_save();

	spin_lock(lock);
	return flags;
}

static inline void spin_unlock_irqrestore(struct spinlock *lock, u64 flags) RELEASES(lock)
{
	spin_unlock(lock);
	irq_restore(flags);
}

#else

void spin_lock(struct spinlock *lock) ACQUIRES(lock);
void spin_unlock(struct spinlock *lock) RELEASES(lock);
/* Turns interrupts off first; the result goes to spin_unlock_irqrestore(). */
MUST_CHECK u64 spin_lock_irqsave(struct spinlock *lock) ACQUIRES(lock);
void spin_unlock_irqrestore(struct spinlock *lock, u64 flags) RELEASES(lock);

#endif

/* The second of two locks of one rank, for the ranks that sync/rank.h gives an order among equals: the one taken before
 * must lie at a lower address. */
void spin_lock_second(struct spinlock *lock) ACQUIRES(lock);
/* One more of one rank, for RANK_WAITQ_INNER alone, whose order among equals is that of a graph without cycles. */
void spin_lock_further(struct spinlock *lock) ACQUIRES(lock);

/* For assertions: this CPU holds the lock (always true in release kernels). */
bool spin_held(const struct spinlock *lock);
/* Says so, where a lock was taken in a way that the analysis does not follow: through a function that chooses which. */
static inline void spin_assert_held(const struct spinlock *lock) ASSERTS_HELD(lock)
{
	ASSERT(spin_held(lock));
}
/* For assertions: this CPU holds no spinlock (always true in release kernels). */
bool spin_none_held(void);

#endif
