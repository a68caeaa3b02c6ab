/* Between the files of proc/signal*.c: not for others. */
#ifndef PROC_SIGNAL_PRIVATE_H
#define PROC_SIGNAL_PRIVATE_H

#include "arch/irqflags.h"
#include "lib/assert.h"
#include "proc/process.h"
#include "proc/signal.h"

#define SIGNALS_IGNORED_BY_DEFAULT \
	(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH))
#define SIGNALS_STOPPING \
	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))
/* What a thread's own instructions raise: acted on before others, so that the frame of their handler
 * shows the instruction. */
#define SIGNALS_SYNCHRONOUS                                                                    \
	(SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP) | \
		SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSYS))

/* What Linux writes a core file for before it ends the process. */
#define SIGNALS_DUMPING                                                                          \
	(SIGNALS_SYNCHRONOUS | SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGABRT) | SIGNAL_BIT(SIGXCPU) | \
		SIGNAL_BIT(SIGXFSZ))
/* Stops that a tracee's tracer has coming: one that it asked for, or that begins a new thread; and
 * one because its process has been stopped or goes on. */
#define SIGNAL_TRAP_ASKED 1U
#define SIGNAL_TRAP_NEWS 2U

/* True if the action makes the signal vanish. */
static inline bool handler_ignores(__sighandler_t handler, u32 signal)
{
	return handler == SIG_IGN ||
	       (handler == SIG_DFL && (SIGNAL_BIT(signal) & SIGNALS_IGNORED_BY_DEFAULT));
}

static inline bool action_ignores(const struct sigaction *a, u32 signal)
{
	return handler_ignores(a->sa_handler, signal);
}

/* Copies the action. This and the next: IF=0. */
void action_get(struct signal_actions *actions, u32 signal, struct sigaction *out);
/* The same when it is about to be done: a handler with SA_RESETHAND is then forgotten. */
static inline void action_take(struct signal_actions *actions, u32 signal, struct sigaction *out)
{
	struct sigaction *a = &actions->action[signal - 1];

	ASSERT(irq_disabled());
	spin_lock(&actions->lock);
	*out = *a;
	if ((a->sa_flags & SA_RESETHAND) && a->sa_handler != SIG_IGN)
		WRITE_ONCE(a->sa_handler, SIG_DFL);
	spin_unlock(&actions->lock);
}
/* The running thread's process takes the signal's default action from now on. */
void signal_reset_action(u32 signal);

/* -- signal_queue.c: all under the process's signals.lock -- */

/* One signal in a queue. */
struct signal_entry {
	struct list link;
	struct signal_info info;
	struct signal_counter *counter;
	/* If set, it belongs to somebody else, who is told here that it leaves the queue: taken into
	 * *info, or dropped (NULL). Under the lock. */
	void (*gone)(struct signal_entry *e, struct signal_info *info);
};

void signal_queue_init(struct signal_queue *q);
/* Drops everything. */
void signal_queue_destroy(struct signal_queue *q);
/* Adds a signal. uid: whose count of queued signals it goes to, limit: how many there may be. 0, or
 * -EAGAIN if it must not be lost and there is no room; otherwise it goes without what is known about
 * it. A standard signal that is already there is left as it is. */
MUST_CHECK int signal_queue_add(
	struct signal_queue *q, const struct signal_info *info, u32 uid, u64 limit);
/* Adds a signal with an entry that stays the caller's, and is in no queue. */
void signal_queue_add_fixed(struct signal_queue *q, struct signal_entry *e);
/* Takes such an entry back, if it is still there. */
void signal_queue_remove_fixed(struct signal_queue *q, struct signal_entry *e);
/* Takes the first one with the number, which is there. */
void signal_queue_take(struct signal_queue *q, u32 signal, struct signal_info *info);
/* The n-th entry: false past the last. */
MUST_CHECK bool signal_queue_peek(const struct signal_queue *q, u64 n, struct signal_info *info);
/* Drops all of a set. */
void signal_queue_forget(struct signal_queue *q, u64 set);

/* The next of a set to act on, or 0. */
static inline u32 signal_next(u64 set)
{
	u64 first = set & SIGNALS_SYNCHRONOUS;

	if (!set)
		return 0;
	return __builtin_ctzl(first ? first : set) + 1;
}

/* -- signal.c -- */

/* Sends to the process or to one thread of it. 0 or -EAGAIN. */
MUST_CHECK int signal_post_locked(struct process *p, struct thread *only,
	const struct signal_info *info) REQUIRES(&p->signals.lock);
/* The same with an entry that stays the caller's, to the thread tid or (0) the process. False if
 * nobody will take it: it is ignored, or the thread is gone. */
MUST_CHECK bool signal_post_fixed_locked(struct process *p, u32 tid, struct signal_entry *e)
	REQUIRES(&p->signals.lock);
/* Takes such an entry back, if it is still in a queue; it is not told. */
void signal_unqueue_fixed_locked(struct process *p, u32 tid, struct signal_entry *e)
	REQUIRES(&p->signals.lock);

/* Makes the thread look at its signals. Under signals.lock or for the running thread. */
void signal_notify(struct thread *t);
/* Signals to the process that a thread has stopped taking go to others. */
void signal_retarget_locked(struct process *p, u64 set) REQUIRES(&p->signals.lock);
/* Drops a set from every queue of the process. */
void signal_forget_locked(struct process *p, u64 set) REQUIRES(&p->signals.lock);

/* -- signal_mask.c -- */

/* The running thread's mask has changed while signals are pending: others may have to take some of those that it has come to
 * block, and the thread itself others. */
void signal_blocked_changed_locked(struct process *p, u64 newly) REQUIRES(&p->signals.lock);
/* Sets the mask of t, the running thread, without the signals that can't be blocked. What it was. */
static inline u64 signal_set_blocked_locked(struct process *p, struct thread *t, u64 blocked)
	REQUIRES(&p->signals.lock)
{
	u64 old = t->signals.blocked;

	WRITE_ONCE(t->signals.blocked, blocked);
	if (UNLIKELY(p->signals.queue.pending | t->signals.queue.pending))
		signal_blocked_changed_locked(p, blocked & ~old);
	return old;
}

/* -- signal_stop.c -- */

/* The process comes to rest because of the signal that the running thread has taken, unless it is an
 * orphan's terminal stop or SIGCONT came meanwhile. */
void signal_stop_process(struct process *p, u32 signal);
/* True while the process is stopped and not being killed. */
bool signal_is_stopped(struct process *p);
static inline bool signal_must_rest(struct process *p)
{
	return UNLIKELY(atomic32_load(&p->stopped)) && signal_is_stopped(p);
}
/* Waits while that holds; may return before, so look again. */
void signal_rest(struct process *p);
/* The thread has come to rest or leaves. True if it was the last: the process has stopped, and
 * family_report_stopped() is due, without the lock. */
bool signal_rested_locked(struct process *p, struct thread *t) REQUIRES(&p->signals.lock);
/* SIGCONT was sent. */
void signal_continue_locked(struct process *p) REQUIRES(&p->signals.lock);
/* Tells the parent of a SIGCONT that it has not heard of. */
void signal_tell_continued(struct process *p);
static inline void signal_report_continued(struct process *p)
{
	if (UNLIKELY(atomic32_load_relaxed(&p->continued)))
		signal_tell_continued(p);
}

#endif
