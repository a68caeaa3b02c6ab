/*
 * vfork(2)'s wait.
 *
 * Parent and child share a small object of two references, because either may go first: a parent
 * that is killed does not wait. The sleep can't miss the child: `done` is set before the queue is woken,
 * and the parent looks at it after it has joined (sched/wait.h). It can't miss being killed either:
 * it is in life_waiters of its own process as well, which is woken after `killed` or `exec_thread` was
 * set. Nor a signal that will end it, which on Linux kills it at once, too: every signal that becomes
 * pending wakes `arrivals`. All others wait for the child.
 */
#include "proc/vfork.h"

#include "mm/slab.h"
#include "proc/process.h"
#include "proc/signal.h"

struct vfork {
	struct refcount refs;
	atomic32_t done;
	struct waitq parent;
};

struct vfork *vfork_create(void)
{
	struct vfork *v = kmalloc(sizeof(*v));

	if (!v)
		return NULL;
	refcount_init(&v->refs);
	refcount_get(&v->refs);
	atomic32_store_relaxed(&v->done, 0);
	waitq_init(&v->parent);
	return v;
}

static void vfork_put(struct vfork *v)
{
	if (refcount_put(&v->refs))
		kfree(v);
}

void vfork_give(struct vfork *v, struct thread *child)
{
	child->vfork = v;
}

void vfork_cancel(struct vfork *v)
{
	/* No child has seen it: both references are the caller's. */
	kfree(v);
}

void vfork_release(struct thread *t)
{
	struct vfork *v = t->vfork;

	if (!v)
		return;
	t->vfork = NULL;
	atomic32_store(&v->done, 1);
	waitq_wake_all(&v->parent);
	vfork_put(v);
}

void vfork_wait(struct vfork *v)
{
	struct process *p = current_process();
	struct waiter child = {.link = LIST_INIT(child.link)},
		      life = {.link = LIST_INIT(life.link)},
		      signal = {.link = LIST_INIT(signal.link)};

	for (;;) {
		wait_prepare(&v->parent, &child, THREAD_SLEEPING);
		wait_prepare(&p->life_waiters, &life, THREAD_SLEEPING);
		wait_prepare(&p->signals.arrivals, &signal, THREAD_SLEEPING);
		if (atomic32_load(&v->done) || process_must_leave(p, current_thread()) ||
			signal_will_kill(p))
			break;
		int err = wait_sleep(WAIT_FOREVER);
		CHECK(err == 0);
	}
	wait_finish(&v->parent, &child);
	wait_finish(&p->life_waiters, &life);
	wait_finish(&p->signals.arrivals, &signal);
	vfork_put(v);
}
