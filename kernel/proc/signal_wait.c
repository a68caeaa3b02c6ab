/*
 * Taking signals without acting on them: sigtimedwait(2), and descriptors that hand them out.
 *
 * Who waits stands in process_signals.arrivals, which every sender wakes after the pending bit is
 * set (signal_announce_locked()); the waiter looks after it has joined. So none is missed. While a
 * thread waits it does not count as ignoring what it waits for.
 */
#include "arch/clock.h"
#include "lib/errno.h"
#include "proc/restart.h"
#include "proc/signal_private.h"

u32 signal_take(u64 set, struct signal_info *info)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	u32 signal = signal_next(t->signals.queue.pending & set);
	struct signal_queue *q = signal ? &t->signals.queue : &p->signals.queue;
	if (!signal)
		signal = signal_next(p->signals.queue.pending & set);
	if (signal)
		signal_queue_take(q, signal, info);
	if (signal == SIGALRM)
		itimer_signal_taken_locked(p);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return signal;
}

bool signal_takable(u64 set)
{
	struct thread *t = current_thread();
	/* Without the lock, as signal_pending() does. */
	u64 pending =
		READ_ONCE(t->process->signals.queue.pending) | READ_ONCE(t->signals.queue.pending);

	return pending & set;
}

static void set_waited_for(struct thread *t, u64 set)
{
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	t->signals.waited_for = set;
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

s32 signal_wait(u64 set, struct signal_info *info, u64 deadline_ns)
{
	struct thread *t = current_thread();
	u32 signal;
	int err;

	set &= ~SIGNAL_ABSOLUTE;
	signal = signal_take(set, info);
	if (signal)
		return signal;
	/* Signals that are not waited for don't end a wait that is none. */
	if (deadline_ns <= clock_now_ns())
		return -EAGAIN;
	set_waited_for(t, set);
	do {
		err = wait_event(&t->process->signals.arrivals, signal_takable(set),
			THREAD_SLEEPING_INTERRUPTIBLE, deadline_ns);
		/* Another thread may have been quicker. */
		signal = signal_take(set, info);
	} while (!signal && !err);
	set_waited_for(t, 0);
	if (signal)
		return signal;
	return err == -ETIME ? -EAGAIN : -EINTR_FINAL;
}
