/*
 * Shootdowns: making other CPUs drop translations.
 *
 * Each CPU has one request that it fills and then shows to its targets by setting its bit in their
 * `requests`, before the interrupt. A target takes all bits at once, does each request, and clears
 * its own bit in the request's `waiting`; the initiator waits until that is 0. One request a CPU is
 * enough: the kernel is not preempted and the wait does not sleep, so a CPU never starts a second
 * one before the first is done, and interrupt handlers start none.
 *
 * No wakeup is lost: the bit is set before the interrupt is sent, and the handler takes the bits
 * after it was entered. If two interrupts merge, the first to be handled finds both bits.
 *
 * No deadlock: the initiator waits with interrupts ON and holding no spinlock that a handler or a
 * section with interrupts off needs. If two CPUs shoot at each other at the same time, each is
 * interrupted in its wait and serves the other. A target with interrupts off takes them on again in
 * bounded time, because what it may wait for with them off is a spinlock, whose holder (never an
 * initiator) makes progress.
 *
 * Above TLB_PAGES_MAX pages, dropping the whole space is cheaper than page by page.
 */
#include "arch/tlb.h"

#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/smp.h"
#include "lib/assert.h"
#include "tlb_cpu.h"
#include "trace/ring.h"

enum shootdown_kind { SHOOT_RANGE, SHOOT_SPACE, SHOOT_LEAVE, SHOOT_KERNEL };

/* Written by the initiator before the bits are shown; read by targets until they have cleared
 * theirs. */
struct ALIGNED(64) shootdown {
	enum shootdown_kind kind;
	struct tlb_state *space; /* NULL for SHOOT_KERNEL */
	u64 start, end;		 /* page-aligned */
	u64 generation;		 /* the space's after this change */
	atomic64_t waiting;	 /* bit n: CPU n has not done it yet */
};

static struct shootdown shootdowns[MAX_CPUS];

static void drop_range(const struct tlb_cpu *c, u64 start, u64 end)
{
	for (u64 va = start; va < end; va += PAGE_SIZE)
		tlb_drop_address(c, va);
}

/* A slot's generation says "flushed up to here", so one that missed a step needs all of the space
 * flushed. It can miss one only if two changes of a space overlap, which mm->lock prevents; the
 * rule does not rely on that. */
static void do_space(struct tlb_cpu *c, const struct shootdown *s)
{
	struct tlb_slot *slot = &c->slots[c->slot];

	if (s->kind == SHOOT_LEAVE || c->lazy) {
		/* No program of ours runs on it: leaving saves us the next interrupts, too. */
		tlb_load_none(c);
		return;
	}
	if (s->kind == SHOOT_RANGE && slot->generation + 1 >= s->generation)
		drop_range(c, s->start, s->end);
	else
		tlb_drop_space(c);
	slot->generation = MAX(slot->generation, s->generation);
}

/* IF=0, here and on a target. */
static void do_shootdown(struct tlb_cpu *c, const struct shootdown *s)
{
	if (s->kind == SHOOT_KERNEL)
		tlb_drop_kernel(s->start, s->end);
	else if (c->loaded == s->space)
		do_space(c, s);
}

void tlb_ipi(void)
{
	struct tlb_cpu *c = tlb_cpu_this();
	u32 self = this_cpu()->id;
	u64 from = atomic64_exchange(&c->requests, 0);

	while (from) {
		u32 id = (u32)__builtin_ctzl(from);

		from &= from - 1;
		do_shootdown(c, &shootdowns[id]);
		/* Pairs with the initiator's wait: it may reuse the request, and free frames, after
		 * this. */
		atomic64_fetch_and(&shootdowns[id].waiting, ~BIT(self));
	}
}

static void ask(struct shootdown *s, u32 self, u64 targets)
{
	/* Ordered before the bits in `requests` by their atomic updates. */
	atomic64_store_relaxed(&s->waiting, targets);
	while (targets) {
		u32 id = (u32)__builtin_ctzl(targets);

		targets &= targets - 1;
		atomic64_fetch_or(&tlb_cpu_get(id)->requests, BIT(self));
		smp_send_ipi(id, IPI_TLB);
	}
}

/* targets: bits of CPUs; this one's own is ignored. */
static void shoot(const struct shootdown *request, u64 targets)
{
	u32 self = this_cpu()->id;
	struct shootdown *s = &shootdowns[self];

	targets &= ~BIT(self);
	if (targets) {
		ASSERT(!irq_disabled());
		*s = *request;
		trace_event(TRACE_SHOOT, 0, (u32)((s->end - s->start) / PAGE_SIZE), (u32)targets,
			s->start);
		ask(s, self, targets);
	}
	/* While the others work. Interrupts off, so that no request of another CPU comes in
	 * between. */
	u64 flags = irq_save();
	do_shootdown(tlb_cpu_this(), request);
	irq_restore_stay(flags);
	while (targets && atomic64_load_acquire(&s->waiting))
		cpu_relax();
}

static void shoot_space(struct tlb_state *t, enum shootdown_kind kind, u64 start, u64 end)
{
	/* The table was changed before: a CPU that loads it from now on sees the generation. Then
	 * look who has it: see tlb_switch.c. */
	u64 generation = atomic64_fetch_add(&t->generation, 1) + 1;
	struct shootdown s = {
		.kind = kind, .space = t, .start = start, .end = end, .generation = generation};

	shoot(&s, atomic64_load(&t->cpus));
}

void tlb_flush_range(struct tlb_state *t, uaddr_t start, uaddr_t end)
{
	bool few = end - start <= TLB_PAGES_MAX * PAGE_SIZE;

	shoot_space(t, few ? SHOOT_RANGE : SHOOT_SPACE, start, end);
}

void tlb_flush_all(struct tlb_state *t)
{
	shoot_space(t, SHOOT_SPACE, 0, 0);
}

void tlb_leave(struct tlb_state *t)
{
	shoot_space(t, SHOOT_LEAVE, 0, 0);
	CHECK(atomic64_load(&t->cpus) == 0);
}

static u64 online_cpus(void)
{
	struct cpu *c;
	u64 mask = 0;
	u32 i;

	cpu_for_each (c, i)
		if (atomic32_load(&c->online))
			mask |= BIT(i);
	return mask;
}

void tlb_flush_kernel(void *start, size_t size)
{
	struct shootdown s = {.kind = SHOOT_KERNEL, .start = (u64)start, .end = (u64)start + size};

	shoot(&s, online_cpus());
}
