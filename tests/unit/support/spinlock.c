/* The host's spinlocks: right for the host's threads, and strict about taking one twice or giving one back unheld. */
#include "sync/spinlock.h"

#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "lib/assert.h"

void spin_init(struct spinlock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct spinlock)SPINLOCK_INIT(name, rank);
}

bool spin_try_lock(struct spinlock *lock)
{
	if (__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE) != 0)
		return false;
	WRITE_ONCE(lock->holder, (s32)this_cpu()->id);
	return true;
}

void spin_lock(struct spinlock *lock)
{
	CHECK(lock->rank != RANK_NONE);
	while (!spin_try_lock(lock)) {
		CHECK(READ_ONCE(lock->holder) != (s32)this_cpu()->id);
		cpu_relax();
	}
}

void spin_unlock(struct spinlock *lock)
{
	CHECK(spin_held(lock));
	WRITE_ONCE(lock->holder, -1);
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

u64 spin_lock_irqsave(struct spinlock *lock)
{
	u64 flags = irq_save();
	spin_lock(lock);
	return flags;
}

void spin_unlock_irqrestore(struct spinlock *lock, u64 flags)
{
	CHECK(irq_disabled());
	spin_unlock(lock);
	irq_restore(flags);
}

bool spin_held(const struct spinlock *lock)
{
	return READ_ONCE(lock->holder) == (s32)this_cpu()->id;
}
