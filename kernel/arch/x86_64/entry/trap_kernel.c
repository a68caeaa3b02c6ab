/*
 * Faults, traps and interrupts that arrive in the kernel's own code.
 *
 * Only two faults are allowed there, both in user copies (mm/ucopy.S, which mm/fixup.h knows): a page that is not there yet,
 * and an address that is not canonical. Anything else is a bug of the kernel's and is reported.
 */
#define LOG_SUBSYSTEM "trap"
#include "arch/control.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/upcalls.h"
#include "arch/vectors.h"
#include "entry/entry.h"
#include "entry/exception.h"
#include "irq/dispatch.h"
#include "lib/assert.h"
#include "mm/fixup.h"
#include "trace/report.h"
#include "trace/ring.h"

/* A user copy touched a page: true if it may go on (at the same place, or at its fixup). */
static bool page_fault_copy(struct trap_frame *f, u64 address, const struct fixup *fixup)
{
	if (fixup->may_sleep && address < USER_END && !(f->error & PF_EXEC)) {
		/* A copy is made with IF=1; look before turning it back on (hazard I12). */
		ASSERT(f->rflags & RFLAGS_IF);
		irq_enable();
		bool again = upcall_page_fault(address, exception_access(f->error) & ~FAULT_USER);
		irq_disable();
		if (again)
			return true;
	}
	f->rip = fixup->target;
	return true;
}

static bool fault_in_kernel(struct trap_frame *f)
{
	u64 address = cr2_read();
	const struct fixup *fixup = fixup_find(f->rip);
	if (!fixup)
		return false;
	if (f->vector == VECTOR_PF)
		return page_fault_copy(f, address, fixup);
	/* A non-canonical address in a user copy (hazard U1). */
	if (f->vector != VECTOR_GP && f->vector != VECTOR_SS)
		return false;
	f->rip = fixup->target;
	return true;
}

void entry_trap_kernel(struct trap_frame *f)
{
	if (f->vector >= VECTOR_FIRST_IRQ) {
		trace_irq(f);
		irq_dispatch((u32)f->vector);
		return;
	}
	if (fault_in_kernel(f))
		return;
	trace_fault(f);
	report_fault(f, exception_name((u32)f->vector));
}
