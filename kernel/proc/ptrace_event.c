/*
 * Stops for what a tracee does, if its tracer asked for them: new threads and processes, which can be
 * traced from their first instruction on; execve(2); the beginning of its end.
 */
#include <asm/signal.h>
#include <linux/sched.h>

#include "lib/errno.h"
#include "proc/clone.h"
#include "proc/ptrace_private.h"
#include "proc/signal_private.h"

/* An event's bit among the options has its number. */
static bool wants(const struct thread *t, u32 event)
{
	return ptrace_is_traced(t) && (READ_ONCE(t->trace.options) & BIT(event));
}

/* -- clone -- */

u32 ptrace_clone_event(const struct clone_request *r)
{
	u32 event = PTRACE_EVENT_FORK;

	if (r->flags & CLONE_UNTRACED)
		return 0;
	if (r->flags & CLONE_VFORK)
		event = PTRACE_EVENT_VFORK;
	else if (r->exit_signal != SIGCHLD)
		event = PTRACE_EVENT_CLONE;
	return wants(current_thread(), event) ? event : 0;
}

/* Its first stop: a trap if it is seized, else a SIGSTOP. Nobody else knows the child yet. As on Linux, a tracer that took
 * over since the call began gets the child that the one before had asked for. */
void ptrace_clone_locked(struct thread *child, const struct clone_request *r, u32 event)
{
	const struct thread *self = current_thread();
	struct signal_info stop = {.si_signo = SIGSTOP, .si_code = SI_USER};

	if (!self->trace.tracer || (!event && !(r->flags & CLONE_PTRACE)))
		return;
	ptrace_link_locked(
		child, self->trace.tracer_thread, self->trace.options, self->trace.seized);
	if (self->trace.seized)
		ptrace_set_trap(child, SIGNAL_TRAP_ASKED);
	else
		(void)!signal_post(child->process, child->tid, &stop);
}

/* But it hears of the event only if it has asked itself. */
void ptrace_clone_done(u32 event, u32 tid)
{
	if (event && wants(current_thread(), event))
		ptrace_stop_event(event, tid);
}

void ptrace_vfork_done(u32 tid)
{
	if (wants(current_thread(), PTRACE_EVENT_VFORK_DONE))
		ptrace_stop_event(PTRACE_EVENT_VFORK_DONE, tid);
}

/* -- execve -- */

bool ptrace_exec_keeps_ids(void)
{
	const struct thread *t = current_thread();

	return ptrace_is_traced(t) && !READ_ONCE(t->trace.by_root);
}

void ptrace_exec_locked(struct ptrace_dropped *dropped)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	struct thread *first = p->family.traced_first;

	/* It has ended, and its death, which is the process's, will not come. */
	if (first && first != t)
		ptrace_unlink_locked(first, dropped);
	if (t->trace.tracer)
		p->family.traced_first = t;
}

void ptrace_exec_done(u32 old, u32 call)
{
	struct thread *t = current_thread();
	struct trap_frame *f = thread_user_frame(&t->arch);
	struct signal_info info;

	if (!ptrace_is_traced(t))
		return;
	/* The new program's frame is still one of a call. */
	f->vector = VECTOR_SYSCALL;
	f->call_number = call;
	f->rax = (u64)-ENOSYS;
	if (wants(t, PTRACE_EVENT_EXEC)) {
		struct ptrace_stop s = {
			.code = PTRACE_EVENT_EXEC << 8 | SIGTRAP,
			.why = CLD_TRAPPED,
			.message = old,
			.call = call,
		};
		t->trace.in_call = true;
		ptrace_stop_notify(&s);
	} else if (!READ_ONCE(t->trace.seized)) {
		/* As it was before there were events. */
		signal_info_from_current(&info, SIGTRAP, SI_USER);
		(void)!signal_post(t->process, t->tid, &info);
	}
}

/* -- exit -- */

void ptrace_exit_event(u32 status)
{
	struct thread *t = current_thread();
	struct ptrace_stop s = {
		.code = PTRACE_EVENT_EXIT << 8 | SIGTRAP,
		.why = CLD_TRAPPED,
		.message = status,
		.call = ptrace_current_call(),
		.leaving = true,
		.ends = ptrace_ends(t),
	};

	if (wants(t, PTRACE_EVENT_EXIT))
		ptrace_stop_notify(&s);
}
