/*
 * ptrace(2): one thread, the tracer, watches and steers another, the tracee.
 *
 *   ptrace_access.c   who may
 *   ptrace_link.c     the relation: beginning, end, inheritance
 *   ptrace_stop.c     stops: how a tracee comes to one and leaves it, how its tracer holds it there
 *   ptrace_signal.c   stops for signals, group stops, traps
 *   ptrace_call.c     stops around system calls
 *   ptrace_event.c    stops for what a tracee does: fork, exec, exit
 *   ptrace_death.c    tracees that have ended, and what a wait tells of tracees
 *   ptrace_resume.c   the requests that let a tracee go on
 *
 * The relation, and whether a tracee is in a stop, are under pid_table_lock, under which also waits
 * look, threads get and lose their numbers, and processes die: so no stop and no death is told to
 * nobody, and a tracer's end and its tracee's can't pass each other. A tracee's part is embedded in
 * struct thread (sched/thread_trace.h), so tracing never needs memory.
 *
 * A tracee in a stop sleeps in its process's stop_waiters, which are woken after everything that may
 * end the stop: its tracer's requests and end, SIGKILL and execve(2) of another thread (as for job
 * control). Before it can be seen there it has parked its registers in memory. A tracer that works on
 * it sets `held`, so that not even SIGKILL makes it go on meanwhile; `held` lasts for a part of one
 * request.
 */
#ifndef PROC_PTRACE_H
#define PROC_PTRACE_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/pid.h"
#include "sched/thread.h"

struct child_wait;
struct clone_request;
struct process;
struct signal_info;
struct trap_frame;

/* -- who may -- */

/* The running process may look into p, and change it: 0 or -EPERM. By its real ids (ptrace(2),
 * process_vm_readv(2)), or else by those for files (/proc). */
MUST_CHECK int ptrace_may_access(struct process *p, bool real_ids);

/* -- the relation -- */

/* True if the thread is traced; a moment later it may be otherwise, unless it is the running one's
 * answer no. */
static inline bool ptrace_is_traced(const struct thread *t)
{
	return READ_ONCE(t->trace.tracer) != NULL;
}

/* PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE: 0 or -errno. */
MUST_CHECK int ptrace_trace_me(void);
MUST_CHECK int ptrace_attach(u32 tid, bool seize, u32 options);
/* The number of the thread that traces the thread tid of p, or 0. *stopped: it is in a stop. */
u32 ptrace_tracer_of(struct process *p, u32 tid, bool *stopped);

/* -- holding a tracee in a stop, for the running thread's requests -- */

/* The tracee, with a reference, held in its stop; NULL if there is none such in a stop. */
MUST_CHECK struct thread *ptrace_hold(u32 tid);
void ptrace_release(struct thread *t);

/* -- what a held tracee has besides registers and memory (arch/registers.h, mm/mm.h) -- */

/* The signals that it blocks, or will after the call that it is in. */
u64 ptrace_get_blocked(const struct thread *t);
void ptrace_set_blocked(struct thread *t, u64 blocked);
/* The n-th entry of its queue of signals, or (shared) its process's: false past the last. */
MUST_CHECK bool ptrace_peek_signal(struct thread *t, bool shared, u64 n, struct signal_info *out);

/* -- requests that end the stop of a held tracee, and the hold -- */

/* PTRACE_CONT, SYSCALL, SINGLESTEP, SYSEMU, SYSEMU_SINGLESTEP: with a signal, or 0. */
void ptrace_resume(struct thread *t, enum trace_mode mode, bool step, u32 signal);
void ptrace_detach(struct thread *t, u32 signal);
/* 0, or -EIO if it is not in a stop that can be listened from. */
MUST_CHECK int ptrace_listen(struct thread *t);

/* -- requests to a tracee that need not be in a stop: 0, -ESRCH, -EIO -- */

MUST_CHECK int ptrace_interrupt(u32 tid);
MUST_CHECK int ptrace_kill(u32 tid);

