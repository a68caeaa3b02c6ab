/*
 * Process groups and sessions.
 *
 * A group is a number and the list of its members (struct pid); it exists as long as it has one, and
 * so does its number. All members are of one session. Everything is under pid_table_lock, so a
 * signal to a group reaches exactly those who were members at one moment: a fork that is not yet
 * published then sees the parent's pending signal and starts again (clone.c).
 *
 * process->group and ->session are written under the lock and may be read without it by calls that
 * only report them.
 */
#include "proc/group.h"

#include <asm/signal.h>

#include "lib/errno.h"
#include "proc/process.h"
#include "proc/signal.h"

static const struct session_ops *session_ops;

void session_set_ops(const struct session_ops *ops)
{
	WRITE_ONCE(session_ops, ops);
}

void session_leader_exited(struct process *p)
{
	const struct session_ops *ops = READ_ONCE(session_ops);

	if (READ_ONCE(p->session) == p->pid && ops && ops->leader_exited)
		ops->leader_exited(p);
}

void process_terminal(const struct process *p, struct session_terminal *out)
{
	const struct session_ops *ops = READ_ONCE(session_ops);

	/* Words that may change beside this, as on Linux. */
	if (READ_ONCE(p->tty_left) || !ops || !ops->terminal ||
		!ops->terminal(READ_ONCE(p->session), out))
		*out = (struct session_terminal){.group = -1};
}

static void move(struct list *link, struct list *to, u32 *word, struct pid *n)
	REQUIRES(&pid_table_lock)
{
	list_remove(link);
	list_push_back(to, link);
	pid_hold_locked(n);
	WRITE_ONCE(*word, n->number);
}

void group_join_locked(struct process *p, u32 group, u32 session)
{
	struct pid *g = pid_lookup_locked(group), *s = pid_lookup_locked(session);

	CHECK(g && s);
	move(&p->family.in_group, &g->group, &p->group, g);
	move(&p->family.in_session, &s->session, &p->session, s);
}

/* The numbers stay readable in the process. */
void group_leave_locked(struct process *p)
{
	list_remove(&p->family.in_group);
	list_remove(&p->family.in_session);
	pid_drop_locked(pid_lookup_locked(p->group));
	pid_drop_locked(pid_lookup_locked(p->session));
}

static struct process *group_first_locked(u32 group) REQUIRES(&pid_table_lock)
{
	struct pid *n = pid_lookup_locked(group);

	if (!n || list_empty(&n->group))
		return NULL;
	return list_first(&n->group, struct process, family.in_group);
}

bool group_in_session(u32 group, u32 session)
{
	spin_lock(&pid_table_lock);
	const struct process *p = group_first_locked(group);
	bool ok = p && p->session == session;
	spin_unlock(&pid_table_lock);
	return ok;
}

/* -- moving -- */

/* The process that setpgid(2) is about: the caller, or a child of it that has not called
 * execve(2). */
static int group_target_locked(struct process *self, u32 pid, struct process **out)
	REQUIRES(&pid_table_lock)
{
	struct pid *n = pid_lookup_locked(pid);
	struct process *p = n ? n->process : NULL;

	if (!p)
		return -ESRCH;
	*out = p;
	if (p == self)
		return 0;
	if (p->family.parent != self)
		return -ESRCH;
	if (p->session != self->session)
		return -EPERM;
	return p->family.has_execed ? -EACCES : 0;
}

static int group_set_locked(struct process *self, u32 pid, u32 group) REQUIRES(&pid_table_lock)
{
	struct process *p;

	int err = group_target_locked(self, pid, &p);
	if (err)
		return err;
	if (p->session == p->pid)
		return -EPERM;
	if (group != pid) {
		const struct process *member = group_first_locked(group);
		if (!member || member->session != self->session)
			return -EPERM;
	}
	if (p->group == group)
		return 0;
	u32 old = p->group;
	struct pid *n = pid_lookup_locked(group);
	move(&p->family.in_group, &n->group, &p->group, n);
	pid_drop_locked(pid_lookup_locked(old));
	return 0;
}

int group_set(u32 pid, u32 group)
{
	struct process *self = current_process();

	pid = pid ? pid : self->pid;
	group = group ? group : pid;
	spin_lock(&pid_table_lock);
	int err = group_set_locked(self, pid, group);
	spin_unlock(&pid_table_lock);
	return err;
}

s64 group_new_session(void)
{
	struct process *p = current_process();
	s64 result = -EPERM;

	spin_lock(&pid_table_lock);
	struct pid *own = pid_lookup_locked(p->pid);
	/* Neither a leader already, nor may others be in a group of that number. */
	if (p->session != p->pid && list_empty(&own->group)) {
		group_leave_locked(p);
		group_join_locked(p, p->pid, p->pid);
		/* A new session has no terminal, so none was given up. */
		WRITE_ONCE(p->tty_left, false);
		result = p->pid;
	}
	spin_unlock(&pid_table_lock);
	return result;
}

/* -- orphans and signals -- */

/* Members that have died don't count, nor those whose parent is the kernel. */
static bool is_tie(const struct process *p, u32 group)
{
	const struct process *parent = p->family.parent;

	return !p->dead && parent && parent->group != group && parent->session == p->session;
}

static bool orphaned_locked(u32 group, const struct process *ignored) REQUIRES(&pid_table_lock)
{
	struct pid *n = pid_lookup_locked(group);
	struct process *p;

	if (!n)
		return true;
	list_for_each_entry (p, &n->group, family.in_group)
		if (p != ignored && is_tie(p, group))
			return false;
	return true;
}

bool group_is_orphaned(u32 group)
{
	spin_lock(&pid_table_lock);
	bool orphaned = orphaned_locked(group, NULL);
	spin_unlock(&pid_table_lock);
	return orphaned;
}

static bool has_stopped_locked(u32 group) REQUIRES(&pid_table_lock)
{
	struct pid *n = pid_lookup_locked(group);
	struct process *p;

	list_for_each_entry (p, &n->group, family.in_group)
		if (atomic32_load(&p->stopped))
			return true;
	return false;
}

static void group_signal_locked(u32 group, u32 signal) REQUIRES(&pid_table_lock)
{
	struct pid *n = pid_lookup_locked(group);
	struct process *p;

	if (!n)
		return;
	list_for_each_entry (p, &n->group, family.in_group) {
		p->signals.group_signals++;
		(void)!signal_send(p, 0, signal);
	}
}

void group_signal(u32 group, u32 signal)
{
	spin_lock(&pid_table_lock);
	group_signal_locked(group, signal);
	spin_unlock(&pid_table_lock);
}

void group_check_orphaned_locked(
	struct process *p, const struct process *parent, const struct process *ignored)
{
	if (!parent || parent->group == p->group || parent->session != p->session)
		return;
	if (!has_stopped_locked(p->group) || !orphaned_locked(p->group, ignored))
		return;
	group_signal_locked(p->group, SIGHUP);
	group_signal_locked(p->group, SIGCONT);
}
