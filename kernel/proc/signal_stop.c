/*
 * Job control: stopping and continuing a process.
 *
 * A thread that acts on a stopping signal sets `stopped` and marks every thread (must_rest), which then
 * comes to rest on its way to ring 3; when the last one has (or has left), the process has stopped.
 * SIGCONT clears the word when it is sent, whether it is blocked, ignored or handled. SIGKILL ends
 * the rest.
 *
 * A thread that rests sleeps in stop_waiters. It falls asleep only if it finds, under signals.lock and
 * after it has joined the queue, that the process is stopped and that it has been counted (must_rest is
 * false). Then only a SIGCONT or an end changes what it waits for, and both wake the queue. After a SIGCONT the
 * next stop may come before the thread has run: then it is marked once more, and counts
 * itself once more before it sleeps again.
 *
 * A SIGCONT between the taking of a stopping signal and the stop undoes it: it clears stop_taken
 * under the same lock.
 *
 * What the parent's wait may find (signals.event) changes under signals.lock. A continue is there as soon as
 * SIGCONT is sent; the first thread that goes on wakes the parent and sends it its SIGCHLD. A stop
 * appears together with its SIGCHLD, under pid_table_lock, by the last thread that came to
 * rest (signal_publish_stop()), so a parent that knows of the one has the other. pid_table_lock is
 * taken before signals.lock, so for both the thread lets go of the latter first. A SIGCONT in between
 * takes the event back (stop_due); the SIGCHLD comes all the same, as on Linux.
 */
#include "proc/group.h"
#include "proc/ptrace.h"
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

	atomic32_store(&p->stopped, 1);
	p->signals.stop_signal = signal;
	p->signals.unrested = 0;
	list_for_each_entry (t, &p->signals.threads, signals.link) {
		t->signals.must_rest = true;
		t->signals.stop_over = false;
		p->signals.unrested++;
		if (t->trace.seized)
			t->signals.traps |= SIGNAL_TRAP_NEWS;
		signal_notify(t);
	}
	/* Tracees that listen; and, if a tracee begins a stop while the others rest, those. */
	waitq_wake_all(&p->stop_waiters);
}

void signal_stop_process(struct process *p, u32 signal)
{
	if (is_orphans_stop(p, signal))
		return;
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	const struct thread_signals *s = &current_thread()->signals;
	/* Another thread may have begun the stop already; unless this one has been through that. */
	if (s->stop_taken && (!atomic32_load(&p->stopped) || s->stop_over))
		stop_locked(p, signal);
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

bool signal_rested_locked(struct process *p, struct thread *t)
{
	if (!t->signals.must_rest)
		return false;
	t->signals.must_rest = false;
	if (--p->signals.unrested)
		return false;
	p->signals.stop_due = true;
	return true;
}

void signal_continue_locked(struct process *p)
{
	bool was_stopped = atomic32_exchange(&p->stopped, 0);
	struct thread *t;

	p->signals.stop_due = false;
	if (was_stopped) {
		atomic32_store(&p->continued, 1);
		p->signals.event = WAIT_EVENT_CONTINUED;
	}
	list_for_each_entry (t, &p->signals.threads, signals.link) {
		t->signals.stop_taken = false;
		t->signals.must_rest = false;
		t->signals.stop_over = false;
		if (t->trace.seized) {
			t->signals.traps |= SIGNAL_TRAP_NEWS;
			signal_notify(t);
		}
		/* So that one of them tells the parent. */
		if (was_stopped)
			thread_set_work(t, WORK_SIGNAL);
	}
	waitq_wake_all(&p->stop_waiters);
}

void signal_tell_continued(struct process *p)
{
	if (atomic32_exchange(&p->continued, 0))
		family_report_continued(p);
}

bool signal_is_stopped(struct process *p)
{
	const struct thread *t = current_thread();
	u64 pending = READ_ONCE(p->signals.queue.pending) | READ_ONCE(t->signals.queue.pending);

	return atomic32_load(&p->stopped) && !READ_ONCE(t->signals.stop_over) &&
	       !process_must_leave(p, t) && !(pending & SIGNAL_BIT(SIGKILL));
}

/* The thread rests no longer, or is to be counted once more. */
static bool rest_is_over(struct process *p)
{
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	bool over = current_thread()->signals.must_rest || !signal_must_rest(p);

	spin_unlock_irqrestore(&p->signals.lock, flags);
	return over;
}

/* Until the process goes on, or the thread is traced: then it rests for its tracer. */
static void rest_untraced(const struct thread *t)
{
	struct process *p = t->process;
	int err = wait_event(&p->stop_waiters, rest_is_over(p) || ptrace_is_traced(t),
		THREAD_SLEEPING, WAIT_FOREVER);

	CHECK(err == 0);
	if (ptrace_is_traced(t) && signal_must_rest(p))
		ptrace_group_stop(READ_ONCE(p->signals.stop_signal));
}

static void end_rest(struct thread *t)
{
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	WRITE_ONCE(t->signals.resting, false);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	/* Who has begun to trace it waits for a stop or for this. */
	if (ptrace_is_traced(t))
		ptrace_rest_over(t);
}

void signal_rest(struct process *p)
{
	struct thread *t = current_thread();

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	bool last = signal_rested_locked(p, t);
	u32 signal = p->signals.stop_signal;
	/* Before anybody can know of the stop: who hears of it and attaches waits until the rest is one for the tracer. */
	WRITE_ONCE(t->signals.resting, true);
	spin_unlock_irqrestore(&p->signals.lock, flags);

	if (last && ptrace_by_parent(t))
		signal_publish_stop(p);
	else if (last)
		family_report_stopped(p, signal);
	if (ptrace_is_traced(t))
		ptrace_group_stop(signal);
	else
		rest_untraced(t);
	end_rest(t);
}

void signal_publish_stop(struct process *p)
{
	u64 flags = spin_lock_irqsave(&p->signals.lock);

	/* Once for each stop: its thread may have been overtaken by a SIGCONT and the next one's. */
	if (p->signals.stop_due)
		p->signals.event = WAIT_EVENT_STOPPED;
	p->signals.stop_due = false;
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

enum wait_event_kind signal_take_event(struct process *p, u32 kinds, bool keep, u32 *signal)
{
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	enum wait_event_kind event = p->signals.event;

	if (!(kinds & BIT(event)))
		event = WAIT_EVENT_NONE;
	*signal = event == WAIT_EVENT_STOPPED ? p->signals.stop_signal : SIGCONT;
	if (event != WAIT_EVENT_NONE && !keep)
		p->signals.event = WAIT_EVENT_NONE;
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return event;
}
