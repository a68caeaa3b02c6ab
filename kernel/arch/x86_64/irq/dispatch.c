/*
 * External interrupts, by vector.
 *
 * End of interrupt. IF is 0 from the door to the return, so nothing nests and no order of EOI and
 * handler can overflow the stack (hazard I10). Timer and IPIs get it first: they are edges, the
 * APIC can hold one more of the same vector meanwhile, and their handlers may not return here
 * (IPI_STOP). Devices get it after the handler: a level-triggered input that is still asserted
 * would otherwise interrupt again at once; for an edge it makes no difference, because the next one
 * waits in the request register. No handler switches threads, so the EOI always comes on the CPU
 * that took the interrupt. A spurious interrupt gets none: it is not in service, and the EOI would
 * end some other one's (hazard C13).
 */
#define LOG_SUBSYSTEM "irq"
#include "irq/dispatch.h"

#include "arch/cpu.h"
#include "arch/smp.h"
#include "arch/tlb.h"
#include "arch/upcalls.h"
#include "arch/vectors.h"
#include "entry/contract.h"
#include "irq/lapic.h"
#include "irq/smp.h"
#include "lib/atomic.h"
#include "trace/log.h"

/* One bit for each vector that was logged as unexpected, so that a storm does not fill the log. */
static atomic64_t unexpected_logged[4];
static atomic64_t unexpected_count;

/* True for the first of its vector. */
static bool first_time(u32 vector)
{
	u64 bit = BIT(vector % 64);
	atomic64_fetch_add(&unexpected_count, 1);
	return !(atomic64_fetch_or(&unexpected_logged[vector / 64], bit) & bit);
}

static void local_error(void)
{
	/* The register is latched by a write. */
	lapic_write(LAPIC_ESR, 0);
	u32 status = lapic_read(LAPIC_ESR);
	lapic_eoi();
	if (first_time(VECTOR_ERROR))
		log_warn("CPU %u: local APIC error %#x", this_cpu()->id, status);
}

/* Nobody asked for it. If the APIC has it in service it must be ended, or all lower ones would stay
 * blocked. */
static void unexpected(u32 vector)
{
	bool real = lapic_in_service(vector);
	if (real)
		lapic_eoi();
	if (first_time(vector))
		log_warn("CPU %u: unexpected interrupt, vector %#x%s", this_cpu()->id, vector,
			real ? "" : ", not from the APIC");
}

CONTRACT(irq_dispatch, "in IF=0; out IF=0; restores; roots; indirect; writes kernel_cr3 user_cr3");

void irq_dispatch(u32 vector)
{
	struct cpu *c = this_cpu();
	c->irq_depth++;
	/* /proc/stat reads it. */
	WRITE_ONCE(c->irq_count, c->irq_count + 1);
	switch (vector) {
	case VECTOR_TIMER:
		lapic_eoi();
		upcall_timer();
		break;
	case VECTOR_IPI:
		lapic_eoi();
		smp_handle_ipi();
		break;
	case VECTOR_SPURIOUS:
		break;
	case VECTOR_ERROR:
		local_error();
		break;
	case VECTOR_DEVICE_FIRST ... VECTOR_DEVICE_LAST:
		upcall_irq(vector);
		lapic_eoi();
		break;
	default:
		unexpected(vector);
	}
	c->irq_depth--;
}
