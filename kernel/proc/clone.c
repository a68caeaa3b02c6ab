/*
 * fork, vfork, clone.
 *
 * Everything is made before anything can be seen: a thread that is not started, for a new process
 * also the structure with its parts, each shared with the caller or copied from it as the flags say.
 * What fails gives back what there is, in one place (child_discard()). Then, under pid_table_lock, the
 * child is published: from that moment signals to the group, waits and the end of the tree reach it. Just
 * before, under the same lock, the caller looks once more whether it is being ended itself, or has a
 * signal that came to its group meanwhile: then nothing is published and the call is made again after the
 * signal. So a signal to a group never misses a child, and execve(2) or exit_group(2), which end all threads they
 * can see, never miss a thread. Other signals wait until the call has ended: a timer that is faster than
 * a fork must not keep it from ever ending.
 *
 * The child's first code is the exit path, with a copy of the caller's frame: RAX is 0.
 */
#include "proc/clone.h"

#include <asm/signal.h>
#include <linux/sched.h>

#include "arch/control.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/create.h"
#include "proc/group.h"
#include "proc/pid.h"
#include "proc/pidfd.h"
#include "proc/process.h"
#include "proc/ptrace.h"
#include "proc/restart.h"
#include "proc/rseq.h"
#include "proc/signal.h"
#include "proc/user.h"
#include "proc/vfork.h"
#include "sched/sched.h"

#define NAMESPACES                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
		CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME)

/* What there is of a child before it is published. */
struct child {
	const struct clone_request *r;
	struct process *process; /* of a thread: the caller's */
	struct thread *thread;
	struct vfork *vfork;
	int pidfd;	   /* -1: none */
	u32 group_signals; /* the caller's, when the call began */
	u32 event;	   /* what a tracer is told: ptrace_clone_event() */
};

static bool is_thread(const struct clone_request *r)
{
	return r->flags & CLONE_THREAD;
}

