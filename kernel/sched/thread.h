/*
 * Threads: what the scheduler runs. A user thread belongs to a process (proc/process.h); a kernel thread does not.
 *
 * Life: thread_create_*() (NEW, one reference, the caller's) -> thread_start() (RUNNABLE; running holds a reference of its
 * own) -> running and sleeping in turns -> thread_exit() (DEAD; the next thread on that CPU frees the stack and drops
 * running's reference). A thread that is never started goes with its last reference.
 *
 * Locking key: (r) run queue lock of the CPU in ->cpu; (t) the thread itself; (c) constant after creation; (a) atomic.
 */
#ifndef SCHED_THREAD_H
#define SCHED_THREAD_H

#include "arch/thread.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "lib/refcount.h"
#include "lib/types.h"
#include "mm/inject.h"
#include "sched/runtime.h"
#include "sched/thread_signals.h"
#include "sched/thread_trace.h"
#include "trace/ring.h"

struct futex_waiter;
struct mm;
struct process;
struct user;
struct vfork;

enum thread_state {
	THREAD_NEW,
	THREAD_RUNNABLE,	       /* running, or in a run queue */
	THREAD_SLEEPING,	       /* only its waker can make it run */
	THREAD_SLEEPING_INTERRUPTIBLE, /* a signal may, too */
	THREAD_DEAD,
};

/* What proc/futex_pi.c and proc/futex_exit.c keep for a thread. All under futex_pi_lock. */
enum futex_leaving {
	FUTEX_STAYS,
	FUTEX_LEAVING, /* marks the words on its robust list */
	FUTEX_LEFT,    /* owns no futex any more */
};
struct thread_futex {
	struct list owned;		 /* struct futex_pi */
	struct futex_waiter *blocked_on; /* the PI futex it waits for */
	enum futex_leaving leaving;	 /* also read without the lock, by who waits for a change */
};

/* rseq(2), proc/rseq.c; all (t). area 0: not registered. */
struct thread_rseq {
	uaddr_t area;
	u32 length, signature;
	u32 told_cpu; /* the CPU that stands in the area, and 1; 0: none yet */
};

/* What was moved between programs and files by calls of read(2)'s and write(2)'s kind. */
struct io_counts {
	u64 reads, writes; /* calls */
	u64 read_bytes, written_bytes;
};

struct thread {
	struct arch_thread arch; /* first: see arch/thread.h */
	struct refcount refs;	 /* (a) */
	u32 tid; /* (c) once started, but for execve(2): proc/ gives a user thread its number, see KERNEL_TID_BASE */
	char name
		[16]; /* of a user thread: written under its process's lock, see process_rename() */
	char told_name[16]; /* (t), (r) for kernel threads: the name as a listening host knows it */
	atomic32_t
		state; /* enum thread_state; written under (r), or by the thread itself before it sleeps */
	u32 cpu; /* (r) where it runs or last ran */
	bool on_cpu; /* (r) its stack is live; cleared by the CPU that switched away (hazards B14, B24) */
	bool queued;		 /* (r) in the run queue's tree */
	struct rb_node run_node; /* (r) */
	u64 vruntime;		 /* (r) weighted ns */
	u64 exec_start;		 /* (r) when it was last put on the CPU, ns */
	u64 runtime;		 /* (r) total ns */
	u64 user_ticks; /* (r) TSC ticks of it in ring 3; while it runs, less those of its CPU */
	struct time_split told; /* process lock: what was last said about the two, runtime.h */
	u32 weight;		/* (r) from nice */
	s32 nice;		/* (r) */
	u8 policy;		/* (r) SCHED_* of <linux/sched.h> */
	bool reset_on_fork;	/* (r) children get the default policy */
	u8 rt_own;  /* (r) its own real-time priority, 1..99; 0: none, it is a fair thread */
	u8 rt_lent; /* (r) what those who wait for it lend it (proc/futex_pi.c) */
	u8 rt; /* (r) the higher of the two: what it runs with. Read without the lock by futexes, which
		  look again when it changes */
	bool rt_to_back; /* (r) it has had its turn: behind the others of its priority next time */
	s64 rt_order;	 /* (r) among those of its priority, least first */
	u64 rt_slice;	 /* (r) ns left of a SCHED_RR thread's turn */
	u64 affinity;	 /* (r) bit n: may run on CPU n */
	struct thread *next_dead;   /* the CPU it died on: sched/thread.c's list of those to free */
	struct mm *mm;		    /* (t) NULL for kernel threads */
	struct process *process;    /* (c) NULL for kernel threads */
	struct list process_link;   /* process lock; a kernel thread's: thread_kernel_list() */
	void *stack;		    /* (c) */
	u64 voluntary, involuntary; /* (r) switches */
	u64 breaks;		    /* (t) sched_break(); the watchdog's interrupt reads it */
	u64 minor_faults;	    /* (t) page faults that needed no device: all there are */
	struct io_counts io;	    /* (t) written; /proc reads it */
	uaddr_t clear_child_tid;    /* (t) set_tid_address */
	uaddr_t robust_list;	    /* (t) */
	struct thread_futex futex;
	struct thread_rseq rseq;
	struct vfork *vfork;	       /* (t) proc/vfork.c: a parent waits for this one */
	struct user *user;	       /* proc/user.c */
	struct thread_signals signals; /* proc/signal.c */
	struct thread_trace trace;     /* proc/ptrace.h */
#ifdef AIRLOCK_DEBUG
	u32 mutex_ranks;	     /* (t) bit n: holds a mutex of rank n */
	struct inject_thread inject; /* mm/inject.h */
	bool in_fuzz;		     /* (t) sched/fuzz.c disturbs it already */
	bool kept; /* (r), and (t) while it runs: preempted, and in the queue whatever its state says */
#endif
};

/* 1..99, or 0 for a fair thread. */
static inline u8 thread_rt_priority(const struct thread *t)
{
	return READ_ONCE(t->rt);
}

/* Numbers from here on are kernel threads'; no program ever sees them. */
#define KERNEL_TID_BASE TRACE_KERNEL_THREAD

/* A kernel thread that runs fn(arg), not yet started; ends when fn returns. NULL if memory ran out. */
MUST_CHECK struct thread *thread_create_kernel(const char *name, void (*fn)(void *), void *arg);
/* All that somebody still has, for reports, which walk it without a lock. */
const struct list *thread_kernel_list(void);
/* A user thread that starts in ring 3 with *frame; its FPU state is the caller's if that is a user thread (clone), else a
 * clean one. It has no number yet: the caller sets tid before it starts it. mm is not referenced here: the process's users of it
 * are proc/'s. NULL if memory ran out. */
MUST_CHECK struct thread *thread_create_user(
	const char *name, struct process *process, struct mm *mm, const struct trap_frame *frame);
/* Makes a new thread runnable. Any context except NMI. */
void thread_start(struct thread *t);
void thread_get(struct thread *t);
void thread_put(struct thread *t);
/* Ends the running thread; its mm has been given back. Its stack is freed by the next thread on this CPU. IF=1. */
NORETURN void thread_exit(void);

#endif
