/*
 * Page faults and other exceptions of programs.
 *
 * A page fault first goes to mm/, which gives the program its page or says why not. The answer is
 * kept in the thread until the machine layer calls back with the exception itself, because only
 * this file knows which signal it becomes: outside all areas or against their permissions SIGSEGV,
 * past the end of a mapped file SIGBUS.
 *
 * No memory is not a fault of the program: mm/ has then already had a process chosen and ended
 * (oom.c). If it was this one, the access is "tried again", and the thread leaves on its way back
 * to ring 3. Where a failure was injected it is really tried again: the program's access has nobody
 * to tell of an error, and there is memory.
 */
#include <asm/siginfo.h>
#include <asm/signal.h>

#include "arch/layout.h"
#include "arch/upcalls.h"
#include "lib/errno.h"
#include "mm/inject.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "trace/ring.h"
#include "trace/stream.h"

#define VECTOR_DIVIDE 0
#define VECTOR_DEBUG 1
#define VECTOR_BREAKPOINT 3
#define VECTOR_PROTECTION 13
#define VECTOR_PAGE_FAULT 14
#define VECTOR_ALIGNMENT 17
#define PAGE_FAULT_PRESENT BIT(0)
#define PAGE_FAULT_WRITE BIT(1)
#define PAGE_FAULT_FETCH BIT(4)

static void fault_remember(struct thread *t, int signal, int code)
{
	t->signals.fault_signal = signal;
	t->signals.fault_code = code;
}

/* Nothing could be given. True if the access may be tried again, which it only is in name: the
 * process is on its way out. */
static bool fault_out_of_memory(u32 access)
{
	struct process *p = current_process();

	/* A user copy fails, and the system call with it. */
	if (!(access & FAULT_USER))
		return false;
	if (!atomic32_load(&p->killed))
		proc_report_oom(p, READ_ONCE(current_thread()->mm->pages));
	process_kill_now(p, "out of memory");
	return true;
}

bool upcall_page_fault(u64 address, u32 access)
{
	struct thread *t = current_thread();
	int code = SEGV_MAPERR;

	trace_relieve();
	trace_event(TRACE_PAGE, 0, access, t->tid, address);
	if (!t->mm)
		return false;
	/* Failures of before are not this fault's. */
	(void)inject_take();
	u32 failed = inject_count();
	int err = mm_fault(t->mm, address, access, &code);
	if (!err) {
		/* Its own; who asks for it looks without a lock. */
		WRITE_ONCE(t->minor_faults, t->minor_faults + 1);
		return true;
	}
	if (err == -ENOMEM)
		return ((access & FAULT_USER) && inject_count() != failed) ||
		       fault_out_of_memory(access);
	if (!(access & FAULT_USER))
		return false;
	if (err == -EFAULT)
		fault_remember(t, SIGSEGV, code);
	else
		fault_remember(t, SIGBUS, BUS_ADRERR);
	return false;
}

static const char *fault_reason_page(const struct trap_frame *frame, int signal, int code)
{
	bool write = frame->error & PAGE_FAULT_WRITE;
	bool fetch = frame->error & PAGE_FAULT_FETCH;

	if (signal == SIGBUS)
		return "access past the end of a mapped file";
	if (code == SEGV_ACCERR)
		return fetch   ? "jump into memory that is not executable"
		       : write ? "write to read-only memory"
			       : "read of memory that is not readable";
	return fetch   ? "jump to an address that is not mapped"
	       : write ? "write to an address that is not mapped"
		       : "read from an address that is not mapped";
}

static const char *fault_reason(const struct trap_frame *frame, int signal, int code)
{
	switch (frame->vector) {
	case VECTOR_PAGE_FAULT:
		return fault_reason_page(frame, signal, code);
	case VECTOR_PROTECTION:
		return "privileged instruction or address that is not canonical";
	case VECTOR_DIVIDE:
		return "integer division by zero or overflow";
	case VECTOR_DEBUG:
		return "trace trap";
	case VECTOR_BREAKPOINT:
		return "breakpoint instruction";
	case VECTOR_ALIGNMENT:
		return "unaligned access with alignment checks on";
	}
	switch (signal) {
	case SIGILL:
		return "illegal instruction";
	case SIGFPE:
		return "floating-point exception";
	case SIGBUS:
		return "bus error";
	case SIGSEGV:
		return "segment or address violation";
	default:
		return "exception";
	}
}

/* For the signal frame: what Linux's has in trapno, err and cr2. */
static void fault_note(struct thread *t, const struct trap_frame *frame, u64 address)
{
	struct thread_signals *s = &t->signals;

	s->trap = frame->vector;
	/* The error slot of #DB holds DR6. */
	s->error = frame->vector == VECTOR_DEBUG ? 0 : frame->error;
	if (frame->vector != VECTOR_PAGE_FAULT)
		return;
	s->cr2 = address;
	/* Nobody learns which of the kernel's pages there are. */
	if (address >= USER_END)
		s->error |= PAGE_FAULT_PRESENT;
}

void upcall_user_exception(struct trap_frame *frame, int signal, int code, u64 address)
{
	struct thread *t = current_thread();

	if (frame->vector == VECTOR_PAGE_FAULT) {
		code = SEGV_MAPERR;
		if (t->signals.fault_signal) {
			signal = t->signals.fault_signal;
			code = t->signals.fault_code;
		}
	}
	fault_remember(t, 0, 0);
	fault_note(t, frame, address);
	struct signal_info info = {.si_signo = signal, .si_code = code};
	info.si_addr = (void *)address;
	signal_force(&info, fault_reason(frame, signal, code));
}
