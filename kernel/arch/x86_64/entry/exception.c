/* Exceptions from ring 3 become signals, with the numbers and codes that Linux gives them. */
#include "entry/exception.h"

#include "arch/control.h"
#include "arch/debug.h"
#include "arch/upcalls.h"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/types.h>

struct exception {
	const char *name;
	u8 signal;
	u8 code;    /* 0 stands for SI_KERNEL */
	bool at_ip; /* si_addr is the instruction's address */
};

static const struct exception exceptions[32] = {
	[VECTOR_DE] = {"#DE", SIGFPE, FPE_INTDIV, true},
	[VECTOR_DB] = {"#DB", SIGTRAP, TRAP_TRACE, true},
	[VECTOR_NMI] = {"NMI", 0, 0, false},
	[VECTOR_BP] = {"#BP", SIGTRAP, 0, false},
	[VECTOR_OF] = {"#OF", SIGSEGV, 0, false},
	[VECTOR_BR] = {"#BR", SIGSEGV, 0, false},
	[VECTOR_UD] = {"#UD", SIGILL, ILL_ILLOPN, true},
	[VECTOR_NM] = {"#NM", SIGSEGV, 0, false},
	[VECTOR_DF] = {"#DF", 0, 0, false},
	[VECTOR_TS] = {"#TS", SIGSEGV, 0, false},
	[VECTOR_NP] = {"#NP", SIGBUS, 0, false},
	[VECTOR_SS] = {"#SS", SIGBUS, 0, false},
	[VECTOR_GP] = {"#GP", SIGSEGV, 0, false},
	[VECTOR_PF] = {"#PF", SIGSEGV, SEGV_MAPERR, false},
	[VECTOR_MF] = {"#MF", SIGFPE, FPE_FLTINV, true},
	[VECTOR_AC] = {"#AC", SIGBUS, BUS_ADRALN, false},
	[VECTOR_MC] = {"#MC", SIGBUS, BUS_MCEERR_AR, false},
	[VECTOR_XM] = {"#XM", SIGFPE, FPE_FLTINV, true},
	[VECTOR_CP] = {"#CP", SIGSEGV, 0, false},
};

/* DR6: single step, and the bits of the four breakpoints. */
#define DR6_BS 0x4000UL
#define DR6_BREAKPOINTS 0xfUL

const char *exception_name(u32 vector)
{
	if (vector >= 32 || !exceptions[vector].name)
		return "exception";
	return exceptions[vector].name;
}

/* The paranoid entry left DR6 in the error slot. ICEBP sets none of its bits (hazard C2). */
static int debug_code(struct trap_frame *f)
{
	arch_debug_note(f->error & (DR6_BS | DR6_BREAKPOINTS));
	/* An instruction breakpoint would hit again at once (hazard P15). RF lasts one instruction, and
	 * does nothing to data breakpoints. */
	if (f->error & DR6_BREAKPOINTS)
		f->rflags |= RFLAGS_RF;
	if (f->error & DR6_BS)
		return TRAP_TRACE;
	if (f->error & DR6_BREAKPOINTS)
		return TRAP_HWBKPT;
	return TRAP_BRKPT;
}

static int x87_code(void)
{
	u16 status, control;
	__asm__ volatile("fnstsw %0" : "=m"(status));
	__asm__ volatile("fnstcw %0" : "=m"(control));
	return (int)(status & ~control & 0x3f);
}

static int sse_code(void)
{
	u32 mxcsr;
	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	return (int)(mxcsr & ~(mxcsr >> 7) & 0x3f);
}

/* Both units order their exception bits alike: invalid, denormal, zero divide, overflow, underflow, precision. */
static int float_code(int bits)
{
	if (bits & 1)
		return FPE_FLTINV;
	if (bits & 4)
		return FPE_FLTDIV;
	if (bits & 8)
		return FPE_FLTOVF;
	if (bits & (2 | 16))
		return FPE_FLTUND;
	return FPE_FLTRES;
}

void exception_raise(struct trap_frame *f, u64 address)
{
	const struct exception *e = &exceptions[f->vector & 31];
	int signal = e->signal ? e->signal : SIGSEGV;
	int code = e->code ? e->code : SI_KERNEL;
	if (f->vector == VECTOR_DB)
		code = debug_code(f);
	else if (f->vector == VECTOR_MF)
		code = float_code(x87_code());
	else if (f->vector == VECTOR_XM)
		code = float_code(sse_code());
	else if (f->vector == VECTOR_PF && (f->error & PF_PRESENT))
		code = SEGV_ACCERR;
	upcall_user_exception(f, signal, code, e->at_ip ? f->rip : address);
}

u32 exception_access(u64 error)
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
