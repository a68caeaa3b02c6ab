/*
 * ptrace(2): from the request to the function.
 *
 * All but the first few need a tracee that is in a stop, which is held there for the time of the
 * request (proc/ptrace.h). What the tracer itself passes may fault and sleep; nothing of the tracee
 * changes then.
 */
#include <linux/ptrace.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/ptrace.h"
#include "proc/signal.h"
#include "sys/ptrace.h"
#include "sys/sys.h"

/* There are no filters of calls to suspend. */
#define OPTIONS_KNOWN (PTRACE_O_MASK & ~PTRACE_O_SUSPEND_SECCOMP)

/* -- requests that let it go on: the hold ends with them -- */

static bool ends_stop(s64 request)
{
	switch (request) {
	case PTRACE_CONT:
	case PTRACE_SYSCALL:
	case PTRACE_SINGLESTEP:
	case PTRACE_SYSEMU:
	case PTRACE_SYSEMU_SINGLESTEP:
	case PTRACE_DETACH:
		return true;
	default:
		return false;
	}
}

static s64 end_stop(struct thread *t, s64 request, u64 signal)
{
	if (signal > SIGNAL_COUNT) {
		ptrace_release(t);
		return -EIO;
	}
	switch (request) {
	case PTRACE_SYSCALL:
		ptrace_resume(t, TRACE_CALLS, false, (u32)signal);
		break;
	case PTRACE_SINGLESTEP:
		ptrace_resume(t, TRACE_FREELY, true, (u32)signal);
		break;
	case PTRACE_SYSEMU:
		ptrace_resume(t, TRACE_EMULATE, false, (u32)signal);
		break;
	case PTRACE_SYSEMU_SINGLESTEP:
		ptrace_resume(t, TRACE_EMULATE, true, (u32)signal);
		break;
	case PTRACE_DETACH:
		ptrace_detach(t, (u32)signal);
		break;
	default:
		ptrace_resume(t, TRACE_FREELY, false, (u32)signal);
		break;
	}
	return 0;
}

/* -- requests in a stop -- */

static s64 set_options(struct thread *t, u64 options)
{
	if (options & ~(u64)OPTIONS_KNOWN)
		return -EINVAL;
	/* It is in a stop, so only looks at them later. */
	WRITE_ONCE(t->trace.options, (u32)options);
	return 0;
}

static s64 look_at_memory(struct thread *t, s64 request, uaddr_t address, u64 data)
{
	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
		return tracee_peek(t, address, data);
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
		return tracee_poke(t, address, data);
	case PTRACE_PEEKUSR:
		return tracee_peek_user(t, address, data);
	default:
		return tracee_poke_user(t, address, data);
	}
}

static s64 look_at_signals(struct thread *t, s64 request, uaddr_t address, u64 data)
{
	switch (request) {
	case PTRACE_GETSIGINFO:
		return tracee_get_siginfo(t, data);
	case PTRACE_SETSIGINFO:
		return tracee_set_siginfo(t, data);
	case PTRACE_PEEKSIGINFO:
		return tracee_peek_siginfo(t, address, data);
	case PTRACE_GETSIGMASK:
		return tracee_get_sigmask(t, address, data);
	default:
		return tracee_set_sigmask(t, address, data);
	}
}

static s64 look(struct thread *t, s64 request, uaddr_t address, u64 data)
{
	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
	case PTRACE_PEEKUSR:
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
	case PTRACE_POKEUSR:
		return look_at_memory(t, request, address, data);
	case PTRACE_GETSIGINFO:
	case PTRACE_SETSIGINFO:
	case PTRACE_PEEKSIGINFO:
	case PTRACE_GETSIGMASK:
	case PTRACE_SETSIGMASK:
		return look_at_signals(t, request, address, data);
	case PTRACE_GETREGS:
		return tracee_get_registers(t, data);
	case PTRACE_SETREGS:
		return tracee_set_registers(t, data);
	case PTRACE_GETFPREGS:
		return tracee_get_vector(t, data);
	case PTRACE_SETFPREGS:
		return tracee_set_vector(t, data);
	case PTRACE_GETREGSET:
	case PTRACE_SETREGSET:
		return tracee_register_set(t, address, data, request == PTRACE_SETREGSET);
	case PTRACE_ARCH_PRCTL:
		return tracee_arch_prctl(t, data, address);
	case PTRACE_SETOPTIONS:
	case PTRACE_OLDSETOPTIONS:
		return set_options(t, data);
	case PTRACE_GETEVENTMSG:
		return put_user_u64(data, t->trace.message);
	case PTRACE_GET_SYSCALL_INFO:
		return tracee_get_call(t, address, data);
	case PTRACE_GET_RSEQ_CONFIGURATION:
		return tracee_get_rseq(t, address, data);
	case PTRACE_LISTEN:
		return ptrace_listen(t);
	default:
		return -EIO;
	}
}

static s64 seize(u32 tid, uaddr_t address, u64 options)
{
	if (address || (options & ~(u64)PTRACE_O_MASK))
		return -EIO;
	if (options & ~(u64)OPTIONS_KNOWN)
		return -EINVAL;
	return ptrace_attach(tid, true, (u32)options);
}

s64 sys_ptrace(s64 request, s64 pid, uaddr_t address, u64 data)
{
	u32 tid = pid > 0 && pid <= INT32_MAX ? (u32)pid : 0;

	switch (request) {
	case PTRACE_TRACEME:
		return ptrace_trace_me();
	case PTRACE_ATTACH:
		return tid ? ptrace_attach(tid, false, 0) : -ESRCH;
	case PTRACE_SEIZE:
		return tid ? seize(tid, address, data) : -ESRCH;
	case PTRACE_INTERRUPT:
		return ptrace_interrupt(tid);
	case PTRACE_KILL:
		return ptrace_kill(tid);
	default:
		break;
	}
	struct thread *t = ptrace_hold(tid);
	if (!t)
		return -ESRCH;
	if (ends_stop(request))
		return end_stop(t, request, data);
	s64 result = look(t, request, address, data);
	ptrace_release(t);
	return result;
}
