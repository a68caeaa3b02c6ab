/*
 * Parents and children.
 *
 * A child's death (family_die()), its parent's death (which hands it to another parent), a wait
 * (childwait.c) and a fork (clone.c) all change the lists under pid_table_lock. So a dying child tells
 * whoever is its parent at that moment, and a parent that dies afterwards takes the zombie along to the
 * next: no death is lost, and none is told to a process that is gone. A parent pointer needs no
 * reference, because a process that is gone for good has no children any more.
 *
 * No wakeup of a wait is lost: the waiter joins child_waiters, then looks at the lists under the
 * lock; what changes them wakes the queue before it gives the lock back.
 *
 * The end of a tree. Its root sets `ending` under the lock; a fork that has not been published by
 * then is refused under the same lock, so whoever is in the table after that is all there is. Each is
 * killed, and reaped as soon as it dies whoever its parent is, because a root that ends reaps what it
 * inherits. The last one reaped wakes the root.
 */
#include "proc/family.h"

#include <asm/siginfo.h>
#include <asm/signal.h>

#include "proc/group.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/ptrace.h"
#include "proc/signal.h"

void family_init(struct process *p)
{
	struct family *f = &p->family;

	list_init(&f->children);
	list_init(&f->zombies);
	list_init(&f->sibling);
	list_init(&f->in_group);
	list_init(&f->in_session);
	list_init(&f->tracees);
	waitq_init(&f->child_waiters);
	f->root = p;
}

void family_join_locked(struct process *p, struct process *parent) REQUIRES(&pid_table_lock)
{
	struct family *f = &p->family;

	f->parent = parent;
	if (!parent) {
		group_join_locked(p, p->pid, p->pid);
		return;
	}
	f->root = parent->family.root;
	f->root->family.tree_count++;
	f->has_subreaper = parent->family.subreaper || parent->family.has_subreaper;
	list_push_back(&parent->family.children, &f->sibling);
	group_join_locked(p, parent->group, parent->session);
}

void family_reap_locked(struct process *p, struct ptrace_dropped *dropped) REQUIRES(&pid_table_lock)
{
	struct process *root = p->family.root;

	ptrace_reaped_locked(p, dropped);
	list_remove(&p->family.sibling);
	list_push_back(&dropped->processes, &p->family.sibling);
	group_leave_locked(p);
	pid_table_remove_locked(p);
	WRITE_ONCE(p->reaped, true);
	/* Who polls a descriptor of it. */
	waitq_wake_all(&p->exit_waiters);
	if (root == p)
		return;
	CHECK(root->family.tree_count > 0);
	if (--root->family.tree_count == 0)
		waitq_wake_all(&root->life_waiters);
}

/* -- telling the parent -- */

/* How the parent wants to hear of its children, read from its action for SIGCHLD. */
struct parent_wishes {
	bool ignores, no_zombies, no_stops;
};

static struct parent_wishes parent_wishes(struct process *parent)
{
	struct sigaction a;

	signal_action_of(parent, SIGCHLD, &a);
	return (struct parent_wishes){
		.ignores = a.sa_handler == SIG_IGN,
		.no_zombies = a.sa_handler == SIG_IGN || (a.sa_flags & SA_NOCLDWAIT),
		.no_stops = a.sa_handler == SIG_IGN || (a.sa_flags & SA_NOCLDSTOP),
	};
}

static void signal_parent(struct process *p, u32 signal, s32 code, s32 status)
{
	struct signal_info info;

	if (signal < 1 || signal > SIGNAL_COUNT)
		return;
	signal_info_of_child(&info, p, code, status);
	info.si_signo = (s32)signal;
	/* The kernel's own is never refused. */
	(void)!signal_post(p->family.parent, 0, &info);
}

