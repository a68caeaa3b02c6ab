/*
 * The C half of the ordinary doors, and the last look before ring 3.
 *
 * entry_syscall() and entry_trap_user() begin and end with IF=0. Between, interrupts are on while the work is done;
 * exit_prepare() turns them off, reads the thread's work word, and from the reading that found it empty on nothing turns them
 * on again: the assembly goes to ring 3 with just what was seen (rule 5, hazard X1).
 */
#define LOG_SUBSYSTEM "trap"
#include "arch/control.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/sanitize.h"
#include "arch/thread.h"
#include "arch/upcalls.h"
#include "arch/vectors.h"
#include "entry/entry.h"
#include "entry/exception.h"
#include "irq/dispatch.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/fixup.h"
#include "trace/log.h"
#include "trace/report.h"
#include "trace/ring.h"

/* Leaves nothing to do before ring 3. */
static ALWAYS_INLINE void exit_work(struct trap_frame *f)
{
	struct arch_thread *t = (struct arch_thread *)current_thread();
	u32 work;
	while (UNLIKELY(work = atomic32_load_relaxed(&t->work))) {
		irq_enable();
		upcall_exit_work(f, work);
		irq_disable();
	}
	ASSERT(irq_disabled() && frame_ok(f) && ss_read() == KERNEL_DS);
	/* Another CPU may have set one since; its interrupt then arrives as soon as ring 3 is entered. */
	ASSERT(cpu_count() > 1 || !atomic32_load_relaxed(&t->work));
}

static u32 exit_prepare(struct trap_frame *f)
{
	exit_work(f);
	bool sysret = sysret_ok(f);
	trace_exit(f, this_cpu()->user_cr3, sysret);
	return sysret;
}

static NOINLINE u32 call_leave_by_iret(struct trap_frame *f)
{
	trace_call_ended(f, false);
	return 0;
}

/* On the crossing as recorded, GS and the root are already the kernel's; what ring 3 ran on is user_cr3. */
u32 entry_syscall(struct trap_frame *f)
{
	irq_debug_off();
	trace_call_began(f);
	f->rax = (u64)-ENOSYS;
	irq_enable();
	upcall_syscall(f);
	irq_disable();
	exit_work(f);
	if (UNLIKELY(!sysret_ok(f)))
		return call_leave_by_iret(f);
	trace_call_ended(f, true);
	return 1;
}

static u32 fault_access(u64 error)
{
	u32 access = 0;
	if (error & PF_WRITE)
		access |= FAULT_WRITE;
	if (error & PF_EXEC)
		access |= FAULT_EXEC;
	if (error & PF_PRESENT)
		access |= FAULT_PRESENT;
	if (error & PF_USER)
		access |= FAULT_USER;
	return access;
}

static void page_fault_user(struct trap_frame *f)
{
	/* Before anything else can fault (hazard I6). */
	u64 address = cr2_read();
	irq_enable();
	/*
	 * A supervisor's access out of ring 3 is one that an instruction makes by itself (under TCG,
	 * IRET and far RET read the stack so): no page of the program's will ever satisfy it.
	 * upcall_page_fault() has already recorded why when it says no.
	 */
	if (address >= USER_END || !(f->error & PF_USER) ||
		!upcall_page_fault(address, fault_access(f->error)))
		exception_raise(f, address);
	irq_disable();
}

u32 entry_trap_user(struct trap_frame *f)
{
	/* As SYSCALL leaves it: AMD's SYSRET keeps the attributes of a null SS (hazard X4), and emulators that translate
	 * blocks for one kind of SS only would do all of the kernel twice. */
	ss_load();
	irq_debug_off();
	trace_entry(f);
	if (f->vector >= VECTOR_FIRST_IRQ) {
		irq_dispatch((u32)f->vector);
	} else if (f->vector == VECTOR_PF) {
		page_fault_user(f);
	} else {
		irq_enable();
		exception_raise(f, 0);
		irq_disable();
	}
	return exit_prepare(f);
}

u64 arch_first_user_tsc;

u32 entry_first_return(struct trap_frame *f, struct arch_thread *prev)
{
	upcall_thread_started(prev);
	/* Two CPUs may come here at once; either's time will do. */
	if (UNLIKELY(!READ_ONCE(arch_first_user_tsc))) {
		WRITE_ONCE(arch_first_user_tsc, __builtin_ia32_rdtsc());
		irq_enable();
		upcall_first_user();
		irq_disable();
	}
	return exit_prepare(f);
}

/* A user copy touched a page: true if it may go on (at the same place, or at its fixup). */
static bool page_fault_copy(struct trap_frame *f, u64 address, const struct fixup *fixup)
{
	if (fixup->may_sleep && address < USER_END && !(f->error & PF_EXEC)) {
		/* A copy is made with IF=1; look before turning it back on (hazard I12). */
		ASSERT(f->rflags & RFLAGS_IF);
		irq_enable();
		bool again = upcall_page_fault(address, fault_access(f->error) & ~FAULT_USER);
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
