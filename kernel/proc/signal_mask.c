/*
 * Which signals a thread blocks, and what is pending. The mask is written by its thread alone, under
 * signals.lock, so that a sender that has looked at it can rely on it: what it gave the process
 * while this thread seemed to take it is handed on by signal_retarget_locked().
 */
#include "proc/signal_private.h"
#include "sched/sched.h"

bool signal_pending(struct thread *t)
{
	struct process *p = t->process;

	if (!p)
		return false;
	/* Without the lock: see the head of signal.c for why a bit set meanwhile is not missed. */
	if (process_must_leave(p, t) || READ_ONCE(t->signals.traps))
		return true;
	if (atomic32_load(&p->stopped) && !READ_ONCE(t->signals.stop_over))
		return true;
	u64 pending = READ_ONCE(p->signals.queue.pending) | READ_ONCE(t->signals.queue.pending);
	return (pending & ~READ_ONCE(t->signals.blocked)) != 0;
}

bool signal_will_kill(struct process *p)
{
	const struct thread *t = current_thread();
	u64 harmless = SIGNALS_IGNORED_BY_DEFAULT | SIGNALS_STOPPING | SIGNALS_DUMPING;
	bool will = false;

	/* Most often nothing is: a look without the lock, for who sends wakes `arrivals` afterwards. */
	if (!(READ_ONCE(p->signals.queue.pending) | READ_ONCE(t->signals.queue.pending)))
		return false;
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	u64 set = (p->signals.queue.pending | t->signals.queue.pending) & ~t->signals.blocked &
		  ~harmless;
	for (; set && !will; set &= set - 1) {
		struct sigaction a;
		action_get(p->signals.actions, __builtin_ctzl(set) + 1, &a);
		will = a.sa_handler == SIG_DFL;
	}
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return will;
}

void signal_blocked_changed_locked(struct process *p, u64 newly)
{
	struct thread *t = current_thread();

	if (p->signals.queue.pending & newly)
		signal_retarget_locked(p, newly);
	if ((p->signals.queue.pending | t->signals.queue.pending) & ~t->signals.blocked)
		thread_set_work(t, WORK_SIGNAL);
}

/* The rest of signal_set_blocked() where there is one: it begins with the lock held. */
static NOINLINE u64 blocked_changed(struct process *p, u64 old, u64 flags)
	RELEASES(&p->signals.lock)
{
	signal_blocked_changed_locked(p, current_thread()->signals.blocked & ~old);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return old;
}

u64 signal_set_blocked(u64 blocked)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	blocked &= ~SIGNAL_ABSOLUTE;
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	u64 old = t->signals.blocked;
	WRITE_ONCE(t->signals.blocked, blocked);
	if (UNLIKELY(p->signals.queue.pending | t->signals.queue.pending))
		return blocked_changed(p, old, flags);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return old;
}

void signal_set_blocked_for_call(u64 blocked)
{
	struct thread_signals *s = &current_thread()->signals;

	s->saved_blocked = signal_set_blocked(blocked);
	s->has_saved = true;
	/* The old mask comes back in the exit work, however the call ends. */
	thread_set_work(current_thread(), WORK_SIGNAL);
}

void signal_restore_blocked(void)
{
	struct thread_signals *s = &current_thread()->signals;

	if (!s->has_saved)
		return;
	s->has_saved = false;
	signal_set_blocked(s->saved_blocked);
}

u64 signal_pending_set(void)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	u64 set = (p->signals.queue.pending | t->signals.queue.pending) & t->signals.blocked;
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return set;
}
