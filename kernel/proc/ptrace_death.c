/*
 * Tracees that have ended, and what a wait tells a tracer.
 *
 * A thread that ends while it is traced stays in its tracer's list, with its number, until a wait has
 * told of it or the tracer is gone. For a process's first thread that is the process's death, which
 * comes after those of the other threads. A tracer that is not the parent hears of a death first; the
 * parent when that is done (family.death_hidden). All under pid_table_lock.
 */
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/wait.h>

#include "lib/errno.h"
#include "proc/childwait.h"
#include "proc/ptrace_private.h"

#define STATUS_STOPPED(code) ((u32)(code) << 8 | 0x7f)

/* -- deaths -- */

static void tell_end(struct thread *t, u32 wstatus) REQUIRES(&pid_table_lock)
{
	struct signal_info info;
	bool killed = wstatus & 0x7f;

	signal_info_of_child(&info, t->process, killed ? CLD_KILLED : CLD_EXITED,
		(s32)(killed ? wstatus & 0x7f : wstatus >> 8));
	info.si_pid = (s32)t->tid;
	(void)!signal_post(t->trace.tracer, 0, &info);
	waitq_wake_all(&t->trace.tracer->family.child_waiters);
}

bool ptrace_thread_gone_locked(struct thread *t, u32 status)
{
	struct process *p = t->process;

	if (!t->trace.tracer)
		return false;
	t->trace.gone = true;
	t->trace.stopped = false;
	t->trace.end = status;
	if (t->tid == p->pid)
		return false;
	p->family.traced_gone++;
	tell_end(t, status);
	return true;
}

bool ptrace_is_tracer_of(const struct process *tracer, const struct process *p)
{
	return p->family.traced_first && p->family.traced_first->trace.tracer == tracer;
}

bool ptrace_hides_death_locked(struct process *p)
{
	const struct process *parent = p->family.parent;
	const struct thread *first = p->family.traced_first;

	if (!parent || parent->family.ending)
		return false;
	return p->family.traced_gone || (first && first->trace.tracer != parent);
}

void ptrace_tell_death_locked(struct process *p)
{
	struct thread *first = p->family.traced_first;

	if (!p->family.traced_gone && first && first->trace.tracer != p->family.parent)
		tell_end(first, process_wait_status(p));
}

void ptrace_reaped_locked(struct process *p, struct ptrace_dropped *dropped)
{
	p->family.death_hidden = false;
	if (p->family.traced_first)
		ptrace_unlink_locked(p->family.traced_first, dropped);
}

/* -- waiting -- */

static bool matches(const struct thread *t, const struct child_wait *w) REQUIRES(&pid_table_lock)
{
	if ((w->options & __WNOTHREAD) && t->trace.tracer_thread != current_thread())
		return false;
	switch (w->which) {
	case CHILD_PID:
		return t->tid == w->number;
	case CHILD_GROUP:
		return t->process->group == w->number;
	default:
		return true;
	}
}

static void take_identity(struct child_wait *w, const struct thread *t)
{
	w->pid = t->tid;
	w->uid = READ_ONCE(t->process->cred.uid);
	process_usage(t->process, &w->usage);
}

static void take_end(struct child_wait *w, const struct thread *t, u32 wstatus)
{
	take_identity(w, t);
	w->wstatus = wstatus;
	w->code = wstatus & 0x7f ? CLD_KILLED : CLD_EXITED;
	w->status = wstatus & 0x7f ? wstatus & 0x7f : wstatus >> 8;
}

static bool look_at_thread(struct thread *t, struct child_wait *w, struct ptrace_dropped *dropped)
	REQUIRES(&pid_table_lock)
{
	if (!(w->options & WEXITED))
		return false;
	take_end(w, t, t->trace.end);
	if (!(w->options & WNOWAIT))
		ptrace_unlink_locked(t, dropped);
	return true;
}

/* The parent's own wait finds the others. */
static bool look_at_process(struct thread *t, struct child_wait *w, struct ptrace_dropped *dropped)
	REQUIRES(&pid_table_lock)
{
	struct process *p = t->process, *self = current_process();

	if (!p->dead || p->family.traced_gone || !(w->options & WEXITED))
		return false;
	take_end(w, t, process_wait_status(p));
	if (w->options & WNOWAIT)
		return true;
	if (p->family.parent == self) {
		usage_add(&self->children_usage, &w->usage);
		family_reap_locked(p, dropped);
	} else {
		ptrace_unlink_locked(t, dropped);
	}
	return true;
}

static bool look_at_stop(struct thread *t, struct child_wait *w) REQUIRES(&pid_table_lock)
{
	s32 code = t->trace.code;

	if (!t->trace.stopped || t->trace.listening || !code)
		return false;
	take_identity(w, t);
	w->code = CLD_TRAPPED;
	w->status = (u32)code;
	w->wstatus = STATUS_STOPPED(code);
	if (!(w->options & WNOWAIT))
		t->trace.code = 0;
	return true;
}

bool ptrace_look_locked(struct child_wait *w, bool *hope, struct ptrace_dropped *dropped)
{
	struct thread *t, *next;

	list_for_each_entry_safe (t, next, &current_process()->family.tracees, trace.link) {
		if (!matches(t, w))
			continue;
		bool first = t->tid == t->process->pid;
		/* A thread that has ended is no hope for who does not want to hear of that. */
		*hope = *hope || first || !t->trace.gone || (w->options & WEXITED);
		if (t->trace.gone && !first) {
			if (look_at_thread(t, w, dropped))
				return true;
		} else if (t->trace.gone) {
			if (look_at_process(t, w, dropped))
				return true;
		} else if (look_at_stop(t, w)) {
			return true;
		}
	}
	return false;
}
