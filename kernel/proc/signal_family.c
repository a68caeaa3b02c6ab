/* What the beginning and end of processes and threads mean for their signals. */
#include "proc/signal_private.h"

/* What a clock_t counts. */
#define CLOCK_TICK_NS (10 * NS_PER_MS)

void signal_process_init(struct process *p)
{
	spin_init(&p->signals.lock, "signals", RANK_SIGNALS);
	list_init(&p->signals.threads);
	signal_queue_init(&p->signals.queue);
	waitq_init(&p->signals.arrivals);
	timers_init(p);
}

void signal_process_destroy(struct process *p)
{
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	signal_queue_destroy(&p->signals.queue);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	signal_actions_put(p->signals.actions);
}

void signal_thread_inherit(struct thread *t, bool keep_stack)
{
	const struct thread_signals *from = &current_thread()->signals;

	t->signals.blocked = from->blocked;
	if (!keep_stack)
		return;
	t->signals.altstack = from->altstack;
	t->signals.altstack_size = from->altstack_size;
	t->signals.altstack_flags = from->altstack_flags;
}

void signal_thread_join(struct process *p, struct thread *t)
{
	signal_queue_init(&t->signals.queue);
	if (!t->signals.altstack_size)
		t->signals.altstack_flags = SS_DISABLE;
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	list_push_back(&p->signals.threads, &t->signals.link);
	/* What has happened to the process concerns it, too. */
	if (process_must_leave(p, t) || atomic32_load(&p->stopped) ||
		(p->signals.queue.pending & ~t->signals.blocked))
		atomic32_fetch_or(&t->arch.work, WORK_SIGNAL);
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

void signal_thread_leave(struct thread *t)
{
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	list_remove(&t->signals.link);
	signal_queue_destroy(&t->signals.queue);
	signal_retarget_locked(p, ~t->signals.blocked);
	bool stopped = signal_rested_locked(p, t) && !list_empty(&p->signals.threads);
	u32 signal = p->signals.stop_signal;
	spin_unlock_irqrestore(&p->signals.lock, flags);
	/* The others rest already, and were waiting for this one. */
	if (stopped)
		family_report_stopped(p, signal);
}

void signal_info_of_child(struct signal_info *info, struct process *child, s32 code, s32 status)
{
	struct usage u;

	process_usage(child, &u);
	*info = (struct signal_info){.si_signo = SIGCHLD, .si_code = code};
	info->si_pid = child->pid;
	info->si_uid = READ_ONCE(child->cred.uid);
	info->si_status = status;
	info->si_utime = (long)(u.cpu.user_ns / CLOCK_TICK_NS);
	info->si_stime = (long)(u.cpu.system_ns / CLOCK_TICK_NS);
}
