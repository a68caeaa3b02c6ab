/*
 * Signals: what a process does about them, sending, waiting for them, and acting on them on the way
 * back to ring 3.
 *
 *   signal_actions.c   dispositions
 *   signal_queue.c     what has been sent and not yet acted on
 *   signal.c           sending: to whom, dropped, remembered; waking
 *   signal_mask.c      blocking, and what is pending
 *   signal_wait.c      sigsuspend, sigtimedwait, taking signals for descriptors
 *   signal_delivery.c  acting on them, handlers, return from handlers, restart of calls
 *   signal_stop.c      job control: stop, continue, and what the parent hears
 *   signal_family.c    what clone, exec, exit and the parent need
 *   fault.c            exceptions
 */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include <linux/signal.h>

#include "arch/frame.h"
#include "lib/compiler.h"
#include "lib/refcount.h"
#include "lib/signal_info.h"
#include "lib/types.h"
#include "proc/process_signals.h"
#include "sched/thread_signals.h"
#include "sched/wait.h"
#include "sync/spinlock.h"

struct process;
struct thread;

#define SIGNAL_COUNT 64U
#define SIGNAL_BIT(n) BIT((n)-1)
/* These can be neither blocked, nor ignored, nor handled. */
#define SIGNAL_ABSOLUTE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))
/* From here on signals queue: each that is sent arrives, in order. */
#define SIGNAL_FIRST_QUEUED 32U

/* Dispositions as the program gave them, by signal - 1. Shared by processes that were cloned with
 * CLONE_SIGHAND. */
struct signal_actions {
	struct refcount refs;		       /* (a) */
	struct spinlock lock;		       /* RANK_ACTIONS */
	struct sigaction action[SIGNAL_COUNT]; /* lock */
	bool set;			       /* lock: an action was set; else all are default */
};

/* -- dispositions -- */

/* All default, one reference. NULL if memory ran out. */
MUST_CHECK struct signal_actions *signal_actions_create(void);
/* A copy with a reference of its own (fork). NULL if memory ran out. */
MUST_CHECK struct signal_actions *signal_actions_copy(struct signal_actions *from);
/* Handlers become the default action; what is ignored stays so. For actions that are not shared. */
void signal_actions_clear(struct signal_actions *a);
void signal_actions_get(struct signal_actions *a);
void signal_actions_put(struct signal_actions *a); /* NULL is fine */
/* rt_sigaction(2): reads the old one, sets the new one; either may be NULL. 0 or -EINVAL. */
MUST_CHECK int signal_action(u32 signal, const struct sigaction *act, struct sigaction *old);

/* The action of any process. Any context except NMI. */
void signal_action_of(struct process *p, u32 signal, struct sigaction *out);
/* The signals that any process ignores because it said so, and those that it handles. */
void signal_actions_sets(struct process *p, u64 *ignored, u64 *caught);

/* -- the life of processes and threads -- */

/* For a new process; signals.actions is then set by whoever makes it. */
void signal_process_init(struct process *p);
/* Drops what is left, when nobody can know the process any more. */
void signal_process_destroy(struct process *p);
/* For a thread that has not been started: like the caller's (fork, clone) with nothing pending.
 * keep_stack: the alternate stack, too, which is right unless the two share memory and run at once
 * (CLONE_VM without CLONE_VFORK). */
void signal_thread_inherit(struct thread *t, bool keep_stack);
/* The thread can be sent signals from now on; before it is started. */
void signal_thread_join(struct process *p, struct thread *t);
/* The running thread takes no signals any more: others get what it would have. */
void signal_thread_leave(struct thread *t);
/* What the parent learns of a child with its SIGCHLD: code is CLD_*. Thread context. */
void signal_info_of_child(struct signal_info *info, struct process *child, s32 code, s32 status);
/* exec, in two steps: actions of its own, which may fail with -ENOMEM; and, when nothing can fail
 * any more and no other thread is left, handlers back to default, no alternate stack. What is
 * pending, blocked and ignored stays. */
MUST_CHECK int signal_exec_prepare(void);
void signal_exec_commit(void);

