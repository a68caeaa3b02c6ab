/*
 * What clone, exec and exit need of signals.
 */
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "proc/signal.h"

struct signal_actions *signal_actions_create(void)
{
	struct signal_actions *a = kzalloc(sizeof(*a));

	if (a)
		refcount_init(&a->refs);
	return a;
}

struct signal_actions *signal_actions_copy(struct signal_actions *from)
{
	struct process *p = current_process();
	struct signal_actions *a = signal_actions_create();

	if (!a)
		return NULL;
	spin_lock(&p->lock);
	memcpy(a->action, from->action, sizeof(a->action));
	spin_unlock(&p->lock);
	return a;
}

void signal_actions_clear(struct signal_actions *a)
{
	for (u32 i = 0; i < SIGNAL_COUNT; i++) {
		bool ignored = a->action[i].sa_handler == SIG_IGN;
		a->action[i] = (struct sigaction){.sa_handler = ignored ? SIG_IGN : SIG_DFL};
	}
}

void signal_actions_get(struct signal_actions *a)
{
	refcount_get(&a->refs);
}

void signal_actions_put(struct signal_actions *a)
{
	if (refcount_put(&a->refs))
		kfree(a);
}

void signal_thread_inherit(struct thread *t, bool keep_stack)
{
	const struct thread_signals *self = &current_thread()->signals;

	t->signals.blocked = self->blocked;
	if (!keep_stack)
		return;
	t->signals.altstack = self->altstack;
	t->signals.altstack_size = self->altstack_size;
	t->signals.altstack_flags = self->altstack_flags;
}

int signal_exec_prepare(void)
{
	struct process *p = current_process();

	if (atomic32_load(&p->actions->refs.count) == 1)
		return 0;
	struct signal_actions *own = signal_actions_copy(p->actions);
	if (!own)
		return -ENOMEM;
	spin_lock(&p->lock);
	struct signal_actions *old = p->actions;
	p->actions = own;
	spin_unlock(&p->lock);
	signal_actions_put(old);
	return 0;
}

void signal_exec_commit(void)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	spin_lock(&p->lock);
	signal_actions_clear(p->actions);
	spin_unlock(&p->lock);
	t->signals.altstack = t->signals.altstack_size = t->signals.altstack_flags = 0;
}
