/*
 * Watchpoints.
 *
 * A CPU that watches puts its access, in one word, into the slot that belongs to the page, waits, and takes it out. Every access
 * of other CPUs looks at its page's slot; one that conflicts replaces the word by BUSY, leaves what it is, and makes it
 * DONE. The watcher, which sees at the end that its word is gone, has both accesses and reports. So one compare-and-exchange
 * decides between "nobody came" and "somebody did", and nobody waits but the watcher, for a few stores of the other.
 *
 * The watcher has interrupts off, so a handler on its own CPU is not taken for another CPU; a handler's accesses are watched
 * and looked at like any other. NMI handlers are left out. Per-CPU state is touched by its own CPU only; a handler that comes
 * between a read and a write of it changes how soon the next watch is, no more.
 */
#define KCSAN_RUNTIME
#include "sanitize/kcsan.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "lib/atomic.h"
#include "sanitize/kcsan/private.h"

#define SLOTS 256
/* One plain access in about so many is watched, for so long: a fraction of the time that keeps the kernel usable. */
#define WATCH_EVERY 200
#define WATCH_CYCLES 60000
#define SIZE_MAX_WATCHED 64

#define FREE 0UL
#define BUSY 1UL
#define DONE 2UL
#define ADDRESS_BITS 48
#define WRITE_BIT BIT(63)

struct slot {
	atomic64_t word;
	struct kcsan_access other;
};

struct ALIGNED(64) percpu {
	s32 skip;
	u32 paused;
	u64 random;
};

static struct slot slots[SLOTS];
static struct percpu percpu[MAX_CPUS];
static u32 enabled;

void kcsan_start(void)
{
	__atomic_store_n(&enabled, 1, __ATOMIC_RELEASE);
}

void kcsan_stop(void)
{
	__atomic_store_n(&enabled, 0, __ATOMIC_RELAXED);
}

static struct percpu *here(void)
{
	return &percpu[this_cpu()->id];
}

void kcsan_pause(void)
{
	if (__atomic_load_n(&enabled, __ATOMIC_RELAXED))
		here()->paused++;
}

void kcsan_resume(void)
{
	if (__atomic_load_n(&enabled, __ATOMIC_RELAXED))
		here()->paused--;
}

static struct slot *slot_of(u64 address)
{
	return &slots[address >> PAGE_SHIFT & (SLOTS - 1)];
}

static u64 encode(u64 address, u32 size, bool write)
{
	return (write ? WRITE_BIT : 0) | (u64)size << ADDRESS_BITS |
	       (address & (BIT(ADDRESS_BITS) - 1));
}

static bool conflicts(u64 word, u64 address, u32 size, bool write)
{
	u64 start = word & (BIT(ADDRESS_BITS) - 1);
	u64 length = word >> ADDRESS_BITS & 0x7fff;
	u64 mine = address & (BIT(ADDRESS_BITS) - 1);

	if (word <= DONE || !(write || (word & WRITE_BIT)))
		return false;
	return mine < start + length && start < mine + size;
}

/* Somebody watches: tells him. */
static void tell(struct slot *s, u64 word, const struct kcsan_access *a)
{
	if (!atomic64_compare_exchange(&s->word, &word, BUSY))
		return;
	s->other = *a;
	atomic64_store_release(&s->word, DONE);
}

static u64 next_random(struct percpu *p)
{
	p->random = p->random * 6364136223846793005UL + clock_cycles();
	return p->random >> 33;
}

static void delay(struct percpu *p)
{
	u64 cycles = WATCH_CYCLES / 2 + next_random(p) % WATCH_CYCLES;

	for (u64 start = clock_cycles(); clock_cycles() - start < cycles;)
		cpu_relax();
}

/* IF=0. */
static void watch(struct percpu *p, const struct kcsan_access *a, u64 frame_pointer)
{
	struct slot *s = slot_of(a->address);
	u64 code = encode(a->address, a->size, a->write), word = FREE;

	if (!atomic64_compare_exchange(&s->word, &word, code))
		return;
	delay(p);
	word = code;
	if (atomic64_compare_exchange(&s->word, &word, FREE))
		return;
	while (atomic64_load_acquire(&s->word) != DONE)
		cpu_relax();
	struct kcsan_access other = s->other;
	atomic64_store(&s->word, FREE);
	p->paused++;
	kcsan_report(a, &other, frame_pointer);
	p->paused--;
}

void kcsan_check(u64 address, u32 size, bool write, bool marked, u64 ip)
{
	if (!__atomic_load_n(&enabled, __ATOMIC_RELAXED))
		return;
	struct percpu *p = here();
	struct slot *s = slot_of(address);
	u64 word = atomic64_load_relaxed(&s->word);

	if (p->paused || this_cpu()->nmi_depth)
		return;
	struct kcsan_access a = {.address = address,
		.ip = ip,
		.size = MIN(size, SIZE_MAX_WATCHED),
		.cpu = this_cpu()->id,
		.write = write,
		.marked = marked};
	if (UNLIKELY(conflicts(word, address, a.size, write))) {
		tell(s, word, &a);
		return;
	}
	if (marked || LIKELY(--p->skip > 0))
		return;
	p->skip = (s32)(WATCH_EVERY / 2 + next_random(p) % WATCH_EVERY);
	u64 flags = irq_save();
	watch(p, &a, (u64)__builtin_frame_address(0));
	irq_restore_stay(flags);
}