/* -- sending -- */

/* Sends to a process, or to the thread tid of it alone (tid 0: any), in the kernel's name. Signal 0
 * sends nothing. 0, or -ESRCH if there is no such thread. Thread context. */
MUST_CHECK int signal_send(struct process *p, u32 tid, u32 signal);
/* The same with what is to be known about it: also -EAGAIN if it must not be lost (a real-time
 * signal of a program) and the queue is full. */
MUST_CHECK int signal_send_info(struct process *p, u32 tid, const struct signal_info *info);
/* The same in any context except NMI; a SIGKILL waits until a thread looks. */
MUST_CHECK int signal_post(struct process *p, u32 tid, const struct signal_info *info);
/* info for a signal that the running thread sends: kill(2), tkill(2) with the code. */
void signal_info_from_current(struct signal_info *info, u32 signal, s32 code);
/* info of the kernel's own. */
void signal_info_from_kernel(struct signal_info *info, u32 signal);

/* A signal that the running thread can't refuse, for a fault of its own: blocked or ignored, it
 * takes the default action. reason: a literal for the report. */
void signal_force(const struct signal_info *info, const char *reason);
/* SIGSEGV without an address. */
void signal_force_segv(const char *reason);

/* -- masks -- */

/* True if an interruptible sleep of this thread must end. Called by the thread itself, or for
 * another under no lock. */
bool signal_pending(struct thread *t);
/* May a read of what has no end go on after so many bytes: a signal ends it where a page does, but not before the first. */
static inline bool signal_lets_read(ssize_t done)
{
	return done == 0 || done % PAGE_SIZE || !signal_pending(current_thread());
}
/* True if the running thread, which is the caller, or its process has a signal pending that will end it without more ado: not
 * blocked, with the default action to end it, and not one that Linux writes a core file for first. */
bool signal_will_kill(struct process *p);
/* Replaces the running thread's mask; absolute signals stay unblocked. Returns the old one. */
u64 signal_set_blocked(u64 blocked);
/* The same for the time of one call: what is let in acts, then the old mask comes back, in
 * signal_exit_work(). */
void signal_set_blocked_for_call(u64 blocked);
/* Puts the old mask back at once: the call was not interrupted. */
void signal_restore_blocked(void);
/* What is pending for the running thread and blocked: rt_sigpending(2). */
u64 signal_pending_set(void);

/* -- waiting -- */

/* Takes a pending signal of the set, blocked or not, into *info: its number, or 0. */
u32 signal_take(u64 set, struct signal_info *info);
/* True if signal_take() would find one. The queue to wait in is process_signals.arrivals. */
bool signal_takable(u64 set);
/* sigtimedwait(2): the number, -EAGAIN after the deadline, -EINTR. */
MUST_CHECK s32 signal_wait(u64 set, struct signal_info *info, u64 deadline_ns);

/* -- acting -- */

/* The part of the exit work that concerns signals: ends the thread if its process is being killed,
 * stops it, runs handlers, and decides about the call that was interrupted. Thread context, before a
 * return to ring 3. */
void signal_exit_work(struct trap_frame *frame);
/* rt_sigreturn(2): replaces *frame by what the program's stack says. What goes to RAX. */
s64 signal_return(struct trap_frame *frame);

/* The process has stopped and its parent is being told: the event appears. pid_table_lock is held. */
void signal_publish_stop(struct process *p);
/* Whether the process has stopped or been continued since its parent last took the news: one of the kinds
 * (a bit each), or WAIT_EVENT_NONE. keep: leave it for the next look. Thread context; pid_table_lock may
 * be held. */
enum wait_event_kind signal_take_event(struct process *p, u32 kinds, bool keep, u32 *signal);

/* sigaltstack(2) for the running thread, whose stack pointer is sp. */
stack_t signal_stack_get(u64 sp);
MUST_CHECK int signal_stack_set(const stack_t *wanted, u64 sp);

/* Start-up. */
void signal_queue_init_cache(void);

/* "SIGSEGV"; real-time signals are "SIGRTn". */
const char *signal_name(u32 signal);

#endif
