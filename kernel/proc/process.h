/*
 * Processes: what shares an address space, descriptors and an exit status.
 *
 * A process is made by process_spawn() or process_clone(), lives while it has threads, and is dead
 * when the last of them has given back memory and descriptors. It can be found by its number until
 * it is reaped: by its parent's wait (childwait.c), or at once if nobody is interested. The
 * structure itself stays until the last reference is put: each thread holds one, the pid table holds
 * one until it is reaped, and whoever waits for it holds one.
 *
 * Ending: process_kill() and process_exit_group() record who was first and set `killed`; every
 * thread looks at it before it returns to ring 3 and whenever an interruptible sleep ends, and
 * leaves through process_exit_thread(). execve(2) ends all threads but its own in the same way:
 * `exec_thread` (process_must_leave()).
 *
 * Locking key: (p) process->lock; (c) constant once the process can be found; (a) atomic; (t) pid
 * table's lock. Lock order: pid table, process->lock, then what the scheduler takes to wake a
 * thread.
 */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include "arch/cpu.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/refcount.h"
#include "lib/types.h"
#include "mm/mm.h"
#include "proc/cred.h"
#include "proc/family.h"
#include "proc/file.h"
#include "proc/fscontext.h"
#include "proc/groups.h"
#include "proc/limits.h"
#include "proc/process_signals.h"
#include "sched/thread.h"
#include "sched/wait.h"
#include "time/timer.h"

struct process;

/* What a process, or its children together, have used. */
struct usage {
	struct time_split cpu;
	u64 voluntary, involuntary;
	u64 minor_faults;
	u64 peak_pages;
	struct io_counts io;
};
void usage_add(struct usage *to, const struct usage *u);
void io_counts_add(struct io_counts *to, const struct io_counts *io);

/* Linux's default, which prctl(2) tells. */
#define TIMER_SLACK_DEFAULT 50000UL

struct process {
	struct refcount refs;		      /* (a) */
	struct spinlock lock;		      /* RANK_PROCESS */
	u32 pid;			      /* (c) also the tid of its first thread */
	struct family family;		      /* proc/family.h */
	struct list threads;		      /* (p) */
	u32 thread_count;		      /* (p) */
	struct mm *mm;			      /* (p) NULL once it has exited */
	struct files *files;		      /* (p) NULL once it has exited */
	struct credentials cred;	      /* (p) */
	struct groups groups;		      /* proc/groups.h */
	struct rlimit64 limits[RLIM_NLIMITS]; /* (p) */
	char name[16];			      /* (p) its first thread's, also when that has gone */
	struct fs_context *fs; /* (p) working directory, umask; NULL once it has exited */
	char *exe;	       /* (p) absolute path of the program */
	struct file *program;  /* (p) held (proc/exec.h); NULL once it has exited */
	u32 group, session;    /* (t) read without the lock by calls that only tell */
	/* (p) /proc/PID/oom_score_adj, and the least that who may not raise priorities can set; oom.c reads
	 * it without the lock: as it is or was a moment ago. */
	s32 oom_score_adj, oom_score_least;
	bool dumpable;	     /* (p) prctl PR_SET_DUMPABLE */
	bool no_new_privs;   /* (p) */
	bool over_limit;     /* (p) its user had too many threads when it became that user's */
	bool tty_left;	     /* (p) gave up its session's terminal; one word, read without */
	u64 timer_slack;     /* (p) prctl PR_SET_TIMERSLACK: kept and told */
	u32 personality;     /* (p) personality(2): kept and told, nothing more */
	atomic32_t killed;   /* (a) 1: every thread must exit at its next look */
	atomic32_t kill_now; /* (a) 1: not even threads that end wait for a tracer */
	struct thread *exec_thread; /* (p) if set, all other threads must exit */
	struct waitq life_waiters;  /* woken when killed is set, or but one thread is left */
	/* (a) 1: threads wait in the exit path for SIGCONT; written under signals.lock */
	atomic32_t stopped;
	atomic32_t continued;		/* (a) 1: the parent has not heard of a SIGCONT yet */
	u32 exit_signal_number;		/* (p) 0, or what ended it */
	u32 exit_status;		/* (p) */
	uaddr_t fault_address;		/* (p) for the report */
	uaddr_t fault_ip;		/* (p) */
	const char *kill_reason;	/* (p) */
	struct process_signals signals; /* proc/signal.h */
	struct waitq exit_waiters;	/* woken when the last thread is gone */
	struct waitq
		stop_waiters;	/* threads that wait for SIGCONT, or in a stop for their tracer */
	bool dead;		/* (t) and (p) */
	bool was_published;	/* (t) its number is the table's affair */
	bool reaped;		/* (t) nobody can find it any more */
	u64 start_ns;		/* (c) */
	u64 dead_runtime;	/* (p) ns, of threads that have gone */
	u64 dead_user_time;	/* (p) ns of it in ring 3 */
	struct time_split told; /* (p) what was last said of both, sched/runtime.h */
	u64 dead_voluntary, dead_involuntary; /* (p) their switches */
	u64 dead_minor_faults;		      /* (p) their page faults */
	struct io_counts dead_io;	      /* (p) what they read and wrote */
	u64 peak_pages;			      /* (p) largest resident set seen */
	struct timer cpu_limit;		      /* proc/cpulimit.c; armed under (p) */
	struct usage children_usage;	      /* (t) of children that were waited for */
};

