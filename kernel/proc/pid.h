/*
 * Numbers of processes, threads, process groups and sessions, and finding what has them. Thread
 * context.
 */
#ifndef PROC_PID_H
#define PROC_PID_H

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "sync/spinlock.h"

struct process;
struct thread;

/* Linux's default for /proc/sys/kernel/pid_max. */
#define PID_MAX 32768U

/* What has a number. Under pid_table_lock. */
struct pid {
	u32 number;
	u32 users; /* its owner until it is reaped, each member of the group and of the session */
	struct process *process; /* that has it, until it is reaped; with a reference */
	struct thread *thread;	 /* that has it and runs */
	struct list group;	 /* members of the process group, by family.in_group */
	struct list session;	 /* members of the session, by family.in_session */
};

/* RANK_PID_TABLE: numbers, families, groups, sessions. Taken before process locks, never from an
 * interrupt. */
extern struct spinlock pid_table_lock;

/* A number that nobody has. -EAGAIN: all are taken; -ENOMEM. *out is 0 then. */
MUST_CHECK int pid_alloc(u32 *out);
void pid_free(u32 number);
/* What has the number: NULL if nobody. The lock is held. */
struct pid *pid_lookup_locked(u32 number) REQUIRES(&pid_table_lock);
/* The least number that is taken, from that one on; 0: none. */
u32 pid_next_taken_locked(u32 from) REQUIRES(&pid_table_lock);
/* One more, or one less, that the number must not be given out for. */
void pid_hold_locked(struct pid *n) REQUIRES(&pid_table_lock);
void pid_drop_locked(struct pid *n) REQUIRES(&pid_table_lock);

/* Has it been given to a process, thread, group or session that is still there. */
bool pid_in_use(u32 number);

/* Makes the process findable; the table takes a reference. */
void pid_table_add_locked(struct process *p) REQUIRES(&pid_table_lock);
/* The opposite, and gives the number up; the caller drops that reference without the lock. */
void pid_table_remove_locked(struct process *p) REQUIRES(&pid_table_lock);
/* A thread runs under its number, or no longer. */
void pid_set_thread_locked(u32 tid, struct thread *t) REQUIRES(&pid_table_lock);
/* The thread with the number, or NULL; no reference. */
struct thread *pid_thread_locked(u32 tid) REQUIRES(&pid_table_lock);

/* The number that was given out last. */
u32 pid_last(void);

/* Calls fn for every process, in order of pid, under the table's lock (fn may take process locks,
 * may not sleep), until it returns true; that process comes back with a reference. NULL if none
 * did. */
struct process *pid_table_search(bool (*fn)(struct process *p, void *arg), void *arg);
/* The first with this number or a higher one, with a reference; NULL if there is none. */
struct process *process_next(u32 pid);

#endif
