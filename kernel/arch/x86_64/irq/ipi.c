/*
 * Interrupts between CPUs.
 *
 * The reasons are bits in the receiver's ipi_pending, and one vector says "look". Whoever sets the
 * first bit sends the interrupt; who finds bits already set need not, because the receiver has not
 * looked yet: it takes all bits at once, in one exchange, after the interrupt that the first bit
 * caused. So no reason is lost, and a burst costs one interrupt. Sending is done with IF=0 so that
 * no handler on this CPU can come between setting the bit and sending, and then wait for an answer
 * to an interrupt that was never sent.
 */
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/smp.h"
#include "arch/thread.h"
#include "arch/tlb.h"
#include "arch/upcalls.h"
#include "arch/vectors.h"
#include "irq/lapic.h"
#include "irq/smp.h"

static NORETURN void stop(void)
{
	for (;;) {
		irq_disable();
		__asm__ volatile("hlt");
	}
}

void smp_send_ipi(u32 cpu, u32 reasons)
{
	struct cpu *c = cpu_get(cpu);
	u64 flags = irq_save();
	/* Orders the caller's stores before the bits; pairs with smp_handle_ipi()'s exchange. */
	if (atomic32_fetch_or(&c->ipi_pending, reasons) == 0)
		lapic_send(c->apic_id, ICR_FIXED | ICR_ASSERT | VECTOR_IPI);
	irq_restore_stay(flags);
}

void smp_handle_ipi(void)
{
	u32 reasons = atomic32_exchange(&this_cpu()->ipi_pending, 0);
	if (reasons & IPI_STOP)
		stop();
	if (reasons & IPI_RSEQ)
		atomic32_fetch_or(&((struct arch_thread *)current_thread())->work, WORK_RSEQ);
	if (reasons & IPI_BARRIER)
		atomic64_fetch_add(&this_cpu()->barriers, 1);
	if (reasons & IPI_TLB)
		tlb_ipi();
	if (reasons & IPI_RESCHEDULE)
		upcall_reschedule();
}

/*
 * The count is read after our stores, and a handler that changes it later does so by a locked instruction, which is a full barrier: so
 * a count that has changed says that the CPU has been in a handler since, for us or for somebody else. For a restartable sequence it
 * must have been for us: until the handler has taken our bit. From there on the CPU is in the kernel, and the handler sets the work
 * bit before it leaves. The waiting is done with IF=1, so two CPUs that wait for each other serve each other.
 */
void smp_barrier(u64 cpus, bool rseq)
{
	u64 before[MAX_CPUS];

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (u64 left = cpus; left; left &= left - 1) {
		u32 cpu = (u32)__builtin_ctzl(left);

		before[cpu] = atomic64_load(&cpu_get(cpu)->barriers);
		smp_send_ipi(cpu, IPI_BARRIER | (rseq ? IPI_RSEQ : 0));
	}
	for (; cpus; cpus &= cpus - 1) {
		u32 cpu = (u32)__builtin_ctzl(cpus);

		while (atomic64_load(&cpu_get(cpu)->barriers) == before[cpu] ||
			(rseq && (atomic32_load(&cpu_get(cpu)->ipi_pending) & IPI_RSEQ)))
			cpu_relax();
	}
}

void smp_stop_others(void)
{
	struct cpu *c, *self = this_cpu();
	u32 i;
	u64 flags = irq_save();
	cpu_for_each (c, i)
		if (c != self && atomic32_load(&c->online))
			lapic_send(c->apic_id, ICR_NMI | ICR_ASSERT);
	irq_restore_stay(flags);
}
