/*
 * Parents and children: who is told of a death, who waits, who inherits orphans. What is embedded in
 * struct process is guarded by the pid table's lock (pid_table_lock), so that a parent's death, a
 * child's death and a wait can't pass each other unseen.
 *
 * A tree of processes begins with one that the kernel itself started (process_spawn()): its root,
 * which is to the others what init is on Linux. It inherits orphans, and when it ends everything in
 * its tree is killed first.
 */
#ifndef PROC_FAMILY_H
#define PROC_FAMILY_H

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "sched/wait.h"

struct process;
struct ptrace_dropped;
struct signal_info;
struct thread;

/* All under pid_table_lock, except where it says otherwise. */
struct family {
	struct process *parent;	    /* NULL: the kernel, which reaps at once */
	struct process *root;	    /* constant; itself for the first of a tree */
	u32 parent_tid;		    /* the parent's thread that made it (pdeathsig, __WNOTHREAD) */
	struct list children;	    /* that have not died, by sibling; oldest first */
	struct list zombies;	    /* that have, and were not waited for, by sibling */
	struct list sibling;	    /* in one of the two */
	struct list in_group;	    /* members of its process group */
	struct list in_session;	    /* members of its session */
	u32 tree_count;		    /* of a root: others in the tree that were not reaped */
	bool ending;		    /* of a root: nobody new comes into the tree */
	bool subreaper;		    /* prctl PR_SET_CHILD_SUBREAPER */
	bool has_subreaper;	    /* an ancestor is, or was, one */
	bool has_execed;	    /* since it was forked: setpgid(2) of it fails */
	u32 exit_signal;	    /* to the parent when it dies; 0: none */
	u32 death_signal;	    /* prctl PR_SET_PDEATHSIG */
	bool death_wishes;	    /* a child has, or had, a death_signal */
	struct waitq child_waiters; /* parents that wait; woken under the lock */
	struct list tracees;	    /* threads that those of this process trace, by trace.link */
	struct thread
		*traced_first; /* its first thread, if that is traced, even when it has ended */
	u32 traced_gone; /* its other threads that have ended and that their tracers have not waited
			    for: its death is told after theirs */
	bool death_hidden; /* it has died, and its parent does not hear of it yet */
};

void family_init(struct process *p);
/* Puts a process that is not yet in the table into its parent's tree (NULL: a root of its own), its
 * parent's group and session. The lock is held. */
void family_join_locked(struct process *p, struct process *parent);

/* A root's last thread is on its way out: kills all others of its tree and sleeps until they are
 * reaped. Nothing for others. */
void family_end_tree(struct process *p);
/* The last thread has gone and everything is given back: hands the children to whom they belong now,
 * tells the parent, and becomes a zombie or is reaped. */
void family_die(struct process *p);
/* A thread of p has gone: children that it made and that asked for it get their signal. */
void family_thread_gone(struct process *p, u32 tid);

/* Takes a dead process out of the table for good. The table's reference goes to *dropped. The lock is
 * held. */
void family_reap_locked(struct process *p, struct ptrace_dropped *dropped);
/* Tells who is to hear of p's death next: a tracer or the parent, who may not want to know more of it.
 * It stands among its parent's zombies. The lock is held. */
void family_publish_death_locked(struct process *p, struct ptrace_dropped *dropped);
/* Drops the table's references on processes in a list by sibling. Thread context, no lock held. */
void family_put_reaped(struct list *reaped);
/* SIGCHLD because of a stop, unless `to` does not want that, and the end of its waits. The lock is
 * held. */
void family_tell_stop_locked(struct process *to, const struct signal_info *info);

/* What the running process asks of its family: a signal when its parent dies (0: none); the orphans
 * among its descendants. */
void family_set_death_signal(u32 signal);
void family_set_subreaper(bool on);

/* p was stopped by signal as a whole, or goes on: the parent is woken and, unless it asked not to, signalled.
 * Thread context, no lock held. */
void family_report_stopped(struct process *p, u32 signal);
void family_report_continued(struct process *p);

#endif
