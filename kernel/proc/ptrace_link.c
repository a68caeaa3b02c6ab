/*
 * Who traces whom.
 *
 * A tracee stands in the list of its tracer's process (family.tracees) with references on its thread
 * and its process, from the moment it is traced until that ends: by a request, with the tracer's thread,
 * or when the tracer has heard of its death. All of it is under pid_table_lock. A thread can be found
 * by its number until it gives that up under the same lock (exit.c), so nobody begins to trace one that
 * has passed the point where its tracer is told.
 *
 * What interrupts and senders look at, under signals.lock or none, is written under both locks.
 *
 * The first thread of a process is special: its death is the process's (family.traced_first).
 */
#include <asm/signal.h>

#include "lib/errno.h"
#include "proc/ptrace_private.h"
#include "proc/signal_private.h"

struct thread *ptrace_find_locked(u32 tid)
{
	struct thread *t = pid_thread_locked(tid);

	return t && t->trace.tracer_thread == current_thread() ? t : NULL;
}

static bool is_first(const struct thread *t)
{
	return t->tid == t->process->pid;
}

static void set_tracer_locked(struct thread *t, struct thread *tracer, bool seize)
	REQUIRES(&pid_table_lock)
{
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	WRITE_ONCE(t->trace.tracer, tracer ? tracer->process : NULL);
	t->trace.seized = seize;
	t->signals.stop_over = false;
	t->signals.traps = 0;
	/* One that is let go rests now as its process does. */
	if (!tracer && !t->trace.gone)
		signal_notify(t);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	t->trace.tracer_thread = tracer;
}

void ptrace_link_locked(struct thread *t, struct thread *tracer, u32 options, bool seize)
{
	const struct process *by = tracer->process;

	CHECK(!t->trace.tracer);
	thread_get(t);
	process_get(t->process);
	t->trace.mode = TRACE_FREELY;
	t->trace.step = false;
	t->trace.by_root = READ_ONCE(by->cred.euid) == 0;
	WRITE_ONCE(t->trace.options, options);
	set_tracer_locked(t, tracer, seize);
	list_push_back(&tracer->process->family.tracees, &t->trace.link);
	if (is_first(t))
		t->process->family.traced_first = t;
}

static void forget_gone_locked(struct thread *t, struct ptrace_dropped *dropped)
	REQUIRES(&pid_table_lock)
{
	struct process *p = t->process;

	if (!is_first(t)) {
		pid_drop_locked(pid_lookup_locked(t->tid));
		CHECK(p->family.traced_gone > 0);
		p->family.traced_gone--;
	}
	list_push_back(&dropped->threads, &t->trace.link);
	/* It may have been the last that kept the death from the parent. */
	if (p->family.death_hidden)
		family_publish_death_locked(p, dropped);
}

void ptrace_unlink_locked(struct thread *t, struct ptrace_dropped *dropped)
{
	struct process *p = t->process;

	list_remove(&t->trace.link);
	if (p->family.traced_first == t)
		p->family.traced_first = NULL;
	set_tracer_locked(t, NULL, false);
	WRITE_ONCE(t->trace.options, 0);
	WRITE_ONCE(t->trace.stopped, false);
	if (t->trace.gone) {
		forget_gone_locked(t, dropped);
		return;
	}
	waitq_wake_all(&p->stop_waiters);
	/* Who was not told of stops because its own thread traced this one. */
	if (p->family.parent)
		waitq_wake_all(&p->family.parent->family.child_waiters);
	/* Neither is the last: a thread that has its number has references of its own. */
	thread_put(t);
	process_put(p);
}

void ptrace_dropped_put(struct ptrace_dropped *dropped)
{
	struct thread *t, *next;

	list_for_each_entry_safe (t, next, &dropped->threads, trace.link) {
		struct process *p = t->process;
		list_remove(&t->trace.link);
		thread_put(t);
		process_put(p);
	}
	family_put_reaped(&dropped->processes);
}

/* -- how it begins -- */

/* The thread of p that made the running process, or another one, or NULL if all are leaving. */
static struct thread *parent_thread(struct process *p) REQUIRES(&pid_table_lock)
{
	struct thread *maker = pid_thread_locked(current_process()->family.parent_tid);
	struct thread *t, *alive = NULL;

