/*
 * Sending signals, and acting on them before the return to ring 3.
 *
 * Sending marks the signal pending (for the process, or for one thread) and makes a thread look:
 * WORK_SIGNAL in its work word, and an end to its interruptible sleep. The look is
 * signal_exit_work(), on every way back to ring 3, system calls included (hazard B28). A signal
 * that would have no effect (ignored, or ignored by default) and is not blocked is dropped when
 * sent, so it ends no sleep.
 *
 * No wakeup is lost: the sender stores the pending bit, then looks at the thread's state (in
 * thread_wake_interruptible(), under the run queue's lock); the sleeper stores its state (in
 * wait_prepare(), under the queue's lock), then looks at the pending bits (in wait_sleep()). Locked
 * instructions lie between the store and the look on both sides, so at least one of them sees the
 * other.
 *
 * Locks: everything is under process->lock, except that a thread reads its own mask without (it
 * alone writes it).
 */
#include "proc/signal.h"

#include "arch/frame.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "sched/wait.h"

#define LOG_SUBSYSTEM "signal"
#include "trace/log.h"

#define SIGNALS_IGNORED_BY_DEFAULT \
	(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH))
#define SIGNALS_STOPPING \
	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))

/* True if the action makes the signal vanish. */
static bool action_ignores(const struct sigaction *a, u32 signal)
{
	if (a->sa_handler == SIG_IGN)
		return true;
	return a->sa_handler == SIG_DFL && (SIGNAL_BIT(signal) & SIGNALS_IGNORED_BY_DEFAULT);
}

static void signal_notify(struct thread *t)
{
	thread_set_work(t, WORK_SIGNAL);
	thread_wake_interruptible(t);
}

static struct thread *signal_find_thread_locked(struct process *p, u32 tid) REQUIRES(&p->lock)
{
	struct thread *t;

	list_for_each_entry (t, &p->threads, process_link)
		if (t->tid == tid)
			return t;
	return NULL;
}

/* A thread that does not block the signal, the oldest first; NULL if all do. */
static struct thread *signal_choose_thread_locked(struct process *p, u64 bit) REQUIRES(&p->lock)
{
	struct thread *t;

	list_for_each_entry (t, &p->threads, process_link)
		if (!(READ_ONCE(t->signals.blocked) & bit))
			return t;
	return NULL;
}

static void signal_forget_locked(struct process *p, u64 set) REQUIRES(&p->lock)
{
	struct thread *t;

	p->pending &= ~set;
	list_for_each_entry (t, &p->threads, process_link)
		t->signals.pending &= ~set;
}

/* A stop and a continue undo each other when they are sent, even if blocked or handled. */
static void signal_send_job_control_locked(struct process *p, u32 signal) REQUIRES(&p->lock)
{
	if (SIGNAL_BIT(signal) & SIGNALS_STOPPING) {
		signal_forget_locked(p, SIGNAL_BIT(SIGCONT));
	} else if (signal == SIGCONT) {
		signal_forget_locked(p, SIGNALS_STOPPING);
		if (atomic32_exchange(&p->stopped, 0))
			atomic32_store(&p->continued, 1);
	}
}

static void signal_post_locked(struct process *p, struct thread *only, u32 signal)
	REQUIRES(&p->lock)
{
	u64 bit = SIGNAL_BIT(signal);
	struct thread *t = only ? only : signal_choose_thread_locked(p, bit);
	bool blocked = !t || (READ_ONCE(t->signals.blocked) & bit);

	signal_send_job_control_locked(p, signal);
	if (!blocked && action_ignores(&p->actions->action[signal - 1], signal))
		return;
	/* Atomic stores, because signal_pending() reads without the lock. */
	if (only)
		WRITE_ONCE(only->signals.pending, only->signals.pending | bit);
	else
		WRITE_ONCE(p->pending, p->pending | bit);
	if (!blocked)
		signal_notify(t);
}

int signal_send(struct process *p, u32 tid, u32 signal)
{
	int err = 0;

	spin_lock(&p->lock);
	struct thread *only = tid ? signal_find_thread_locked(p, tid) : NULL;
	if (tid && !only)
		err = -ESRCH;
	else if (signal != 0 && signal != SIGKILL)
		signal_post_locked(p, only, signal);
	spin_unlock(&p->lock);
	if (err)
		return err;
	if (signal == SIGCONT)
		waitq_wake_all(&p->stop_waiters);
	if (signal == SIGKILL)
		process_kill(p, SIGKILL, "killed by kill(2)", 0, 0);
	return 0;
}

bool signal_pending(struct thread *t)
{
	struct process *p = t->process;

	if (!p)
		return false;
	/* Without the lock: see the head of the file for why a bit set meanwhile is not missed. */
	if (process_must_leave(p, t) || atomic32_load(&p->stopped))
		return true;
	u64 pending = READ_ONCE(p->pending) | READ_ONCE(t->signals.pending);
	return (pending & ~READ_ONCE(t->signals.blocked)) != 0;
}