/* Calls are watched from now on: registered by sys/, called before the first tracee is let go on to
 * the next call or instruction. */
void ptrace_set_watch_op(void (*watch)(void));

/* -- what happens to a tracee: for the running thread; nothing if it is not traced -- */

/* A call is about to be made; false: it is not, and RAX is what the tracer made it. */
MUST_CHECK bool ptrace_call_begin(struct trap_frame *f);

/* In the exit work: the end of a call. */
void ptrace_call_end(void);

/* What to tell of a child that is about to be made: PTRACE_EVENT_*, or 0. */
u32 ptrace_clone_event(const struct clone_request *r);
/* The child is published: it is traced, too, if its parent is and it should be. */
void ptrace_clone_locked(struct thread *child, const struct clone_request *r, u32 event)
	REQUIRES(&pid_table_lock);
/* The child runs. */
void ptrace_clone_done(u32 event, u32 tid);
/* The child has given back the memory that it had borrowed. */
void ptrace_vfork_done(u32 tid);

/* execve(2): may ids change on it? */
bool ptrace_exec_keeps_ids(void);
/* The running thread, alone now, takes over the number of the process's first. What is to be put
 * later goes to *dropped. */
struct ptrace_dropped;
void ptrace_exec_locked(struct ptrace_dropped *dropped) REQUIRES(&pid_table_lock);
/* The new program is there; the thread had the number old before, and makes the call. */
void ptrace_exec_done(u32 old, u32 call);

/* The running thread begins to end, with a status as wait4(2)'s. */
void ptrace_exit_event(u32 status);

/* -- the end of tracees and tracers -- */

/* Threads and processes that are no longer needed, to be put without a lock. */
struct ptrace_dropped {
	struct list threads;   /* by trace.link */
	struct list processes; /* by family.sibling */
};
#define PTRACE_DROPPED_INIT(d)                                                           \
	{                                                                                \
		.threads = LIST_INIT((d).threads), .processes = LIST_INIT((d).processes) \
	}
void ptrace_dropped_put(struct ptrace_dropped *dropped);

/* The thread loses its number: true if it keeps it for its tracer's wait. status as wait4(2)'s. */
MUST_CHECK bool ptrace_thread_gone_locked(struct thread *t, u32 status) REQUIRES(&pid_table_lock);
/* The running thread traces nobody any more. */
void ptrace_tracer_gone(void);
/* The process has died and somebody must hear of that before its parent. */
bool ptrace_hides_death_locked(struct process *p) REQUIRES(&pid_table_lock);
/* Tells the tracer of the process's first thread, if it is traced and is the one to hear. */
void ptrace_tell_death_locked(struct process *p) REQUIRES(&pid_table_lock);
/* The process is reaped. */
void ptrace_reaped_locked(struct process *p, struct ptrace_dropped *dropped)
	REQUIRES(&pid_table_lock);

/* -- waiting -- */

/* The process's first thread is traced by a thread of that process. */
bool ptrace_is_tracer_of(const struct process *tracer, const struct process *p)
	REQUIRES(&pid_table_lock);
/* What a wait finds among the tracees of the running process: true if anything. *hope: there may be
 * something later. */
MUST_CHECK bool ptrace_look_locked(struct child_wait *w, bool *hope, struct ptrace_dropped *dropped)
	REQUIRES(&pid_table_lock);

/* -- signals (signal_delivery.c, signal_stop.c) -- */

/* The running, traced thread has taken a signal: its number, perhaps another one that *info then
 * describes, or 0 if nothing is to be done. */
u32 ptrace_signal(struct signal_info *info);
/* It has come to rest with its process, because of the signal. */
void ptrace_group_stop(u32 signal);
/* A stop that its tracer has coming. */
void ptrace_trap(void);
/* A handler was entered while its tracer steps. */
void ptrace_handler_entered(void);
/* True if the thread's tracer is its process's parent: then that hears of stops from here alone. */
bool ptrace_by_parent(const struct thread *t);
/* The thread has stopped resting with its process. */
void ptrace_rest_over(struct thread *t);

#endif
