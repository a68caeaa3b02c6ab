/*
 * Dispositions of signals. They have a lock of their own, inside the one of a process's signals,
 * because processes may share them (CLONE_SIGHAND without CLONE_THREAD).
 *
 * Ignoring a signal drops what is pending. A sender looks at the action and adds to the queue under
 * signals.lock, and the drop is under signals.lock, too, after the action has changed: a sender
 * that saw the old action has added before the drop, and one that comes after it sees the new one. Therefore the sender need not
 * hold the lock of the actions to look at the handler, which is stored in one piece.
 */
#include "arch/irqflags.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/signal_private.h"

#define SA_KNOWN                                                                           \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | \
		SA_RESETHAND | SA_EXPOSE_TAGBITS | SA_RESTORER)

struct signal_actions *signal_actions_create(void)
{
	struct signal_actions *a = kzalloc(sizeof(*a));

	if (!a)
		return NULL;
	refcount_init(&a->refs);
	spin_init(&a->lock, "signal actions", RANK_ACTIONS);
	return a;
}

struct signal_actions *signal_actions_copy(struct signal_actions *from)
{
	struct signal_actions *a = signal_actions_create();

	if (!a)
		return NULL;
	u64 flags = spin_lock_irqsave(&from->lock);
	memcpy(a->action, from->action, sizeof(a->action));
	a->set = from->set;
	spin_unlock_irqrestore(&from->lock, flags);
	return a;
}

void signal_actions_get(struct signal_actions *a)
{
	refcount_get(&a->refs);
}

void signal_actions_put(struct signal_actions *a)
{
	if (a && refcount_put(&a->refs))
		kfree(a);
}

void action_get(struct signal_actions *actions, u32 signal, struct sigaction *out)
{
	ASSERT(irq_disabled());
	spin_lock(&actions->lock);
	*out = actions->action[signal - 1];
	spin_unlock(&actions->lock);
}

void signal_action_of(struct process *p, u32 signal, struct sigaction *out)
{
	u64 flags = spin_lock_irqsave(&p->signals.lock);

	action_get(p->signals.actions, signal, out);
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

void signal_actions_sets(struct process *p, u64 *ignored, u64 *caught)
{
	*ignored = *caught = 0;
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	struct signal_actions *a = p->signals.actions;

	spin_lock(&a->lock);
	for (u32 n = 1; a->set && n <= SIGNAL_COUNT; n++) {
		if (a->action[n - 1].sa_handler == SIG_IGN)
			*ignored |= SIGNAL_BIT(n);
		else if (a->action[n - 1].sa_handler != SIG_DFL)
			*caught |= SIGNAL_BIT(n);
	}
	spin_unlock(&a->lock);
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

void signal_reset_action(u32 signal)
{
	struct signal_actions *actions = current_process()->signals.actions;
	u64 flags = spin_lock_irqsave(&actions->lock);

	WRITE_ONCE(actions->action[signal - 1].sa_handler, SIG_DFL);
	spin_unlock_irqrestore(&actions->lock, flags);
}

int signal_action(u32 signal, const struct sigaction *act, struct sigaction *old)
{
	struct process *p = current_process();
	/* Of the running thread's process, so exec does not change it meanwhile. */
	struct signal_actions *actions = p->signals.actions;
	bool ignored = false;

	if (signal < 1 || signal > SIGNAL_COUNT || (act && (SIGNAL_BIT(signal) & SIGNAL_ABSOLUTE)))
		return -EINVAL;
	u64 flags = spin_lock_irqsave(&actions->lock);
	struct sigaction *a = &actions->action[signal - 1];
	if (old)
		*old = *a;
	if (act) {
		actions->set = true;
		WRITE_ONCE(a->sa_handler, act->sa_handler);
		a->sa_restorer = act->sa_restorer;
		/* Unknown flags read back as 0, by which programs learn that they are. */
		a->sa_flags = act->sa_flags & SA_KNOWN;
		a->sa_mask = act->sa_mask & ~SIGNAL_ABSOLUTE;
		ignored = action_ignores(a, signal);
	}
	spin_unlock_irqrestore(&actions->lock, flags);
	if (ignored) {
		flags = spin_lock_irqsave(&p->signals.lock);
		signal_forget_locked(p, SIGNAL_BIT(signal));
		spin_unlock_irqrestore(&p->signals.lock, flags);
	}
	return 0;
}

void signal_actions_clear(struct signal_actions *a)
{
	u64 flags = spin_lock_irqsave(&a->lock);

	for (u32 i = 0; a->set && i < SIGNAL_COUNT; i++) {
		bool ignored = a->action[i].sa_handler == SIG_IGN;
		WRITE_ONCE(a->action[i].sa_handler, ignored ? SIG_IGN : SIG_DFL);
		a->action[i].sa_flags = 0;
		a->action[i].sa_restorer = NULL;
		a->action[i].sa_mask = 0;
	}
	spin_unlock_irqrestore(&a->lock, flags);
}

int signal_exec_prepare(void)
{
	struct process *p = current_process();
	struct signal_actions *old = p->signals.actions;

	/* Nobody but this process can take another reference, and it is here. */
	if (atomic32_load(&old->refs.count) == 1)
		return 0;
	struct signal_actions *own = signal_actions_copy(old);
	if (!own)
		return -ENOMEM;
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	p->signals.actions = own;
	spin_unlock_irqrestore(&p->signals.lock, flags);
	signal_actions_put(old);
	return 0;
}

void signal_exec_commit(void)
{
	struct thread_signals *s = &current_thread()->signals;

	signal_actions_clear(current_process()->signals.actions);
	timers_delete_posix(current_process());
	s->altstack = s->altstack_size = 0;
	s->altstack_flags = SS_DISABLE;
	s->restart.fn = NULL;
}