	if (maker && maker->process == p)
		return maker;
	spin_lock(&p->lock);
	list_for_each_entry (t, &p->threads, process_link)
		if (!alive && pid_thread_locked(t->tid) == t)
			alive = t;
	spin_unlock(&p->lock);
	return alive;
}

int ptrace_trace_me(void)
{
	struct thread *t = current_thread();
	int err = -EPERM;

	spin_lock(&pid_table_lock);
	struct process *parent = t->process->family.parent;
	if (!t->trace.tracer && parent) {
		struct thread *tracer = parent_thread(parent);
		/* A parent that is leaving would not trace it for long. */
		if (tracer)
			ptrace_link_locked(t, tracer, 0, false);
		err = 0;
	}
	spin_unlock(&pid_table_lock);
	return err;
}

/* *resting: the thread rests with its process, and will now do so for its tracer. */
static int attach_locked(struct thread *t, u32 tid, bool seize, u32 options, bool *resting)
	REQUIRES(&pid_table_lock)
{
	struct process *p = t->process;
	struct signal_info stop;

	if (pid_thread_locked(tid) != t || t->trace.tracer)
		return -EPERM;
	ptrace_link_locked(t, current_thread(), options, seize);
	signal_info_from_kernel(&stop, SIGSTOP);
	if (!seize)
		(void)!signal_post(p, tid, &stop);
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	*resting = t->signals.resting;
	spin_unlock_irqrestore(&p->signals.lock, flags);
	waitq_wake_all(&p->stop_waiters);
	return 0;
}

/* Its rest becomes a stop at once, so that a wait that does not wait finds it, as on Linux. The thread
 * wakes us when it has stopped, or will not (ptrace_rest_over()). */
static void wait_for_stop(struct thread *t)
{
	int err = wait_event(&current_process()->family.child_waiters,
		READ_ONCE(t->trace.stopped) || !READ_ONCE(t->signals.resting), THREAD_SLEEPING,
		WAIT_FOREVER);
	CHECK(err == 0);
}

int ptrace_attach(u32 tid, bool seize, u32 options)
{
	struct thread *t = process_find_thread(tid);
	bool resting = false;
	int err;

	if (!t)
		return -ESRCH;
	err = t->process == current_process() ? -EPERM : ptrace_may_access(t->process, true);
	if (!err) {
		spin_lock(&pid_table_lock);
		err = attach_locked(t, tid, seize, options, &resting);
		spin_unlock(&pid_table_lock);
	}
	if (resting)
		wait_for_stop(t);
	thread_put(t);
	return err;
}

void ptrace_rest_over(struct thread *t)
{
	spin_lock(&pid_table_lock);
	if (t->trace.tracer)
		waitq_wake_all(&t->trace.tracer->family.child_waiters);
	spin_unlock(&pid_table_lock);
}

void ptrace_tracer_gone(void)
{
	struct process *self = current_process();
	struct ptrace_dropped dropped = PTRACE_DROPPED_INIT(dropped);
	struct thread *t, *next;

	spin_lock(&pid_table_lock);
	list_for_each_entry_safe (t, next, &self->family.tracees, trace.link) {
		if (t->trace.tracer_thread != current_thread())
			continue;
		if ((t->trace.options & PTRACE_O_EXITKILL) && !t->trace.gone)
			(void)!signal_send(t->process, 0, SIGKILL);
		ptrace_unlink_locked(t, &dropped);
	}
	spin_unlock(&pid_table_lock);
	ptrace_dropped_put(&dropped);
}

u32 ptrace_tracer_of(struct process *p, u32 tid, bool *stopped)
{
	spin_lock(&pid_table_lock);
	const struct thread *t = tid == p->pid ? p->family.traced_first : pid_thread_locked(tid);
	bool traced = t && t->process == p && t->trace.tracer;
	u32 tracer = traced ? t->trace.tracer_thread->tid : 0;
	*stopped = traced && t->trace.stopped;
	spin_unlock(&pid_table_lock);
	return tracer;
}
