/*
 * What a new process has of its parent: each part is shared with it or copied from it, as clone(2)'s flags say.
 *
 * The parent is the caller, so what only its own threads or execve(2) change needs no lock; the words that others may
 * change are copied under its lock. Nobody else can see the child.
 */
#include <linux/sched.h>

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "proc/clone.h"
#include "proc/create.h"
#include "proc/exec.h"
#include "proc/process.h"
#include "proc/signal.h"

static int copy_memory(struct process *p, const struct clone_request *r)
{
	struct mm *mm = current_thread()->mm;

	if (!(r->flags & CLONE_VM))
		return mm_fork(mm, &p->mm);
	mm_get_user(mm);
	p->mm = mm;
	return 0;
}

/* The parent's, which only execve(2) changes, and then no other thread is left to be here. */
static int copy_program(struct process *p)
{
	struct file *program = current_process()->program;
	int err = exec_file_hold(program);

	if (!err)
		p->program = program;
	return err;
}

static int copy_files(struct process *p, const struct clone_request *r)
{
	struct files *files = current_process()->files;

	if (!(r->flags & CLONE_FILES))
		return files_copy(files, &p->files);
	files_get(files);
	p->files = files;
	return 0;
}

static int copy_fs(struct process *p, const struct clone_request *r)
{
	struct fs_context *fs = current_process()->fs;

	if (r->flags & CLONE_FS)
		fs_context_get(fs);
	p->fs = r->flags & CLONE_FS ? fs : fs_context_copy(fs);
	return p->fs ? 0 : -ENOMEM;
}

static int copy_actions(struct process *p, const struct clone_request *r)
{
	struct signal_actions *actions = current_process()->signals.actions;

	if (r->flags & CLONE_SIGHAND) {
		signal_actions_get(actions);
		p->signals.actions = actions;
		return 0;
	}
	p->signals.actions = signal_actions_copy(actions);
	if (!p->signals.actions)
		return -ENOMEM;
	if (r->flags & CLONE_CLEAR_SIGHAND)
		signal_actions_clear(p->signals.actions);
	return 0;
}

/* What is copied as it is. The parent's lock is held, the child is not visible yet. */
static void copy_words_locked(struct process *p, struct process *parent) REQUIRES(&parent->lock)
{
	p->cred = parent->cred;
	groups_share(&p->groups, &parent->groups);
	memcpy(p->limits, parent->limits, sizeof(p->limits));
	p->dumpable = parent->dumpable;
	p->oom_score_adj = parent->oom_score_adj;
	p->oom_score_least = parent->oom_score_least;
	p->tty_left = READ_ONCE(parent->tty_left);
	p->no_new_privs = parent->no_new_privs;
	p->personality = parent->personality;
	p->timer_slack = parent->timer_slack;
	p->over_limit = parent->over_limit;
	/* That of the thread that makes it. */
	string_copy(p->name, current_thread()->name, sizeof(p->name));
}

/* process_create() copies the path without the lock, for it allocates; only execve(2) of this same
 * process changes it, and then no other thread is left to be here. */
static int create_process(struct process **out)
{
	struct process *parent = current_process();
	int err = process_create(parent->exe, out);

	if (err)
		return err;
	spin_lock(&parent->lock);
	copy_words_locked(*out, parent);
	spin_unlock(&parent->lock);
	return 0;
}

int clone_copy_process(const struct clone_request *r, struct process **out)
{
	int err = create_process(out);
	if (!err)
		err = copy_actions(*out, r);
	if (!err)
		err = copy_program(*out);
	if (!err)
		err = copy_fs(*out, r);
	if (!err)
		err = copy_files(*out, r);
	if (!err)
		err = copy_memory(*out, r);
	return err;
}
