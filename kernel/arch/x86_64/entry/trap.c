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
#include "arch/user_time.h"
#include "arch/vectors.h"
#include "entry/entry.h"
#include "entry/exception.h"
#include "irq/dispatch.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "trace/log.h"
#include "trace/ring.h"

/* What is done there leaves a frame that may go to ring 3. */
CONTRACT(upcall_exit_work, "irq; switch; writes kernel_cr3 user_cr3 thread_rsp; keeps-sane rdi");

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
	user_time_begin(trace_exit(f, this_cpu()->user_cr3, sysret));
	return sysret;
}

static NOINLINE u32 call_leave_by_iret(struct trap_frame *f)
{
	user_time_begin(trace_call_ended(f, false));
	return 0;
}

/* On the crossing as recorded, GS and the root are already the kernel's; what ring 3 ran on is user_cr3. */
u32 entry_syscall(struct trap_frame *f)
{
	irq_debug_off();
	user_time_end(trace_call_began(f));
	f->rax = (u64)-ENOSYS;
	irq_enable();
	upcall_syscall(f);
	irq_disable();
	exit_work(f);
	if (UNLIKELY(!sysret_ok(f)))
		return call_leave_by_iret(f);
	user_time_begin(trace_call_ended(f, true));
	return 1;
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
		!upcall_page_fault(address, exception_access(f->error)))
		exception_raise(f, address);
	irq_disable();
}

u32 entry_trap_user(struct trap_frame *f)
{
	/* As SYSCALL leaves it: AMD's SYSRET keeps the attributes of a null SS (hazard X4), and emulators that translate
	 * blocks for one kind of SS only would do all of the kernel twice. */
	ss_load();
	irq_debug_off();
	user_time_end(trace_entry(f));
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