/* The parent hears that p has died. True if nobody will wait for it. */
static bool tell_death_locked(struct process *p) REQUIRES(&pid_table_lock)
{
	struct process *parent = p->family.parent;
	u32 signal = p->family.exit_signal;
	bool reap = false;

	if (!parent || parent->family.ending)
		return true;
	/* A tracer hears of the death whatever it wants to hear of its children. */
	if (signal == SIGCHLD && !p->family.traced_first) {
		struct parent_wishes w = parent_wishes(parent);
		reap = w.no_zombies;
		signal = w.ignores ? 0 : signal;
	}
	if (p->exit_signal_number)
		signal_parent(p, signal, CLD_KILLED, (s32)p->exit_signal_number);
	else
		signal_parent(p, signal, CLD_EXITED, (s32)p->exit_status);
	waitq_wake_all(&parent->family.child_waiters);
	return reap;
}

void family_publish_death_locked(struct process *p, struct ptrace_dropped *dropped)
	REQUIRES(&pid_table_lock)
{
	p->family.death_hidden = ptrace_hides_death_locked(p);
	if (p->family.death_hidden)
		ptrace_tell_death_locked(p);
	else if (tell_death_locked(p))
		family_reap_locked(p, dropped);
}

void family_tell_stop_locked(struct process *to, const struct signal_info *info)
	REQUIRES(&pid_table_lock)
{
	if (!parent_wishes(to).no_stops)
		(void)!signal_post(to, 0, info);
	waitq_wake_all(&to->family.child_waiters);
}

static void report_event(struct process *p, s32 code, u32 signal)
{
	spin_lock(&pid_table_lock);
	struct process *parent = p->family.parent;
	if (parent && !p->dead) {
		if (code == CLD_STOPPED)
			signal_publish_stop(p);
		if (!parent_wishes(parent).no_stops)
			signal_parent(p, SIGCHLD, code, (s32)signal);
		waitq_wake_all(&parent->family.child_waiters);
	}
	spin_unlock(&pid_table_lock);
}

void family_report_stopped(struct process *p, u32 signal)
{
	report_event(p, CLD_STOPPED, signal);
}

void family_report_continued(struct process *p)
{
	report_event(p, CLD_CONTINUED, SIGCONT);
}

/* -- orphans -- */

/* Who inherits the children of p: the nearest ancestor that asked for it, or the root. */
static struct process *family_reaper(const struct process *p) REQUIRES(&pid_table_lock)
{
	struct process *a = p->family.parent;

	if (!p->family.has_subreaper)
		return p->family.root;
	while (a && a != p->family.root && !a->family.subreaper)
		a = a->family.parent;
	return a ? a : p->family.root;
}

static void adopt_locked(struct process *child, struct process *parent) REQUIRES(&pid_table_lock)
{
	child->family.parent = parent;
	child->family.parent_tid = parent->pid;
	child->family.exit_signal = SIGCHLD;
	if (child->family.death_signal)
		WRITE_ONCE(parent->family.death_wishes, true);
	list_remove(&child->family.sibling);
}

static void give_child_away_locked(struct process *child, struct process *from, struct process *to)
	REQUIRES(&pid_table_lock)
{
	adopt_locked(child, to);
	list_push_back(&to->family.children, &child->family.sibling);
	if (child->family.death_signal)
		(void)!signal_send(child, 0, child->family.death_signal);
	group_check_orphaned_locked(child, from, NULL);
	/* A wait of the new parent may be interested in how the child has stopped. */
	waitq_wake_all(&to->family.child_waiters);
}

/* Its death is told once more. Who will not be waited for goes to *dropped. */
static void give_zombie_away_locked(struct process *zombie, struct process *to,
	struct ptrace_dropped *dropped) REQUIRES(&pid_table_lock)
{
	adopt_locked(zombie, to);
	list_push_back(&to->family.zombies, &zombie->family.sibling);
	family_publish_death_locked(zombie, dropped);
}

