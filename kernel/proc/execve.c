/*
 * execve(2): a new program in the place of the running one.
 *
 * Everything that can fail is done first, with the old program untouched: the new address space with
 * its stack, a descriptor table and signal actions of its own. Then the other threads are ended; that
 * fails only if this one is being ended itself. From there on (exec_commit()) nothing fails.
 *
 * Ending the others: exec_thread is set under process->lock, and each thread in the list is told; a thread
 * that is added later finds the word (process_add_thread_locked()). Each leaves as for exit_group, and
 * the last one but us wakes life_waiters after it has left the list, so the count that we look at after
 * joining the queue is never stale for ever. Two threads in execve at once: the one that comes second
 * finds the word and leaves. Killed meanwhile: `killed` wakes the same queue, and we leave, too.
 *
 * The thread that called goes on as the process's first: it gets its number. The first thread's own
 * number is the process's, which nobody else can have got.
 */
#include "proc/exec.h"

#include <asm/signal.h>
#include <linux/personality.h>

#include "arch/irqflags.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/create.h"
#include "proc/family.h"
#include "proc/futex.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/ptrace.h"
#include "proc/rseq.h"
#include "proc/signal.h"
#include "proc/user.h"
#include "proc/vfork.h"
#include "sched/sched.h"

/* What has been made for the new program. */
struct replacement {
	struct exec_result program;
	struct files *files; /* NULL: the process's are its own already */
	char *exe;
	struct file *file; /* held */
};

static void replacement_discard(struct replacement *n)
{
	if (n->program.mm)
		mm_put_user(n->program.mm);
	if (n->files)
		files_put(n->files);
	exec_file_put(n->file);
	kfree(n->exe);
}

/* The process became a user's that had as many threads as it may, and still has. */
static bool over_limit(struct process *p)
{
	struct user *u = READ_ONCE(p->over_limit) ? user_get(p->cred.uid) : NULL;

	if (!u)
		return false;
	bool still = user_threads(u) > READ_ONCE(p->limits[RLIMIT_NPROC].rlim_cur);
	user_put(u);
	if (!still)
		WRITE_ONCE(p->over_limit, false);
	return still;
}

static int replacement_prepare(struct replacement *n, struct exec_request *r, const char *exe)
{
	struct process *p = current_process();
	size_t size = strlen(exe) + 1;

	if (over_limit(p))
		return -EAGAIN;
	int err = exec_load(r, &n->program);
	if (err)
		return err;
	/* Once more: it is held already. */
	err = exec_file_hold(r->file);
	CHECK(!err);
	n->file = r->file;
	n->exe = kmalloc(size);
	if (!n->exe)
		return -ENOMEM;
	memcpy(n->exe, exe, size);
	/* More than the process's own reference: another process shares it, or looks at it, and
	 * then a copy does no harm. */
	if (atomic32_load(&p->files->refs.count) > 1) {
		err = files_copy(p->files, &n->files);
		if (err)
			return err;
	}
	return signal_exec_prepare();
}

/* -- the other threads -- */

static int tell_others_to_leave(struct process *p, struct thread *self)
{
	struct thread *t;

	spin_lock(&p->lock);
	bool refused = process_must_leave(p, self);
	if (!refused) {
		WRITE_ONCE(p->exec_thread, self);
		list_for_each_entry (t, &p->threads, process_link) {
			if (t == self)
				continue;
			thread_set_work(t, WORK_SIGNAL);
			thread_wake_interruptible(t);
		}
	}
	spin_unlock(&p->lock);
	if (refused)
		return -EAGAIN;
	waitq_wake_all(&p->stop_waiters);
	waitq_wake_all(&p->life_waiters);
	return 0;
}

static int become_alone(struct process *p)
{
	int err = tell_others_to_leave(p, current_thread());

	if (err)
		return err;
	err = wait_event(&p->life_waiters,
		READ_ONCE(p->thread_count) == 1 || atomic32_load(&p->killed), THREAD_SLEEPING,
		WAIT_FOREVER);
	CHECK(err == 0);
	return atomic32_load(&p->killed) ? -EAGAIN : 0;
}

