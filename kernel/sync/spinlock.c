/*
 * Spinlocks.
 *
 * The lock is a byte, taken by exchange; waiters look at it until it is free and then try. There is no order among them, on
 * purpose: this kernel runs on virtual CPUs, and the host may take one away at any moment. A ticket lock gives the lock to the
 * CPU whose turn it is even if that one does not run, and everybody waits until it does. (Measured: four CPUs on two
 * cores of a busy host, 24,000 wakeups through one wait queue: more than 60 s with tickets.)
 *
 * That nobody starves: a CPU that has looked STARVE_LOOKS times counts itself in `starving`, and while that is not 0 a CPU that
 * finds the lock free lets up to POLITE_LOOKS looks pass before it tries. So a running CPU that starves meets only others
 * that starve, and one that does not run holds up nobody for long.
 *
 * Ordering: the holder's stores are published by the release store in spin_unlock(), and seen after the exchange (acquire) that
 * takes the lock. `starving` orders nothing.
 */
#include "sync/spinlock.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "sync/spinlock_debug.h"
#include "trace/ring.h"

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, rank);
}

#define STARVE_LOOKS 4096
#define POLITE_LOOKS 64

static bool take(struct spinlock *lock)
{
	/* Pairs with the release in spin_unlock(). */
	return !__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE);
}

static bool is_locked(const struct spinlock *lock)
{
	return __atomic_load_n(&lock->locked, __ATOMIC_RELAXED);
}

static bool others_starve(const struct spinlock *lock)
{
	return __atomic_load_n(&lock->starving, __ATOMIC_RELAXED);
}

/* Waits until the lock is taken. */
static void wait_turn(struct spinlock *lock)
{
	u64 since = spin_debug_now();
	u32 looks = 0, polite = 0;

	for (; looks < STARVE_LOOKS; looks++) {
		cpu_relax();
		if (is_locked(lock) || (others_starve(lock) && polite++ < POLITE_LOOKS))
			continue;
		if (take(lock))
			return;
	}
	__atomic_fetch_add(&lock->starving, 1, __ATOMIC_RELAXED);
	while (is_locked(lock) || !take(lock)) {
		cpu_relax();
		spin_debug_waiting(lock, since);
	}
	__atomic_fetch_sub(&lock->starving, 1, __ATOMIC_RELAXED);
}

/* The record is made by the holder, so at most once for each turn; not in an NMI, whose CPU may be in the middle of one. */
static NOINLINE void wait_long(struct spinlock *lock, u64 who)
{
	u64 since = clock_cycles();

	wait_turn(lock);
	if (!this_cpu()->nmi_depth)
		trace_event(TRACE_LOCK, who, lock->rank, (u32)(clock_cycles() - since), (u64)lock);
}

static ALWAYS_INLINE void spin_wait(struct spinlock *lock)
{
	if (UNLIKELY(others_starve(lock) || !take(lock)))
		wait_long(lock, (u64)__builtin_return_address(0));
}

/* Who takes it, for reports. */
#define CALLER ((u64)__builtin_return_address(0))

static ALWAYS_INLINE void lock_from(
	struct spinlock *lock, enum spin_order order, u64 caller) NO_THREAD_SAFETY
{
	spin_debug_check(lock, order, caller);
	spin_wait(lock);
	spin_debug_acquired(lock, caller);
}

#ifdef AIRLOCK_INLINE_LOCKS

KEEPS_REGISTERS void spin_lock_slowly(struct spinlock *lock)
{
	wait_long(lock, CALLER);
}

#else

void spin_lock(struct spinlock *lock) NO_THREAD_SAFETY
{
	fuzz_here();
	lock_from(lock, SPIN_RISING, CALLER);
}

void spin_unlock(struct spinlock *lock) NO_THREAD_SAFETY
{
	spin_debug_release(lock);
	/* Pairs with take(). */
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
	fuzz_here();
}

u64 spin_lock_irqsave(struct spinlock *lock) NO_THREAD_SAFETY
{
	u64 flags;

	fuzz_here();
	flags = irq_save();
	lock_from(lock, SPIN_RISING, CALLER);
	return flags;
}

void spin_unlock_irqrestore(struct spinlock *lock, u64 flags) NO_THREAD_SAFETY
{
	spin_unlock(lock);
	irq_restore(flags);
}

#endif

void spin_lock_second(struct spinlock *lock) NO_THREAD_SAFETY
{
	lock_from(lock, SPIN_BY_ADDRESS, CALLER);
}

void spin_lock_further(struct spinlock *lock) NO_THREAD_SAFETY
{
	lock_from(lock, SPIN_BY_GRAPH, CALLER);
}

bool spin_try_lock(struct spinlock *lock) NO_THREAD_SAFETY
{
	if (is_locked(lock) || !take(lock))
		return false;
	spin_debug_acquired(lock, CALLER);
	return true;
}
