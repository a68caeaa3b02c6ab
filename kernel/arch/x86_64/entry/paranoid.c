/*
 * NMI, #DB, #MC, #DF in C. Runs on an IST stack, on the kernel's own root, with IF=0 throughout: nothing here may sleep,
 * fault, take a lock that others hold with interrupts on, or trust `current` and the address space, which may be
 * in the middle of a switch (hazard P9).
 */
#define LOG_SUBSYSTEM "trap"
#include "arch/control.h"
#include "arch/cpu.h"
#include "arch/msr.h"
#include "arch/serial.h"
#include "arch/watchdog.h"
#include "entry/entry.h"
#include "entry/exception.h"
#include "lib/assert.h"
#include "trace/report.h"
#include "trace/ring.h"

#define DR6_CLEAR 0xffff0ff0UL
#define DR6_INVERTED (BIT(16) | BIT(11))
#define DR7_NONE 0x400UL

#define MCG_STATUS_RIPV BIT(0)
#define MCG_STATUS_MCIP BIT(2)
#define MC_STATUS_VALID BIT(63)
#define MC_STATUS_UNCORRECTED BIT(61)
#define MC_STATUS_CONTEXT_CORRUPT BIT(57)

static bool rip_between(const struct trap_frame *f, const char *from, const char *to)
{
	return f->rip >= (u64)from && f->rip < (u64)to;
}

/* RSP may be anything that the program chose: told by where RIP is, never by RSP's value (hazard S1). */
static bool on_program_stack(const struct trap_frame *f)
{
	return frame_from_user(f) || rip_between(f, syscall_entry, syscall_entry_stack_set) ||
	       rip_between(f, exit_sysret_stack_gone, exit_sysret_end);
}

static bool interrupted_nmi(const struct trap_frame *f)
{
	u64 stack = (u64)this_cpu() + CPU_IST_STACK_PAGE(0) * PAGE_SIZE;
	return !on_program_stack(f) && f->rsp > stack && f->rsp <= stack + IST_STACK_SIZE;
}

/* IRET ends the blocking of NMIs, and the next one would overwrite the frame of the one that was interrupted: so whatever
 * interrupts an NMI handler must not return (hazards P4, P5). */
static void refuse_in_nmi(struct trap_frame *f, const char *what)
{
	if (UNLIKELY(interrupted_nmi(f) || this_cpu()->nmi_depth))
		report_fault(f, what);
}

static void nmi(struct trap_frame *f)
{
	struct cpu *c = this_cpu();
	/* The interrupted code may be between a fault and its reading of CR2, or have breakpoints set (hazard P7). */
	u64 cr2 = cr2_read(), dr7 = dr7_read();
	if (dr7 != DR7_NONE)
		dr7_write(DR7_NONE);
	if (UNLIKELY(c->nmi_depth))
		report_fault(f, "NMI inside an NMI");
	WRITE_ONCE(c->nmi_depth, 1);
	trace_nmi(f);
	report_stop_if_asked(f);
	if (UNLIKELY(watchdog_device_expired()))
		report_fault(f, "hang: no CPU takes interrupts; this one is");
	if (UNLIKELY(serial_host_asks()))
		report_on_request(f);
	WRITE_ONCE(c->nmi_depth, 0);
	if (cr2_read() != cr2)
		cr2_write(cr2);
	if (dr7 != DR7_NONE)
		dr7_write(dr7);
}

/*
 * A #DB in ring 0 is one that MOV SS held back over the crossing, or a watchpoint on program memory hit by a user copy: the
 * program gets no signal for either, and nothing is lost by going on (hazards P10, P13). DR7 is off meanwhile so that the
 * handler can't trap on itself (hazard P11).
 */
static u32 debug(struct trap_frame *f)
{
	u64 dr7 = dr7_read();
	dr7_write(DR7_NONE);
	u64 dr6 = dr6_read() ^ DR6_INVERTED;
	dr6_write(DR6_CLEAR);
	refuse_in_nmi(f, "#DB inside an NMI");
	trace_nmi(f);
	/* An instruction breakpoint would hit again at once (hazard P15). */
	if (!frame_from_user(f))
		f->rflags |= RFLAGS_RF;
	f->error = dr6;
	dr7_write(dr7);
	return frame_from_user(f);
}

/* True if some bank holds an error that was not corrected. Clears what it reads. */
static bool machine_check_fatal(void)
{
	u64 banks = msr_read(MSR_MCG_CAP) & 0xff;
	bool fatal = false;
	for (u32 i = 0; i < banks; i++) {
		u64 status = msr_read(MSR_MC0_STATUS + 4 * i);
		if (!(status & MC_STATUS_VALID))
			continue;
		fatal |= (status & (MC_STATUS_UNCORRECTED | MC_STATUS_CONTEXT_CORRUPT)) != 0;
		msr_write(MSR_MC0_STATUS + 4 * i, 0);
	}
	return fatal;
}

static void machine_check(struct trap_frame *f)
{
	refuse_in_nmi(f, "#MC inside an NMI");
	trace_nmi(f);
	u64 status = msr_read(MSR_MCG_STATUS);
	if (machine_check_fatal() || !(status & MCG_STATUS_RIPV))
		report_fault(f, "machine check");
	msr_write(MSR_MCG_STATUS, status & ~MCG_STATUS_MCIP);
}

u32 entry_paranoid(struct trap_frame *f, u64 found_cr3)
{
	this_cpu()->found_cr3 = found_cr3;
	switch (f->vector) {
	case VECTOR_NMI:
		nmi(f);
		return 0;
	case VECTOR_DB:
		return debug(f);
	case VECTOR_MC:
		machine_check(f);
		return 0;
	default:
		/* #DF: the frame is not to be trusted, and there is no way back (hazard I9). */
		report_fault(f, exception_name((u32)f->vector));
	}
}