/* Alone: nobody else can look at exec_thread. */
static void take_over_number(struct process *p, struct thread *t)
{
	struct ptrace_dropped dropped = PTRACE_DROPPED_INIT(dropped);
	u32 old = t->tid;

	spin_lock(&pid_table_lock);
	ptrace_exec_locked(&dropped);
	if (old != p->pid) {
		pid_set_thread_locked(old, NULL);
		pid_drop_locked(pid_lookup_locked(old));
		WRITE_ONCE(t->tid, p->pid);
		pid_set_thread_locked(p->pid, t);
	}
	p->family.has_execed = true;
	p->family.exit_signal = SIGCHLD;
	spin_unlock(&pid_table_lock);
	ptrace_dropped_put(&dropped);
	spin_lock(&p->lock);
	p->exec_thread = NULL;
	spin_unlock(&p->lock);
}

/* -- the new program -- */

static void change_credentials_locked(struct process *p, const struct exec_result *n)
	REQUIRES(&p->lock)
{
	struct credentials *c = &p->cred;
	bool same = n->euid == c->uid && n->egid == c->gid;

	if (n->euid != c->euid || n->egid != c->egid)
		p->personality &= ~PER_CLEAR_ON_SETID;
	(void)cred_exec(c, n->euid, n->egid, p->no_new_privs);
	p->dumpable = same && !n->secret;
}

/* What others may look at, all at once. Returns the old address space. */
static struct mm *change_process(struct process *p, struct exec_request *r, struct replacement *n)
{
	struct files *old_files = NULL;

	spin_lock(&p->lock);
	struct mm *old = p->mm;
	char *old_exe = p->exe;
	struct file *old_program = p->program;
	p->peak_pages = MAX(p->peak_pages, READ_ONCE(old->pages));
	p->mm = n->program.mm;
	p->exe = n->exe;
	p->program = n->file;
	if (n->files) {
		old_files = p->files;
		p->files = n->files;
	}
	process_set_name(p, r->path);
	string_copy(current_thread()->name, p->name, sizeof(p->name));
	change_credentials_locked(p, &n->program);
	spin_unlock(&p->lock);
	kfree(old_exe);
	exec_file_put(old_program);
	if (old_files)
		files_put(old_files);
	return old;
}

static void change_memory(struct thread *t, struct mm *new)
{
	struct mm *old = t->mm;

	/* Its user: the thread. The process's own use came with it. */
	mm_get_user(new);
	/* An interrupt that switches threads must not find the one without the other. */
	u64 flags = irq_save();
	WRITE_ONCE(t->mm, new);
	mm_switch(new);
	irq_restore(flags);
	mm_put_user(old);
}

static void exec_commit(struct exec_request *r, struct replacement *n)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	take_over_number(p, t);
	futex_leave_memory(false);
	rseq_exec();
	struct mm *old = change_process(p, r, n);
	change_memory(t, n->program.mm);
	mm_put_user(old);
	vfork_release(t);
	files_close_on_exec(p->files);
	signal_exec_commit();
	arch_thread_reset(&t->arch, n->program.entry, n->program.sp);
}

int exec_replace(struct exec_request *r, const char *exe)
{
	struct thread *t = current_thread();
	struct replacement n = {0};
	u32 tid = t->tid, call = thread_user_frame(&t->arch)->call_number;

	int err = replacement_prepare(&n, r, exe);
	if (!err)
		err = become_alone(current_process());
	if (!err) {
		exec_commit(r, &n);
		ptrace_exec_done(tid, call);
		return 0;
	}
	replacement_discard(&n);
	if (r->too_late)
		process_kill(
			current_process(), SIGSEGV, "execve could not map the new program", 0, 0);
	return err;
}
