/*
 * Job control: stopping and continuing a process.
 *
 * A thread that acts on a stopping signal sets `stopped`; every thread then comes to rest on its way
 * to ring 3, and when the last one has (or has left), the parent hears that the process has stopped.
 * SIGCONT clears the word when it is sent, whether it is blocked, ignored or handled; the first
 * thread that goes on tells the parent. SIGKILL ends the rest.
 *
 * `stopped` is written under signals.lock and read without: whoever rests looks at it after joining
 * stop_waiters, which are woken after every change. A SIGCONT between the taking of a stopping
 * signal and the stop undoes it: it clears stop_taken under the same lock.
 *
 * The parent is told under pid_table_lock, which is taken before signals.lock, so never while that is
 * held. A stop that is told late, after the process goes on again, is told all the same: on Linux,
 * too, the two may be a moment apart.
 */
#include "proc/group.h"
#include "proc/signal_private.h"
#include "sched/sched.h"

/* Nobody could continue it: SIGSTOP alone stops it. */
static bool is_orphans_stop(const struct process *p, u32 signal)
{
	return signal != SIGSTOP && group_is_orphaned(READ_ONCE(p->group));
}

static void stop_locked(struct process *p, u32 signal) REQUIRES(&p->signals.lock)
{
	struct thread *t;

	atomic32_store(&p->continued, 0);
	atomic32_store(&p->stopped, 1);
	p->signals.stop_signal = signal;
	p->signals.unrested = 0;
	list_for_each_entry (t, &p->signals.threads, signals.link) {
		t->signals.must_rest = true;
		p->signals.unrested++;
		signal_notify(t);
	}
}

void signal_stop_process(struct process *p, u32 signal)
{
	if (is_orphans_stop(p, signal))
		return;
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	/* Another thread may have begun the stop already. */
	if (current_thread()->signals.stop_taken && !atomic32_load(&p->stopped))
		stop_locked(p, signal);
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

bool signal_rested_locked(struct process *p, struct thread *t)
{
	if (!t->signals.must_rest)
		return false;
	t->signals.must_rest = false;
	return --p->signals.unrested == 0;
}

void signal_continue_locked(struct process *p)
{
	bool was_stopped = atomic32_exchange(&p->stopped, 0);
	struct thread *t;

	if (was_stopped)
		atomic32_store(&p->continued, 1);
	list_for_each_entry (t, &p->signals.threads, signals.link) {
		t->signals.stop_taken = false;
		t->signals.must_rest = false;
		/* So that one of them tells the parent. */
		if (was_stopped)
			thread_set_work(t, WORK_SIGNAL);
	}
	waitq_wake_all(&p->stop_waiters);
}

void signal_report_continued(struct process *p)
{
	/* A look first, because there is next to never anything. */
	if (atomic32_load_relaxed(&p->continued) && atomic32_exchange(&p->continued, 0))
		family_report_continued(p);
}

bool signal_must_rest(struct process *p)
{
	return atomic32_load(&p->stopped) && !process_must_leave(p, current_thread()) &&
	       !(READ_ONCE(p->signals.queue.pending) & SIGNAL_BIT(SIGKILL));
}

void signal_rest(struct process *p)
{
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	bool last = signal_rested_locked(p, current_thread());
	u32 signal = p->signals.stop_signal;
	spin_unlock_irqrestore(&p->signals.lock, flags);

	if (last)
		family_report_stopped(p, signal);
	int err = wait_event(&p->stop_waiters, !signal_must_rest(p), THREAD_SLEEPING, WAIT_FOREVER);
	CHECK(err == 0);
}
