/*
 * What debug kernels check about spinlocks; nothing of it exists in release kernels. Called by sync/spinlock.c; begun by
 * sched/ and ended by trace/panic.c.
 *
 * Four mistakes are found at the first acquisition that makes them possible, not when two CPUs happen to deadlock:
 *   order       a lock of a rank that is not above all that the CPU holds (so a cycle could close); the report shows the
 *               cycle, from the places where the other order was seen (lock_order_debug.c);
 *   recursion   a lock that this CPU holds already;
 *   handlers    a lock used both in an interrupt handler and, somewhere, with interrupts on: the handler could
 *               interrupt the holder and wait for it for ever;
 *   release     a lock given back by a CPU that does not hold it.
 * A wait of SPIN_PATIENCE_CYCLES is reported, too, with the holder.
 *
 * An NMI handler only ever tries locks. It is not followed here, because it may arrive in the middle of this very
 * bookkeeping.
 */
#ifndef SYNC_SPINLOCK_DEBUG_H
#define SYNC_SPINLOCK_DEBUG_H

#include "lib/format.h"
#include "sync/spinlock.h"

/* What is allowed besides a higher rank: an equal one at a higher address, or an equal one. */
enum spin_order { SPIN_RISING, SPIN_BY_ADDRESS, SPIN_BY_GRAPH };

#ifdef AIRLOCK_DEBUG

#define SPIN_USED_IN_HANDLER 1U
#define SPIN_USED_IRQS_ON 2U

/* About eight seconds of a 2 GHz time stamp counter. */
#define SPIN_PATIENCE_CYCLES (1UL << 34)

/* Before waiting. */
void spin_debug_check(struct spinlock *lock, enum spin_order order, u64 caller);
/* While waiting, since the given time stamp. */
void spin_debug_waiting(const struct spinlock *lock, u64 since);
u64 spin_debug_now(void);
void spin_debug_acquired(struct spinlock *lock, u64 caller);
void spin_debug_release(struct spinlock *lock);
/* Panics, naming the lock, if this CPU holds one: for what may sleep. */
void spin_debug_none_held(const char *what);

/* lock_order_debug.c: a lock of the second rank is taken while one of the first is held; and what of that was seen from the
 * first to the second, as text. */
void lock_order_note(u32 held, u32 taken, u64 caller);
void lock_order_describe(u32 from, u32 to, char *text, size_t size);
/* Checking needs this_cpu(), so it begins when start-up says so, with no lock held (sched_init()); and it ends with a panic,
 * which must not become a second one about locks. */
void spin_debug_start(void);
void spin_debug_stop(void);
/* What a CPU that is stopped holds: "'pid table' 'run queue'"; for reports. */
void spin_debug_describe(u32 cpu, char *text, size_t size);

#else

static inline void spin_debug_check(struct spinlock *lock, enum spin_order order, u64 caller)
{
}

static inline void spin_debug_waiting(const struct spinlock *lock, u64 since)
{
}

static inline u64 spin_debug_now(void)
{
	return 0;
}

static inline void spin_debug_acquired(struct spinlock *lock, u64 caller)
{
}

static inline void spin_debug_release(struct spinlock *lock)
{
}

static inline void spin_debug_none_held(const char *what)
{
}

static inline void spin_debug_start(void)
{
}

static inline void spin_debug_stop(void)
{
}

static inline void spin_debug_describe(u32 cpu, char *text, size_t size)
{
	format(text, size, "not followed by this kernel");
}

#endif
#endif
