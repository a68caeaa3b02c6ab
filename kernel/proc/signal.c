/*
 * Sending signals.
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
 * other. Nor does one get stuck with a thread that stops taking it: a thread that blocks a signal
 * or leaves hands what it was told of on to another one, under the same lock.
 *
 * Locks: everything is under signals.lock, except that a thread reads its own mask without (it
 * alone writes it), and signal_pending() reads all without. The lock is taken with interrupts off,
 * for timers send from interrupts.
 */
#include "proc/signal.h"

#include "lib/errno.h"
#include "proc/broken_pipe.h"
#include "proc/ptrace.h"
#include "proc/signal_private.h"
#include "sched/sched.h"

void signal_notify(struct thread *t)
{
	/* A full barrier: the state is read after the pending bit, which the caller has stored, can be seen. */
	if (t == current_thread())
		atomic32_fetch_or(&t->arch.work, WORK_SIGNAL);
	else
		thread_set_work(t, WORK_SIGNAL);
	if (atomic32_load(&t->state) != THREAD_RUNNABLE)
		thread_wake_interruptible(t);
}

static struct thread *signal_find_thread_locked(struct process *p, u32 tid)
	REQUIRES(&p->signals.lock)
{
	struct thread *t;

	list_for_each_entry (t, &p->signals.threads, signals.link)
		if (t->tid == tid)
			return t;
	return NULL;
}

static bool thread_takes(const struct thread *t, u64 bit)
{
	return !(READ_ONCE(t->signals.blocked) & bit);
}

/* A thread that does not block the signal: the oldest that has nothing else to act on; if all have,
 * the oldest; NULL if all block it. */
static NOINLINE struct thread *signal_choose_thread_locked(struct process *p, u64 bit)
	REQUIRES(&p->signals.lock)
{
	struct thread *t, *busy = NULL;

	list_for_each_entry (t, &p->signals.threads, signals.link) {
		if (!thread_takes(t, bit))
			continue;
		if (!(atomic32_load_relaxed(&t->arch.work) & WORK_SIGNAL))
			return t;
		if (!busy)
			busy = t;
	}
	return busy;
}

void signal_forget_locked(struct process *p, u64 set)
{
	struct thread *t;

	signal_queue_forget(&p->signals.queue, set);
	list_for_each_entry (t, &p->signals.threads, signals.link)
		signal_queue_forget(&t->signals.queue, set);
}

void signal_retarget_locked(struct process *p, u64 set)
{
	set &= p->signals.queue.pending;
	for (; set; set &= set - 1) {
		struct thread *t = signal_choose_thread_locked(p, set & -set);
		if (t)
			signal_notify(t);
	}
}

/* A stop and a continue undo each other when they are sent, even if blocked or handled. */
static NOINLINE void signal_send_job_control_locked(struct process *p, u32 signal)
	REQUIRES(&p->signals.lock)
{
	if (SIGNAL_BIT(signal) & SIGNALS_STOPPING) {
		signal_forget_locked(p, SIGNAL_BIT(SIGCONT));
	} else if (signal == SIGCONT) {
		signal_forget_locked(p, SIGNALS_STOPPING);
		signal_continue_locked(p);
	}
}

/* A signal that is blocked, or waited for, counts even if it is ignored. */
static ALWAYS_INLINE bool signal_is_ignored_locked(
	struct process *p, const struct thread *t, u32 signal) REQUIRES(&p->signals.lock)
{
	if ((t->signals.blocked | t->signals.waited_for) & SIGNAL_BIT(signal))
		return false;
	/* Its tracer wants to know. */
	if (ptrace_is_traced(t) && signal != SIGKILL)
		return false;
	/* Without its lock: see signal_actions.c. */
	return handler_ignores(
		READ_ONCE(p->signals.actions->action[signal - 1].sa_handler), signal);
}

/* Tells whoever is to act on it; one who waits for it is told, too. */
static ALWAYS_INLINE void signal_announce_locked(struct process *p, struct thread *only, u32 signal)
	REQUIRES(&p->signals.lock)
{
	u64 bit = SIGNAL_BIT(signal);
	struct thread *t = only ? only : signal_choose_thread_locked(p, bit);

	if (t && thread_takes(t, bit))
		signal_notify(t);
	/* Threads at rest look at it, too. */
	if (UNLIKELY(signal == SIGKILL))
		waitq_wake_all(&p->stop_waiters);
	waitq_wake_all(&p->signals.arrivals);
}