static void give_all_away_locked(struct process *p, struct ptrace_dropped *dropped)
	REQUIRES(&pid_table_lock)
{
	struct process *to = family_reaper(p), *child, *next;

	/* A root has outlived all others. */
	CHECK(to != p || (list_empty(&p->family.children) && list_empty(&p->family.zombies)));
	list_for_each_entry_safe (child, next, &p->family.children, family.sibling)
		give_child_away_locked(child, p, to);
	list_for_each_entry_safe (child, next, &p->family.zombies, family.sibling)
		give_zombie_away_locked(child, to, dropped);
}

void family_thread_gone(struct process *p, u32 tid)
{
	struct process *child;

	/* Most never have a child that asks. Read without the lock: a child of a thread that is
	 * here can't begin to exist. */
	if (!READ_ONCE(p->family.death_wishes))
		return;
	spin_lock(&pid_table_lock);
	list_for_each_entry (child, &p->family.children, family.sibling)
		if (child->family.parent_tid == tid && child->family.death_signal)
			(void)!signal_send(child, 0, child->family.death_signal);
	spin_unlock(&pid_table_lock);
}

/* -- wishes -- */

void family_set_death_signal(u32 signal)
{
	struct process *p = current_process();

	spin_lock(&pid_table_lock);
	WRITE_ONCE(p->family.death_signal, signal);
	if (p->family.parent && signal)
		WRITE_ONCE(p->family.parent->family.death_wishes, true);
	spin_unlock(&pid_table_lock);
}

static bool mark_descendant(struct process *p, void *arg)
{
	const struct process *a = p->family.parent;

	while (a && a != arg)
		a = a->family.parent;
	if (a)
		p->family.has_subreaper = true;
	return false;
}

/* Descendants that are there already are to come here, too. */
void family_set_subreaper(bool on)
{
	struct process *p = current_process();

	spin_lock(&pid_table_lock);
	WRITE_ONCE(p->family.subreaper, on);
	spin_unlock(&pid_table_lock);
	if (on)
		CHECK(!pid_table_search(mark_descendant, p));
}

/* -- the end -- */

void family_put_reaped(struct list *reaped)
{
	struct process *p, *next;

	list_for_each_entry_safe (p, next, reaped, family.sibling) {
		list_remove(&p->family.sibling);
		process_put(p);
	}
}

void family_die(struct process *p)
{
	struct ptrace_dropped dropped = PTRACE_DROPPED_INIT(dropped);

	spin_lock(&pid_table_lock);
	give_all_away_locked(p, &dropped);
	spin_lock(&p->lock);
	/* Read without either lock by process_wait_dead(), which the wake below orders. */
	WRITE_ONCE(p->dead, true);
	spin_unlock(&p->lock);
	group_check_orphaned_locked(p, p->family.parent, p);
	list_remove(&p->family.sibling);
	if (p->family.parent)
		list_push_back(&p->family.parent->family.zombies, &p->family.sibling);
	family_publish_death_locked(p, &dropped);
	spin_unlock(&pid_table_lock);
	waitq_wake_all(&p->exit_waiters);
	ptrace_dropped_put(&dropped);
}

/* Zombies that nobody will wait for any more. */
static void drop_zombies(struct process *root)
{
	struct ptrace_dropped dropped = PTRACE_DROPPED_INIT(dropped);
	struct process *p, *next;

	spin_lock(&pid_table_lock);
	root->family.ending = true;
	list_for_each_entry_safe (p, next, &root->family.zombies, family.sibling)
		family_reap_locked(p, &dropped);
	spin_unlock(&pid_table_lock);
	ptrace_dropped_put(&dropped);
}

static void kill_tree(const struct process *root)
{
	struct process *p;

	for (u32 pid = 1; (p = process_next(pid)) != NULL; process_put(p)) {
		pid = p->pid + 1;
		if (p != root && p->family.root == root)
			process_kill_now(p, "the first program has ended");
	}
}

void family_end_tree(struct process *p)
{
	if (p->family.root != p)
		return;
	drop_zombies(p);
	kill_tree(p);
	int err = wait_event(&p->life_waiters, READ_ONCE(p->family.tree_count) == 0,
		THREAD_SLEEPING, WAIT_FOREVER);
	CHECK(err == 0);
}
