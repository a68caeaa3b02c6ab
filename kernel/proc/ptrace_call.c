/*
 * Stops around system calls, and what single steps mean for them.
 *
 * The beginning of a call is looked at by the way that watched calls take (sys/dispatch.c), which all
 * calls of the machine take once a tracer has let its first tracee go on to the next call or
 * instruction; before, tracing costs the others nothing. The end is looked at in the exit work, when
 * RAX is there, so also a stop in the middle of a call, as for fork, can be followed by one at its
 * end.
 *
 * TF does not survive SYSCALL, and a return with it set would let one instruction of ring 3 pass
 * before it traps: so a stepped call ends with a SIGTRAP of its own.
 */
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/unistd_64.h>

#include "arch/frame.h"
#include "arch/registers.h"
#include "proc/ptrace_private.h"
#include "proc/restart.h"

static void stop_at_call(u8 where, s64 call)
{
	struct thread *t = current_thread();
	struct ptrace_stop s = {
		.code = SIGTRAP | (READ_ONCE(t->trace.options) & PTRACE_O_TRACESYSGOOD ? 0x80 : 0),
		.why = CLD_TRAPPED,
		.message = where == PTRACE_SYSCALL_INFO_ENTRY ? PTRACE_EVENTMSG_SYSCALL_ENTRY
							      : PTRACE_EVENTMSG_SYSCALL_EXIT,
		.call = call,
		.call_stop = where,
	};
	u32 signal = (u32)ptrace_stop_notify(&s);
	struct signal_info info;

	/* The tracer gave one to go on with. */
	if (!signal || signal > SIGNAL_COUNT || !ptrace_is_traced(t))
		return;
	signal_info_from_kernel(&info, signal);
	(void)!signal_post(t->process, t->tid, &info);
}

bool ptrace_call_begin(struct trap_frame *f)
{
	struct thread *t = current_thread();
	enum trace_mode mode = t->trace.mode;

	if (!ptrace_is_traced(t))
		return true;
	t->trace.in_call = true;
	thread_set_work(t, WORK_SIGNAL);
	if (mode == TRACE_FREELY)
		return true;
	stop_at_call(PTRACE_SYSCALL_INFO_ENTRY, (s32)f->call_number);
	/* Killed in the stop: the call is not made. */
	if (process_must_leave(t->process, t))
		return false;
	return mode != TRACE_EMULATE && (s32)f->call_number != -1;
}

static void report_step(void)
{
	struct thread *t = current_thread();
	struct signal_info info = {.si_signo = SIGTRAP, .si_code = TRAP_BRKPT};

	info.si_addr = (void *)thread_user_frame(&t->arch)->rip;
	signal_force(&info, "trace trap");
}

void ptrace_call_end(void)
{
	struct thread *t = current_thread();
	bool ends = t->trace.in_call;

	t->trace.in_call = false;
	if (!ends || !ptrace_is_traced(t) || process_must_leave(t->process, t))
		return;
	if (t->trace.mode == TRACE_CALLS)
		stop_at_call(PTRACE_SYSCALL_INFO_EXIT, ptrace_current_call());
	else if (t->trace.step && t->trace.mode != TRACE_EMULATE)
		report_step();
}