int signal_action(u32 signal, const struct sigaction *act, struct sigaction *old)
{
	struct process *p = current_process();

	if (signal < 1 || signal > SIGNAL_COUNT || (act && (SIGNAL_BIT(signal) & SIGNAL_ABSOLUTE)))
		return -EINVAL;
	spin_lock(&p->lock);
	struct sigaction *a = &p->actions->action[signal - 1];
	if (old)
		*old = *a;
	if (act) {
		*a = *act;
		a->sa_mask &= ~SIGNAL_ABSOLUTE;
		if (action_ignores(a, signal))
			signal_forget_locked(p, SIGNAL_BIT(signal));
	}
	spin_unlock(&p->lock);
	return 0;
}

/* Signals to the process that this thread has just begun to block go to another thread, if one
 * takes them. */
static void signal_retarget_locked(struct process *p, u64 newly_blocked) REQUIRES(&p->lock)
{
	for (u32 signal = 1; signal <= SIGNAL_COUNT; signal++) {
		u64 bit = SIGNAL_BIT(signal);
		if (!(p->pending & newly_blocked & bit))
			continue;
		struct thread *t = signal_choose_thread_locked(p, bit);
		if (t)
			signal_notify(t);
	}
}

u64 signal_set_blocked(u64 blocked)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	blocked &= ~SIGNAL_ABSOLUTE;
	spin_lock(&p->lock);
	u64 old = t->signals.blocked;
	WRITE_ONCE(t->signals.blocked, blocked);
	if (p->pending & blocked & ~old)
		signal_retarget_locked(p, blocked & ~old);
	if ((p->pending | t->signals.pending) & ~blocked)
		thread_set_work(t, WORK_SIGNAL);
	spin_unlock(&p->lock);
	return old;
}

u64 signal_pending_set(void)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	spin_lock(&p->lock);
	u64 set = (p->pending | t->signals.pending) & t->signals.blocked;
	spin_unlock(&p->lock);
	return set;
}

/* Takes the next signal to act on, its own before the process's and the lowest number first; 0 if
 * there is none. */
static u32 signal_dequeue_locked(struct process *p, struct thread *t, struct sigaction *action)
	REQUIRES(&p->lock)
{
	u64 own = t->signals.pending & ~t->signals.blocked;
	u64 shared = p->pending & ~t->signals.blocked;

	if (!own && !shared)
		return 0;
	u32 signal = __builtin_ctzl(own ? own : shared) + 1;
	u64 *from = own ? &t->signals.pending : &p->pending;
	WRITE_ONCE(*from, *from & ~SIGNAL_BIT(signal));
	*action = p->actions->action[signal - 1];
	return signal;
}

/* Every thread of the process comes to rest in signal_rest(). */
static void signal_stop_process(struct process *p)
{
	struct thread *t;

	spin_lock(&p->lock);
	atomic32_store(&p->stopped, 1);
	list_for_each_entry (t, &p->threads, process_link)
		signal_notify(t);
	spin_unlock(&p->lock);
}

/* Waits while the process is stopped. The killer's and SIGCONT's sender wake the queue after they
 * changed the words. */
static void signal_rest(struct process *p)
{
	int err = wait_event(&p->stop_waiters,
		!atomic32_load(&p->stopped) || process_must_leave(p, current_thread()),
		THREAD_SLEEPING, WAIT_FOREVER);
	CHECK(err == 0);
	if (atomic32_exchange(&p->continued, 0))
		family_report_continued(p);
}

static void signal_act(
	struct process *p, struct trap_frame *frame, u32 signal, const struct sigaction *action)
{
	u64 bit = SIGNAL_BIT(signal);
	bool handled = action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN;

	if (handled)
		log_info("process %u has a handler for %s, which can't be run yet: default action",
			p->pid, signal_name(signal));
	if (action->sa_handler == SIG_IGN || (bit & SIGNALS_IGNORED_BY_DEFAULT))
		return;
	if (bit & SIGNALS_STOPPING) {
		signal_stop_process(p);
		family_report_stopped(p, signal);
		return;
	}
	process_kill(p, signal,
		handled ? "a signal whose handler can't be run yet" : "a signal sent to it", 0,
		frame->rip);
}

void signal_exit_work(struct trap_frame *frame)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	for (;;) {
		struct sigaction action;

		if (process_must_leave(p, t))
			process_exit_thread(0);
		if (atomic32_load(&p->stopped)) {
			signal_rest(p);
			continue;
		}
		spin_lock(&p->lock);
		u32 signal = signal_dequeue_locked(p, t, &action);
		spin_unlock(&p->lock);
		if (!signal)
			return;
		signal_act(p, frame, signal, &action);
	}
}

void signal_force(u32 signal, const char *reason, uaddr_t address, uaddr_t ip)
{
	process_kill(current_process(), signal, reason, address, ip);
}
