/*
 * wait4(2) and waitid(2).
 *
 * One look at the children, under pid_table_lock, either takes what there is (and reaps it), or finds
 * out that there is nothing yet, or that there can never be anything (-ECHILD). Dead children are in
 * a list of their own, so the common waits look at one child however many there are.
 *
 * A living child's stop or continue is in its process_signals; signal_stop.c says when it appears and who wakes us.
 *
 * Sleeping: family.c says why no wakeup is lost. Two threads that wait for the same child: both are
 * woken, one reaps, the other looks again, and perhaps finds that there is nothing left to wait for.
 */
#include "proc/childwait.h"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/wait.h>

#include "lib/errno.h"
#include "proc/family.h"
#include "proc/pid.h"
#include "proc/ptrace.h"
#include "proc/signal.h"

#define STATUS_STOPPED(signal) ((signal) << 8 | 0x7f)
#define STATUS_CONTINUED 0xffff

u32 process_wait_status(const struct process *p)
{
	return p->exit_signal_number ? p->exit_signal_number : p->exit_status << 8;
}

static bool number_matches(const struct process *p, const struct child_wait *w)
{
	switch (w->which) {
	case CHILD_PID:
		return p->pid == w->number;
	case CHILD_GROUP:
		return p->group == w->number;
	default:
		return true;
	}
}

/* Whether the wait is about this child at all. */
static bool child_matches(const struct process *p, const struct child_wait *w)
	REQUIRES(&pid_table_lock)
{
	if (!number_matches(p, w))
		return false;
	if ((w->options & __WNOTHREAD) && p->family.parent_tid != current_thread()->tid)
		return false;
	if (w->options & __WALL)
		return true;
	bool clone = p->family.exit_signal != SIGCHLD;
	return clone == !!(w->options & __WCLONE);
}

static void take_identity(struct child_wait *w, const struct process *p)
{
	w->pid = p->pid;
	w->uid = READ_ONCE(p->cred.uid);
}

static void take_death(struct child_wait *w, struct process *p)
{
	take_identity(w, p);
	w->wstatus = process_wait_status(p);
	w->status = p->exit_signal_number ? p->exit_signal_number : p->exit_status;
	w->code = p->exit_signal_number ? CLD_KILLED : CLD_EXITED;
	process_usage(p, &w->usage);
	usage_add(&w->usage, &p->children_usage);
}

/* The first dead child that matches; which costs one look if any will do. *hope: there is one of which
 * its tracer has to hear first. */
static struct process *find_dead(struct process *self, const struct child_wait *w, bool *hope)
	REQUIRES(&pid_table_lock)
{
	struct process *p;

	if (w->which == CHILD_PID) {
		struct pid *n = pid_lookup_locked(w->number);
		p = n ? n->process : NULL;
		if (!p || p->family.parent != self || !p->dead || !child_matches(p, w))
			return NULL;
		*hope = p->family.death_hidden;
		return *hope ? NULL : p;
	}
	list_for_each_entry (p, &self->family.zombies, family.sibling) {
		if (!child_matches(p, w))
			continue;
		if (!p->family.death_hidden)
			return p;
		*hope = true;
	}
	return NULL;
}

/* Looks at dead children. */
static bool look_at_dead(struct process *self, struct child_wait *w, bool *hope,
	struct ptrace_dropped *dropped) REQUIRES(&pid_table_lock)
{
	struct process *p = (w->options & WEXITED) ? find_dead(self, w, hope) : NULL;

	if (!p)
		return false;
	take_death(w, p);
	if (w->options & WNOWAIT)
		return true;
	usage_add(&self->children_usage, &w->usage);
	family_reap_locked(p, dropped);
	return true;
}

static bool take_event(struct process *p, struct child_wait *w) REQUIRES(&pid_table_lock)
{
	u32 kinds = (w->options & WSTOPPED ? BIT(WAIT_EVENT_STOPPED) : 0) |
		    (w->options & WCONTINUED ? BIT(WAIT_EVENT_CONTINUED) : 0);
	u32 signal;

	/* Its stops are told as a tracee's. */
	if (ptrace_is_tracer_of(current_process(), p))
		kinds &= ~BIT(WAIT_EVENT_STOPPED);
	enum wait_event_kind event = signal_take_event(p, kinds, w->options & WNOWAIT, &signal);

	if (event == WAIT_EVENT_NONE)
		return false;
	bool stopped = event == WAIT_EVENT_STOPPED;
	take_identity(w, p);
	w->code = stopped ? CLD_STOPPED : CLD_CONTINUED;
	w->status = signal;
	w->wstatus = stopped ? STATUS_STOPPED(signal) : STATUS_CONTINUED;
	process_usage(p, &w->usage);
	return true;
}

/* Looks at living children. *hope: there is one that the wait is about. */
static bool look_at_living(struct process *self, struct child_wait *w, bool *hope)
	REQUIRES(&pid_table_lock)
{
	bool events = w->options & (WSTOPPED | WCONTINUED);
	struct process *p;

	if (w->which == CHILD_PID) {
		struct pid *n = pid_lookup_locked(w->number);
		p = n ? n->process : NULL;
		if (!p || p->family.parent != self || p->dead || !child_matches(p, w))
			return false;
		*hope = true;
		return take_event(p, w);
	}
	list_for_each_entry (p, &self->family.children, family.sibling) {
		if (!child_matches(p, w))
			continue;
		*hope = true;
		if (!events)
			return false;
		if (take_event(p, w))
			return true;
	}
	return false;
}

/* True if the wait is over: something was found (0), or nothing ever will be (-ECHILD). */
static bool look(struct child_wait *w, int *err)
{
	struct ptrace_dropped dropped = PTRACE_DROPPED_INIT(dropped);
	struct process *self = current_process();
	bool hope = false;

	spin_lock(&pid_table_lock);
	bool found = look_at_dead(self, w, &hope, &dropped) || look_at_living(self, w, &hope) ||
		     ptrace_look_locked(w, &hope, &dropped);
	spin_unlock(&pid_table_lock);
	ptrace_dropped_put(&dropped);
	*err = found || hope ? 0 : -ECHILD;
	return found || !hope;
}

int child_wait(struct child_wait *w)
{
	struct process *self = current_process();
	int err;

	w->pid = 0;
	if (look(w, &err) || (w->options & WNOHANG))
		return err;
	int wait_err = wait_event(&self->family.child_waiters, look(w, &err),
		THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
	return wait_err ? wait_err : err;
}
