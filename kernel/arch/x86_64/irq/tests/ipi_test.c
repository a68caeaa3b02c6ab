/*
 * Interrupts between CPUs: none is lost, however many are sent at once. Flushes of kernel addresses
 * are used for it, because their sender waits for every other CPU: one lost interrupt hangs the
 * test, and the command's time limit ends it. How many flushes there are in the time says nothing:
 * under emulation, with more CPUs than the host has, one can take tens of milliseconds.
 *
 * Seen to fail (hang): with smp_send_ipi() sending only every second time; with smp_handle_ipi()
 * clearing the reasons after it has handled them, on two CPUs.
 */
#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/layout.h"
#include "arch/smp.h"
#include "arch/tlb.h"
#include "init/guest_test.h"
#include "lib/atomic.h"
#include "sched/tests/crew.h"
#include "time/timer.h"

#define STORM_NS (300 * NS_PER_MS)

static struct crew crew;
static atomic64_t flushes;
static u64 end_ns;

static void flush(struct crew_member *m)
{
	tlb_flush_kernel((void *)VMALLOC_BASE, PAGE_SIZE);
	atomic64_fetch_add(&flushes, 1);
	crew_make_way();
}

static void flush_only(struct crew_member *m)
{
	EXPECT(sched_set_affinity(current_thread(), crew_cpu(m->index)) == 0);
	sched_yield();
	do
		flush(m);
	while (clock_now_ns() < end_ns);
}

static void run_storm(u32 threads, void (*work)(struct crew_member *m))
{
	atomic64_store(&flushes, 0);
	end_ns = clock_now_ns() + STORM_NS;
	EXPECT(crew_run(&crew, threads, work));
	EXPECT(atomic64_load(&flushes) >= threads);
}

/* One thread on each CPU and nothing else: no other interrupt makes up for a lost one. */
GUEST_TEST(ipi_flushes)
{
	run_storm(crew_cpu_count(), flush_only);
}

/* Interrupts on every CPU send some, too, to every CPU. */
struct nagger {
	struct timer timer;
	atomic32_t stop;
};

static void nag(struct timer *t)
{
	struct nagger *n = CONTAINER_OF(t, struct nagger, timer);
	for (u32 i = 0; i < cpu_count(); i++)
		smp_send_ipi(i, IPI_RESCHEDULE);
	if (!atomic32_load(&n->stop))
		timer_arm(t, clock_now_ns() + 100 * NS_PER_US);
}

static void flush_and_nag(struct crew_member *m)
{
	struct nagger n = {.stop = {0}};
	EXPECT(sched_set_affinity(current_thread(), crew_cpu(m->index)) == 0);
	sched_yield();
	timer_init(&n.timer, nag);
	timer_arm(&n.timer, clock_now_ns());
	do {
		smp_send_ipi((u32)crew_random(m, cpu_count()), IPI_RESCHEDULE);
		flush(m);
	} while (clock_now_ns() < end_ns);
	atomic32_store(&n.stop, 1);
	timer_cancel(&n.timer);
}

GUEST_TEST(ipi_storm)
{
	run_storm(2 * crew_cpu_count(), flush_and_nag);
}

/* An interrupt for the own CPU arrives as soon as it may. */
GUEST_TEST(ipi_to_itself)
{
	for (u32 i = 0; i < 100; i++) {
		u64 flags = irq_save();
		struct cpu *c = this_cpu();
		u64 before = c->irq_count;
		smp_send_ipi(c->id, IPI_RESCHEDULE);
		EXPECT(c->irq_count == before);
		irq_restore(flags);
		/* It is pending in the APIC, so it comes within an instruction or two. */
		for (u32 spins = 0; spins < 1000000 && atomic32_load(&c->ipi_pending); spins++)
			cpu_relax();
		EXPECT(atomic32_load(&c->ipi_pending) == 0);
	}
}
