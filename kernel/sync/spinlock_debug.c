/*
 * The checks of sync/spinlock_debug.h. held[cpu] lists the locks that a CPU holds, in the order it took them; a switch
 * of threads carries the run queue's lock across, which is right because the list is the CPU's, not the thread's.
 *
 * Locking: each list is touched by its own CPU only. An interrupt handler may come between any two instructions
 * here, but it leaves the list as it found it: what it takes it gives back. A slot is filled before count covers it, and
 * a handler that comes in between overwrites that slot, so acquiring does its two stores with interrupts off.
 */
#include "sync/spinlock_debug.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "trace/ksyms.h"

#ifdef AIRLOCK_DEBUG

#define HELD_MAX 16

struct held_locks {
	struct spinlock *lock[HELD_MAX];
	u64 caller[HELD_MAX];
	u32 count;
};

static struct held_locks held[MAX_CPUS];
/* Set while only one CPU runs; cleared by one that panics, and the others see that soon enough, for they are being
 * stopped. */
static bool checking;

void spin_debug_start(void)
{
	WRITE_ONCE(checking, true);
}

void spin_debug_stop(void)
{
	WRITE_ONCE(checking, false);
}

static bool not_followed(void)
{
	return !READ_ONCE(checking) || this_cpu()->nmi_depth != 0;
}

static struct held_locks *held_here(void)
{
	return &held[this_cpu()->id];
}

static void report_order(
	const struct spinlock *lock, const struct spinlock *other, u64 other_caller)
{
	char cycle[160], where[64];

	lock_order_describe(lock->rank, other->rank, cycle, sizeof(cycle));
	panic("lock order: CPU %u takes '%s' (rank %u) while it holds '%s' (rank %u), taken at %s%s",
		this_cpu()->id, lock->name, lock->rank, other->name, other->rank,
		ksym_format(where, sizeof(where), other_caller), cycle);
}

static void check_order(const struct spinlock *lock, const struct spinlock *other, u64 other_caller,
	enum spin_order order)
{
	if (other == lock)
		panic("lock order: CPU %u takes '%s' (rank %u), which it holds already",
			this_cpu()->id, lock->name, lock->rank);
	if (other->rank < lock->rank)
		return;
	if (order == SPIN_BY_ADDRESS && other->rank == lock->rank && other < lock)
		return;
	if (order == SPIN_BY_GRAPH && other->rank == lock->rank)
		return;
	report_order(lock, other, other_caller);
}

/* Which of the two ways of using a lock this one is, remembered for ever. The bits are only ever set, so a race of two
 * CPUs costs nothing worse than seeing the second bit one acquisition later. */
static void note_usage(struct spinlock *lock)
{
	u32 usage = __atomic_load_n(&lock->usage, __ATOMIC_RELAXED);

	if (this_cpu()->irq_depth)
		usage |= SPIN_USED_IN_HANDLER;
	if (!irq_disabled()) {
		usage |= SPIN_USED_IRQS_ON;
		if (lock->rank >= RANK_FIRST_IRQ)
			panic("lock '%s' (rank %u) is taken with interrupts on, behind those of handlers",
				lock->name, lock->rank);
	}
	if (usage == (SPIN_USED_IN_HANDLER | SPIN_USED_IRQS_ON))
		panic("lock '%s' is used in interrupt handlers and, here or before, with "
		      "interrupts on",
			lock->name);
	__atomic_fetch_or(&lock->usage, usage, __ATOMIC_RELAXED);
}

void spin_debug_check(struct spinlock *lock, enum spin_order order, u64 caller)
{
	struct held_locks *h;
	u32 i;

	if (not_followed())
		return;
	if (!lock->name || lock->rank < RANK_FIRST_SPIN)
		panic("spinlock %p was never initialised, or has no spinlock's rank", (void *)lock);
	h = held_here();
	for (i = 0; i < h->count; i++) {
		check_order(lock, h->lock[i], h->caller[i], order);
		lock_order_note(h->lock[i]->rank, lock->rank, caller);
	}
	note_usage(lock);
}

u64 spin_debug_now(void)
{
	return clock_cycles();
}

void spin_debug_waiting(const struct spinlock *lock, u64 since)
{
	if (clock_cycles() - since > SPIN_PATIENCE_CYCLES && !not_followed())
		panic("lock '%s' (rank %u) is held by CPU %d for too long", lock->name, lock->rank,
			READ_ONCE(lock->holder));
}

void spin_debug_acquired(struct spinlock *lock, u64 caller)
{
	struct held_locks *h;
	u64 flags;

	if (not_followed())
		return;
	flags = irq_save();
	h = held_here();
	CHECK(h->count < HELD_MAX);
	h->caller[h->count] = caller;
	h->lock[h->count++] = lock;
	WRITE_ONCE(lock->holder, (s32)this_cpu()->id);
	irq_restore_stay(flags);
}

/* Locks may be given back in any order, so the lock may lie in the middle of the list. */
void spin_debug_release(struct spinlock *lock)
{
	struct held_locks *h;
	u64 flags;
	u32 i;

	if (not_followed())
		return;
	flags = irq_save();
	h = held_here();
	for (i = h->count; i > 0 && h->lock[i - 1] != lock; i--)
		;
	if (i == 0)
		panic("CPU %u releases lock '%s', which CPU %d holds", this_cpu()->id, lock->name,
			lock->holder);
	for (h->count--; i <= h->count; i++) {
		h->lock[i - 1] = h->lock[i];
		h->caller[i - 1] = h->caller[i];
	}
	WRITE_ONCE(lock->holder, -1);
	irq_restore_stay(flags);
}

void spin_debug_none_held(const char *what)
{
	const struct held_locks *h;
	char where[64];

	if (not_followed())
		return;
	h = held_here();
	if (h->count)
		panic("%s while CPU %u holds lock '%s', taken at %s", what, this_cpu()->id,
			h->lock[0]->name, ksym_format(where, sizeof(where), h->caller[0]));
}

void spin_debug_describe(u32 cpu, char *text, size_t size)
{
	const struct held_locks *h = &held[cpu];
	/* Its CPU is stopped, perhaps in the middle of changing the list. */
	u32 count = MIN(READ_ONCE(h->count), (u32)HELD_MAX);
	size_t at = 0;

	format(text, size, "none");
	for (u32 i = 0; i < count && at < size; i++) {
		const struct spinlock *lock = READ_ONCE(h->lock[i]);

		at += (size_t)format(text + at, size - at, "%s'%s' (rank %u)", i ? ", " : "",
			lock && lock->name ? lock->name : "?", lock ? lock->rank : 0);
	}
}

bool spin_held(const struct spinlock *lock)
{
	return not_followed() || READ_ONCE(lock->holder) == (s32)this_cpu()->id;
}

bool spin_none_held(void)
{
	return not_followed() || held_here()->count == 0;
}

#else

bool spin_held(const struct spinlock *lock)
{
	return true;
}

bool spin_none_held(void)
{
	return true;
}

#endif
