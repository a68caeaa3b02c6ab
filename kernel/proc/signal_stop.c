/*
 * Job control: stopping and continuing a process.
 *
 * A thread that acts on a stopping signal sets `stopped`; every thread then comes to rest on its way
 * to ring 3. SIGCONT clears it when it is sent, whether it is blocked, ignored or handled, and
 * SIGKILL ends the rest. The word is written under signals.lock and read without: whoever rests
 * looks at it after joining stop_waiters, which are woken after every change.
 */
#include "proc/signal_private.h"

/* Every thread of the process comes to rest in signal_rest(). */
void signal_stop_process(struct process *p, u32 signal)
{
	struct thread *t;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	atomic32_store(&p->stopped, 1);
	list_for_each_entry (t, &p->signals.threads, signals.link)
		signal_notify(t);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	family_report_stopped(p, signal);
}

void signal_continue_locked(struct process *p)
{
	if (atomic32_exchange(&p->stopped, 0))
		atomic32_store(&p->continued, 1);
	waitq_wake_all(&p->stop_waiters);
}

bool signal_must_rest(struct process *p)
{
	return atomic32_load(&p->stopped) && !process_must_leave(p, current_thread()) &&
	       !(READ_ONCE(p->signals.queue.pending) & SIGNAL_BIT(SIGKILL));
}

void signal_rest(struct process *p)
{
	int err = wait_event(&p->stop_waiters, !signal_must_rest(p), THREAD_SLEEPING, WAIT_FOREVER);
	CHECK(err == 0);
	if (atomic32_exchange(&p->continued, 0))
		family_report_continued(p);
}
