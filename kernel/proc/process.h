/*
 * Processes: what shares an address space, descriptors and an exit status.
 *
 * Locking key: (p) process->lock; (c) constant; (a) atomic; (t) pid table's lock.
 */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/refcount.h"
#include "lib/types.h"
#include "mm/mm.h"
#include "proc/file.h"
#include "sched/thread.h"

struct credentials {
	u32 uid, euid, suid, fsuid;
	u32 gid, egid, sgid, fsgid;
	u32 group_count;
	u32 groups[32];
};

struct process {
	struct refcount refs;      /* (a) */
	struct spinlock lock;      /* RANK_PROCESS */
	u32 pid;                   /* (c) also the tid of its first thread */
	struct process *parent;    /* (t) */
	struct list children;      /* (t) */
	struct list sibling;       /* (t) */
	struct list threads;       /* (p) */
	u32 thread_count;          /* (p) */
	struct mm *mm;             /* (p) NULL once it has exited */
	struct files *files;       /* (p) */
	struct credentials cred;   /* (p) */
	char name[16];             /* (p) */
	char *cwd;                 /* (p) absolute path */
	char *exe;                 /* (p) absolute path of the program */
	u32 umask;                 /* (p) */
	atomic32_t killed;         /* (a) 1: every thread must exit at its next look */
	u32 exit_signal_number;    /* (p) 0, or what ended it */
	u32 exit_status;           /* (p) */
	uaddr_t fault_address;     /* (p) for the report */
	uaddr_t fault_ip;          /* (p) */
	const char *kill_reason;   /* (p) */
	struct waitq exit_waiters; /* woken when the last thread is gone */
	bool dead;                 /* (p) */
	u64 start_ns;              /* (c) */
};

struct process *current_process(void);

/* A process with one thread that runs the program; arguments are kernel strings. 0 or -errno as execve(2). */
MUST_CHECK int process_spawn(struct file *program, const char *path, char *const argv[], char *const envp[],
	const char *cwd, struct files *files, struct process **out);
void process_get(struct process *p);
void process_put(struct process *p);
/* Ends the whole process: from any thread, or by signal from outside. First reason wins. */
void process_kill(struct process *p, u32 signal, const char *reason, uaddr_t address, uaddr_t ip);
/* exit_group(2) and exit(2). */
NORETURN void process_exit_group(u32 status);
NORETURN void process_exit_thread(u32 status);
/* Sleeps until the last thread has gone and everything is freed. */
void process_wait_dead(struct process *p);
struct process *process_find(u32 pid); /* with a reference, or NULL */

void process_init(void);

#endif