static int check_flags(const struct clone_request *r)
{
	u64 f = r->flags;

	if ((f & CLONE_THREAD) && !(f & CLONE_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_SIGHAND) && !(f & CLONE_VM))
		return -EINVAL;
	if ((f & CLONE_SIGHAND) && (f & CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if ((f & CLONE_PIDFD) && (f & CLONE_DETACHED))
		return -EINVAL;
	if ((f & CLONE_PIDFD) && (f & CLONE_PARENT_SETTID) && r->pidfd == r->parent_tid)
		return -EINVAL;
	/* The siblings of a tree's root would have no parent. */
	if ((f & CLONE_PARENT) && current_process()->family.root == current_process())
		return -EINVAL;
	/* As a Linux that was built without them. */
	if (f & NAMESPACES)
		return -EINVAL;
	return 0;
}

/* -- a thread -- */

static struct trap_frame child_frame(const struct clone_request *r)
{
	const struct arch_thread *self = &current_thread()->arch;
	struct trap_frame f = *thread_user_frame(&current_thread()->arch);

	/* The caller is being stepped, not the child. */
	if (self->step_forced)
		f.rflags &= ~RFLAGS_TF;
	f.vector = VECTOR_FIRST_RETURN;
	f.error = ~0UL;
	f.rax = 0;
	if (r->stack)
		f.rsp = r->stack;
	return f;
}

/* RLIMIT_NPROC holds for all but root, and the limit of the whole system for everybody. */
static int join_user(struct child *c)
{
	const struct process *self = current_process();
	struct user *u = user_get(c->process->cred.uid);

	if (!u)
		return -ENOMEM;
	u64 limit = READ_ONCE(self->limits[RLIMIT_NPROC].rlim_cur);
	bool bound = self->cred.uid != 0 && !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
	int err = bound && user_threads(u) >= limit ? -EAGAIN : user_join(u, c->thread);
	if (err)
		user_put(u);
	return err;
}

static int create_thread(struct child *c)
{
	const struct clone_request *r = c->r;
	struct trap_frame frame = child_frame(r);
	struct thread *self = current_thread();
	bool own_memory = !(r->flags & CLONE_VM);
	char name[PROCESS_NAME_SIZE];

	(void)process_get_name(self->process, self->tid, name);
	struct thread *t = thread_create_user(
		name, c->process, own_memory ? c->process->mm : self->mm, &frame);
	if (!t)
		return -ENOMEM;
	c->thread = t;
	arch_thread_inherit(&t->arch);
	if (r->flags & CLONE_SETTLS)
		t->arch.fs_base = r->tls;
	sched_inherit(t);
	if (own_memory)
		rseq_fork(t);
	signal_thread_inherit(t, own_memory || (r->flags & CLONE_VFORK));
	if (r->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = r->child_tid;
	if (is_thread(r))
		return pid_alloc(&t->tid);
	t->tid = c->process->pid;
	return 0;
}

/* -- all of it -- */

static void child_discard(struct child *c)
{
	struct thread *t = c->thread;
	struct process *p = c->process;

	if (c->pidfd >= 0)
		(void)!files_close(current_process()->files, c->pidfd);
	if (c->vfork)
		vfork_cancel(c->vfork);
	if (t) {
		user_leave(t);
		if (is_thread(c->r) && t->tid)
			pid_free(t->tid);
		thread_put(t);
	}
	if (is_thread(c->r) || !p)
		return;
	if (p->mm)
		mm_put_user(p->mm);
	if (p->files)
		files_put(p->files);
	process_put(p);
}

static int create_pidfd(struct child *c)
{
	if (!(c->r->flags & CLONE_PIDFD))
		return 0;
	c->pidfd = pidfd_install(c->process, 0);
	if (c->pidfd < 0)
		return c->pidfd;
	return put_user_u32(c->r->pidfd, (u32)c->pidfd) ? -EFAULT : 0;
}

static int child_create(struct child *c)
{
	int err = is_thread(c->r) ? 0 : clone_copy_process(c->r, &c->process);

	if (!err)
		err = create_thread(c);
	if (!err)
		err = join_user(c);
	if (!err && (c->r->flags & CLONE_VFORK)) {
		c->vfork = vfork_create();
		err = c->vfork ? 0 : -ENOMEM;
	}
	return err ? err : create_pidfd(c);
}

/* The parent of the new process. */
static struct process *child_parent(const struct clone_request *r) REQUIRES(&pid_table_lock)
{
	struct process *self = current_process();

	return r->flags & CLONE_PARENT ? self->family.parent : self;
}

static void publish_locked(struct child *c) REQUIRES(&pid_table_lock)
{
	struct process *self = current_process(), *p = c->process;

	if (is_thread(c->r)) {
		process_add_thread_locked(p, c->thread);
	} else {
		bool sibling = c->r->flags & CLONE_PARENT;
		p->family.exit_signal = sibling ? self->family.exit_signal : c->r->exit_signal;
		p->family.parent_tid = sibling ? self->family.parent_tid : current_thread()->tid;
		process_publish_locked(p, child_parent(c->r), c->thread);
	}
	ptrace_clone_locked(c->thread, c->r, c->event);
}

/* Why nothing new may appear at this moment. If the process begins to end right after this, the new
 * thread is told so when it is put into the list (process_add_thread_locked()). */
static int publish_refused_locked(const struct child *c) REQUIRES(&pid_table_lock)
{
	struct thread *self = current_thread();

	if (process_must_leave(self->process, self))
		return -ERESTART_ALWAYS;
	if (self->process->signals.group_signals != c->group_signals && signal_pending(self))
		return -ERESTART_ALWAYS;
	if (!is_thread(c->r) && self->process->family.root->family.ending)
		return -ENOMEM;
	return 0;
}

static int child_publish(struct child *c)
{
	spin_lock(&pid_table_lock);
	int err = publish_refused_locked(c);
	if (!err)
		publish_locked(c);
	spin_unlock(&pid_table_lock);
	return err;
}

/* The number for parent and child, in the memory of each, before the child runs. A place that can't
 * be written to is the program's affair, as on Linux. */
static void child_tell_number(const struct child *c)
{
	const struct clone_request *r = c->r;
	u32 tid = c->thread->tid;

	if (r->flags & CLONE_PARENT_SETTID)
		(void)!put_user_u32(r->parent_tid, tid);
	if (r->flags & CLONE_CHILD_SETTID)
		(void)!mm_write(c->thread->mm, r->child_tid, &tid, sizeof(tid));
}

/* What has come before the call acts before it. Then, under the lock, what comes from now on is told apart. */
static int child_begin(struct child *c)
{
	spin_lock(&pid_table_lock);
	c->group_signals = current_process()->signals.group_signals;
	spin_unlock(&pid_table_lock);
	return signal_pending(current_thread()) ? -ERESTART_ALWAYS : 0;
}

s64 process_clone(const struct clone_request *r)
{
	struct child c = {.r = r, .pidfd = -1, .event = ptrace_clone_event(r)};
	int err = check_flags(r);

	if (err)
		return err;
	if ((r->flags & CLONE_SETTLS) && r->tls >= USER_END)
		return -EPERM;
	err = child_begin(&c);
	if (err)
		return err;
	if (is_thread(r))
		c.process = current_process();
	err = child_create(&c);
	if (!err)
		err = child_publish(&c);
	if (err) {
		child_discard(&c);
		return err;
	}
	u32 tid = c.thread->tid;
	child_tell_number(&c);
	if (c.vfork)
		vfork_give(c.vfork, c.thread);
	/* It may end before thread_start() returns; our references are the thread's creator's and
	 * the process's creator's. */
	thread_start(c.thread);
	thread_put(c.thread);
	if (!is_thread(r))
		process_put(c.process);
	ptrace_clone_done(c.event, tid);
	if (c.vfork) {
		vfork_wait(c.vfork);
		ptrace_vfork_done(tid);
	}
	return tid;
}
