/*
 * Stops for signals: one that a tracee is about to act on (its tracer may change or drop it), the
 * stop of its whole process, and the traps that a tracer that has seized it gets.
 */
#include <asm/siginfo.h>
#include <asm/signal.h>

#include "proc/ptrace_private.h"
#include "proc/signal_private.h"

/* The tracer chose another signal: it sends that. */
static void replace_info(struct signal_info *info, u32 signal)
{
	*info = (struct signal_info){.si_signo = (s32)signal, .si_code = SI_USER};
	spin_lock(&pid_table_lock);
	const struct process *tracer = current_thread()->trace.tracer;
	if (tracer) {
		info->si_pid = (s32)tracer->pid;
		info->si_uid = READ_ONCE(tracer->cred.uid);
	}
	spin_unlock(&pid_table_lock);
}

/* A signal that has come to be blocked waits in the queue again. */
static bool put_back_if_blocked(const struct signal_info *info)
{
	struct thread *t = current_thread();

	if (!(t->signals.blocked & SIGNAL_BIT(info->si_signo)))
		return false;
	(void)!signal_post(t->process, t->tid, info);
	return true;
}

u32 ptrace_signal(struct signal_info *info)
{
	struct ptrace_stop s = {
		.code = info->si_signo,
		.why = CLD_TRAPPED,
		.info = info,
		.call = ptrace_current_call(),
	};
	u32 signal = (u32)ptrace_stop(&s);

	if (!signal || signal > SIGNAL_COUNT)
		return 0;
	if (signal != (u32)info->si_signo)
		replace_info(info, signal);
	return put_back_if_blocked(info) ? 0 : signal;
}

static void stop_with_process(u32 signal, bool seized)
{
	struct ptrace_stop s = {
		.code = (s32)signal,
		.why = CLD_STOPPED,
		.call = ptrace_current_call(),
		.in_group_stop = true,
	};

	if (!seized) {
		ptrace_stop(&s);
		return;
	}
	s.code |= PTRACE_EVENT_STOP << 8;
	ptrace_stop_notify(&s);
}

void ptrace_group_stop(u32 signal)
{
	/* One that is traced only now, or no longer, comes here again. */
	stop_with_process(signal, READ_ONCE(current_thread()->trace.seized));
}

void ptrace_trap(void)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	bool seized = t->trace.seized;
	bool stopped = atomic32_load(&p->stopped);
	u32 signal = stopped ? p->signals.stop_signal : SIGTRAP;
	/* Whoever is not traced any more has none coming. */
	if (!seized)
		t->signals.traps = 0;
	spin_unlock_irqrestore(&p->signals.lock, flags);
	if (!seized)
		return;
	struct ptrace_stop s = {
		.code = (s32)(signal | PTRACE_EVENT_STOP << 8),
		.why = CLD_STOPPED,
		.call = ptrace_current_call(),
		.in_group_stop = stopped,
	};
	ptrace_stop_notify(&s);
}

void ptrace_handler_entered(void)
{
	struct ptrace_stop s = {
		.code = SIGTRAP,
		.why = CLD_TRAPPED,
		.call = ptrace_current_call(),
	};

	ptrace_stop_notify(&s);
}

void ptrace_set_trap(struct thread *t, u8 trap)
{
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	t->signals.traps |= trap;
	signal_notify(t);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	waitq_wake_all(&p->stop_waiters);
}

bool ptrace_by_parent(const struct thread *t)
{
	spin_lock(&pid_table_lock);
	bool is = t->trace.tracer && t->trace.tracer == t->process->family.parent;
	spin_unlock(&pid_table_lock);
	return is;
}

/* -- what its tracer may see and set -- */

u64 ptrace_get_blocked(const struct thread *t)
{
	return t->signals.has_saved ? t->signals.saved_blocked : t->signals.blocked;
}

void ptrace_set_blocked(struct thread *t, u64 blocked)
{
	struct process *p = t->process;

	blocked &= ~SIGNAL_ABSOLUTE;
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	u64 old = t->signals.blocked;
	WRITE_ONCE(t->signals.blocked, blocked);
	t->signals.has_saved = false;
	signal_retarget_locked(p, blocked & ~old);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	/* It looks at its signals anew when it leaves the stop: ptrace_stop(). */
}

bool ptrace_peek_signal(struct thread *t, bool shared, u64 n, struct signal_info *out)
{
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	bool found = signal_queue_peek(shared ? &p->signals.queue : &t->signals.queue, n, out);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return found;
}
