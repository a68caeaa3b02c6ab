/*
 * Ticket locks.
 *
 * A CPU draws a ticket (next) and waits until it is served (owner), so CPUs get the lock in the order they came. Both are
 * 16 bits and wrap; that is right while fewer than 65,536 CPUs wait.
 *
 * Ordering: the holder's stores are published by the release store of owner in spin_unlock(), and seen after the
 * acquire load of owner in spin_wait(). Drawing the ticket orders nothing, so it is relaxed.
 */
#include "sync/spinlock.h"

#include "arch/irqflags.h"
#include "sync/spinlock_debug.h"

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, rank);
}

static void spin_wait(struct spinlock *lock) NO_THREAD_SAFETY
{
	u16 ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);
	u64 since;

	/* Pairs with the release in spin_unlock(). */
	if (LIKELY(__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) == ticket))
		return;
	since = spin_debug_now();
	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket) {
		cpu_relax();
		spin_debug_waiting(lock, since);
	}
}

void spin_lock(struct spinlock *lock) NO_THREAD_SAFETY
{
	spin_debug_check(lock, false);
	spin_wait(lock);
	spin_debug_acquired(lock);
}

void spin_lock_second(struct spinlock *lock) NO_THREAD_SAFETY
{
	spin_debug_check(lock, true);
	spin_wait(lock);
	spin_debug_acquired(lock);
}

void spin_unlock(struct spinlock *lock) NO_THREAD_SAFETY
{
	spin_debug_release(lock);
	/* Only the holder writes owner, so reading it needs no order; the store pairs with spin_wait(). */
	__atomic_store_n(&lock->owner, (u16)(lock->owner + 1), __ATOMIC_RELEASE);
}

/* Draws a ticket only if it is served at once: both halves must still be equal when the draw happens. */
bool spin_try_lock(struct spinlock *lock) NO_THREAD_SAFETY
{
	struct spinlock seen;
	u32 before;

	seen.tickets = __atomic_load_n(&lock->tickets, __ATOMIC_RELAXED);
	if (seen.owner != seen.next)
		return false;
	before = seen.tickets;
	seen.next++;
	if (!__atomic_compare_exchange_n(&lock->tickets, &before, seen.tickets, false,
		    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	spin_debug_acquired(lock);
	return true;
}

u64 spin_lock_irqsave(struct spinlock *lock) NO_THREAD_SAFETY
{
	u64 flags = irq_save();

	spin_lock(lock);
	return flags;
}

void spin_unlock_irqrestore(struct spinlock *lock, u64 flags) NO_THREAD_SAFETY
{
	spin_unlock(lock);
	irq_restore(flags);
}