/* False if nobody would act on it. What a stop and a continue do at once has been done then. */
static ALWAYS_INLINE bool signal_may_post_locked(
	struct process *p, const struct thread *only, u32 signal) REQUIRES(&p->signals.lock)
{
	/* A process that has ended. */
	if (list_empty(&p->signals.threads))
		return false;
	if (UNLIKELY(SIGNAL_BIT(signal) & (SIGNALS_STOPPING | SIGNAL_BIT(SIGCONT))))
		signal_send_job_control_locked(p, signal);
	if (!only)
		only = list_first(&p->signals.threads, struct thread, signals.link);
	return !signal_is_ignored_locked(p, only, signal);
}

int signal_post_locked(struct process *p, struct thread *only, const struct signal_info *info)
{
	u32 signal = info->si_signo;

	if (!signal_may_post_locked(p, only, signal))
		return 0;
	/* Without its lock: figures of a moment ago will do. */
	int err = signal_queue_add(only ? &only->signals.queue : &p->signals.queue, info,
		READ_ONCE(p->cred.uid), READ_ONCE(p->limits[RLIMIT_SIGPENDING].rlim_cur));
	if (!err)
		signal_announce_locked(p, only, signal);
	return err;
}

bool signal_post_fixed_locked(struct process *p, u32 tid, struct signal_entry *e)
{
	struct thread *only = tid ? signal_find_thread_locked(p, tid) : NULL;
	u32 signal = e->info.si_signo;

	if ((tid && !only) || !signal_may_post_locked(p, only, signal))
		return false;
	signal_queue_add_fixed(only ? &only->signals.queue : &p->signals.queue, e);
	signal_announce_locked(p, only, signal);
	return true;
}

void signal_unqueue_fixed_locked(struct process *p, u32 tid, struct signal_entry *e)
{
	struct thread *only = tid ? signal_find_thread_locked(p, tid) : NULL;

	/* A thread that has gone has emptied its queue. */
	if (!tid || only)
		signal_queue_remove_fixed(only ? &only->signals.queue : &p->signals.queue, e);
}

int signal_post(struct process *p, u32 tid, const struct signal_info *info)
{
	struct thread *only = NULL;
	int err = 0;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	if (tid)
		only = signal_find_thread_locked(p, tid);
	if (tid && !only)
		err = -ESRCH;
	else if (info->si_signo != 0)
		err = signal_post_locked(p, only, info);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return err;
}

int signal_send_info(struct process *p, u32 tid, const struct signal_info *info)
{
	if (LIKELY(info->si_signo != SIGKILL))
		return signal_post(p, tid, info);
	int err = signal_post(p, tid, info);
	/* At once, not at the return to ring 3 of a thread that may be long in coming. */
	if (!err)
		process_kill(p, SIGKILL, "killed by kill(2)", 0, 0);
	return err;
}

int signal_send(struct process *p, u32 tid, u32 signal)
{
	struct signal_info info;

	signal_info_from_kernel(&info, signal);
	return signal_send_info(p, tid, &info);
}

int signal_broken_pipe(void)
{
	struct signal_info info;

	signal_info_from_current(&info, SIGPIPE, SI_USER);
	/* The thread is there, and a standard signal is never refused. */
	CHECK(signal_post(current_process(), current_thread()->tid, &info) == 0);
	return -EPIPE;
}

void signal_info_from_kernel(struct signal_info *info, u32 signal)
{
	*info = (struct signal_info){.si_signo = signal, .si_code = SI_KERNEL};
}

void signal_info_from_current(struct signal_info *info, u32 signal, s32 code)
{
	struct process *p = current_process();

	*info = (struct signal_info){.si_signo = signal, .si_code = code};
	info->si_pid = p->pid;
	info->si_uid = READ_ONCE(p->cred.uid);
}

void signal_force(const struct signal_info *info, const char *reason)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	u32 signal = info->si_signo;
	u64 bit = SIGNAL_BIT(signal);

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	struct signal_actions *actions = p->signals.actions;
	spin_lock(&actions->lock);
	struct sigaction *a = &actions->action[signal - 1];
	if ((t->signals.blocked & bit) || a->sa_handler == SIG_IGN)
		WRITE_ONCE(a->sa_handler, SIG_DFL);
	spin_unlock(&actions->lock);
	WRITE_ONCE(t->signals.blocked, t->signals.blocked & ~bit);
	t->signals.forced_reason = reason;
	/* Standard signals are not refused. */
	CHECK(signal_queue_add(&t->signals.queue, info, READ_ONCE(p->cred.uid), 0) == 0);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	thread_set_work(t, WORK_SIGNAL);
}

void signal_force_segv(const char *reason)
{
	struct signal_info info;

	signal_info_from_kernel(&info, SIGSEGV);
	signal_force(&info, reason);
}