/* The thread is to end: its process does, or another thread of it is in execve(2). Reads without
 * the lock: whoever sets either word makes the thread look again afterwards. */
static inline bool process_must_leave(const struct process *p, const struct thread *t)
{
	const struct thread *e = READ_ONCE(p->exec_thread);

	return atomic32_load(&p->killed) || (e && e != t);
}

/* The running thread's process. User threads only. */
static inline struct process *current_process(void)
{
	return current_thread()->process;
}

/* What process_spawn_with() needs. Strings are kernel strings and are copied. */
struct spawn {
	struct file *program;
	const char *path;  /* absolute; also AT_EXECFN */
	char *const *argv; /* ends with NULL; so does envp */
	char *const *envp;
	struct dentry *cwd;		/* NULL: the root */
	struct files *files;		/* the process takes a reference of its own */
	const struct credentials *cred; /* NULL: root */
	/* Told before anybody can see the process. May be NULL. */
	void (*publishing)(struct process *p);
	const char *why; /* out: on failure a few words for the user */
};

/* A process with one thread that runs the program, started. 0 or -errno as execve(2); *out has a
 * reference for the caller. Thread context. */
MUST_CHECK int process_spawn_with(struct spawn *s, struct process **out);
MUST_CHECK int process_spawn(struct file *program, const char *path, char *const argv[],
	char *const envp[], struct dentry *cwd, struct files *files, struct process **out);
/* Random stack, brk, mmap and PIE bases (the default), or the same ones every time. Start-up
 * only. */
void process_set_aslr(bool on);

void process_get(struct process *p);
void process_put(struct process *p);
/* Ends the whole process: from any thread, or by signal from outside. First reason wins. reason is
 * a literal. Thread context; also valid for the caller's own process, which then ends at its return
 * to ring 3. */
void process_kill(struct process *p, u32 signal, const char *reason, uaddr_t address, uaddr_t ip);
/* By SIGKILL, and somebody waits for it to be gone: its threads report their ends to no tracer, or no longer wait there. */
void process_kill_now(struct process *p, const char *reason);
/* exit_group(2) and exit(2). */
NORETURN void process_exit_group(u32 status);
NORETURN void process_exit_thread(u32 status);
/* Sleeps until the last thread has gone and everything is freed. */
void process_wait_dead(struct process *p);
struct process *process_find(u32 pid); /* with a reference, or NULL */
/* Processes that have not been reaped. */
u32 process_count(void);
/* Processes and threads that have ever been made. */
u64 process_threads_made(void);
/* The name of the thread tid of p, or of p itself: what prctl(PR_SET_NAME) and /proc/PID/comm say. False, and none, if it has no
 * such thread. */
#define PROCESS_NAME_SIZE 16
bool process_get_name(struct process *p, u32 tid, char out[PROCESS_NAME_SIZE]);
/* Sets it, cut to 15 bytes. */
bool process_rename(struct process *p, u32 tid, const char *name);
/* 0 if it has no parent. */
u32 process_parent_pid(struct process *p);
/* The thread with the number, of any process, with a reference; or NULL. */
struct thread *process_find_thread(u32 tid);
/* That of p with the number, or NULL. The first thread has the number of its process. */
struct thread *process_thread_locked(struct process *p, u32 tid) REQUIRES(&p->lock);
/* The least number of a thread of p that is not below `from`; 0 if there is none. */
u32 process_next_thread(struct process *p, u32 from);
/* CPU time of all threads, those that have gone included, in ns; and how much of it in ring 3. */
u64 process_runtime(struct process *p);
u64 process_user_time(struct process *p);
/* All that a process has used itself. */
void process_usage(struct process *p, struct usage *out);
/* What its children that were waited for have used. */
void process_children_usage(struct process *p, struct usage *out);
/* The same as process_usage() for the thread tid of p; false if it has none such. */
MUST_CHECK bool process_thread_usage(struct process *p, u32 tid, struct usage *out);
/* The largest resident set so far, in pages, as far as anybody looked. */
u64 process_peak_pages(struct process *p);
/* The address space with a user reference (mm_put_user() gives it back), or NULL once the process
 * has exited. */
MUST_CHECK struct mm *process_get_mm(struct process *p);

/* What init/ wants to hear. Called in thread context, perhaps with no memory left: they must not
 * allocate. */
struct proc_report_ops {
	/* The last thread has given everything back; exit_signal_number, exit_status and the rest
	 * are final. */
	void (*ended)(const struct process *p);
	/* Memory ran out and p was chosen; it had so many pages. */
	void (*oom)(const struct process *p, u64 pages);
};
void proc_set_report_ops(const struct proc_report_ops *ops);
void proc_report_oom(const struct process *p, u64 pages);

/* Start-up, after sched_init() and mm_init(). */
void process_init(void);
/* Reports know all threads from then on (threads.c). Start-up. */
void threads_report_init(void);

#endif
