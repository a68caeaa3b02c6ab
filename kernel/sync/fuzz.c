/* See sync/fuzz.h. The generators are touched by their own CPU only, with interrupts off; everything else is constant once it runs. */
#include "sync/fuzz.h"

#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "lib/format.h"
#include "sync/spinlock.h"

#ifdef AIRLOCK_FUZZ

/* Read at every point; cleared by a panic. */
bool fuzz_enabled;

static u64 seed;
static const struct fuzz_ops *ops;
static u32 point_odds;
static struct ALIGNED(64) generator {
	u64 state;
} generators[MAX_CPUS];

/* splitmix64: neighbouring seeds give generators that have nothing in common. */
static u64 mix(u64 x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

u32 fuzz_draw(u32 n)
{
	u64 flags = irq_save();
	struct generator *g = &generators[this_cpu()->id];
	u32 drawn;

	g->state = mix(g->state);
	drawn = (u32)((g->state >> 32) % n);
	irq_restore_stay(flags);
	return drawn;
}

void fuzz_start(u64 new_seed, const struct fuzz_ops *new_ops)
{
	seed = new_seed;
	ops = new_ops;
	for (u32 i = 0; i < MAX_CPUS; i++)
		generators[i].state = mix(seed) + i;
	/* Seeds differ in how much they disturb: races of few steps need many switches, those of many steps need them seldom. */
	point_odds = 4U << mix(~seed) % 6;
	__atomic_store_n(&fuzz_enabled, seed != 0, __ATOMIC_RELEASE);
}

void fuzz_stop(void)
{
	__atomic_store_n(&fuzz_enabled, false, __ATOMIC_RELAXED);
}

u64 fuzz_seed(void)
{
	return seed;
}

void fuzz_describe(char *text, size_t size)
{
	text[0] = '\0';
	if (seed)
		format(text, size, "; schedfuzz=%lu", seed);
}

/* This CPU stays the same while it is looked at: there is no point in here. */
static bool may_switch(void)
{
	const struct cpu *c = this_cpu();

	return !irq_disabled() && !c->irq_depth && !c->nmi_depth && spin_none_held();
}

void fuzz_point(void)
{
	if (may_switch() && fuzz_draw(point_odds) == 0)
		ops->preempt();
}

#endif
