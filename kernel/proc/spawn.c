/*
 * Starting a process.
 *
 * Everything is made before anything can be seen by others: the address space (exec.c), the
 * process, its thread. Only when nothing can fail any more do they get into the pid table and the
 * run queue, so a failure has nothing to undo but memory.
 */
#include "arch/control.h"
#include "arch/irqflags.h"
#include "lib/errno.h"
#include "proc/args.h"
#include "proc/create.h"
#include "proc/exec.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "proc/user.h"

static struct thread *spawn_create_thread(struct process *p, const struct exec_result *x)
{
	struct trap_frame frame = {
		.vector = VECTOR_FIRST_RETURN,
		.error = ~0UL,
		.rip = x->entry,
		.cs = USER_CS,
		.rflags = RFLAGS_FIXED | RFLAGS_IF,
		.rsp = x->sp,
		.ss = USER_DS,
	};
	struct user *u = user_get(p->cred.uid);
	struct thread *t = u ? thread_create_user(p->name, p, x->mm, &frame) : NULL;

	if (t && user_join(u, t) == 0) {
		t->tid = p->pid;
		return t;
	}
	if (t)
		thread_put(t);
	if (u)
		user_put(u);
	return NULL;
}

/* From here on nothing fails. The process takes over the address space; descriptors and structure
 * get references of their own. */
static void spawn_publish(struct process *p, struct mm *mm, struct files *files, struct thread *t)
{
	p->mm = mm;
	p->files = files;
	files_get(files);
	/* As of one that was forked, though nobody hears it. */
	p->family.exit_signal = SIGCHLD;
	spin_lock(&pid_table_lock);
	process_publish_locked(p, NULL, t);
	spin_unlock(&pid_table_lock);
	thread_start(t);
	thread_put(t);
}

static const char *spawn_why(int err)
{
	switch (err) {
	case -ENOMEM:
		return "out of memory";
	case -E2BIG:
		return "the arguments and environment are too long";
	case -EACCES:
		return "not an executable file";
	default:
		return "the program can't be read";
	}
}

static int spawn_load(struct spawn *s, struct process *p, struct exec_result *x)
{
	struct exec_request r = {
		.file = s->program,
		.path = s->path,
		.cred = &p->cred,
		.stack_limit = p->limits[RLIMIT_STACK].rlim_cur,
	};

	int err = exec_file_hold(r.file);
	if (err)
		return err;
	err = args_init(&r.args, r.stack_limit, s->path);
	if (!err)
		err = args_add_kernel(&r.args, s->argv, s->envp);
	if (!err)
		err = exec_load(&r, x);
	args_free(&r.args);
	if (err)
		exec_file_put(r.file);
	else
		p->program = r.file;
	s->why = r.why;
	return err;
}

/* Loads the program and makes the thread; p is filled in as far as that needs. */
static int spawn_build(struct spawn *s, struct process *p, struct exec_result *x, struct thread **t)
{
	limits_init(p->limits);
	process_set_name(p, s->path);
	if (s->cred)
		p->cred = *s->cred;
	else
		cred_init(&p->cred, 0, 0);
	p->signals.actions = signal_actions_create();
	p->fs = fs_context_create(s->cwd, NULL, 022);
	if (!p->signals.actions || !p->fs)
		return -ENOMEM;
	int err = spawn_load(s, p, x);
	if (err)
		return err;
	(void)cred_exec(&p->cred, x->euid, x->egid, p->no_new_privs);
	*t = spawn_create_thread(p, x);
	if (*t)
		return 0;
	mm_put_user(x->mm);
	return -ENOMEM;
}

int process_spawn_with(struct spawn *s, struct process **out)
{
	struct exec_result x;
	struct thread *t;

	s->why = NULL;
	struct process *p = NULL;
	int err = process_create(s->path, &p);
	if (!err)
		err = spawn_build(s, p, &x, &t);
	if (!err) {
		/* The caller's reference is the one that process_create() gave. It may end before
		 * we return. */
		*out = p;
		if (s->publishing)
			s->publishing(p);
		spawn_publish(p, x.mm, s->files, t);
		return 0;
	}
	if (p)
		process_put(p);
	if (!s->why)
		s->why = spawn_why(err);
	return err;
}

int process_spawn(struct file *program, const char *path, char *const argv[], char *const envp[],
	struct dentry *cwd, struct files *files, struct process **out)
{
	struct spawn s = {
		.program = program,
		.path = path,
		.argv = argv,
		.envp = envp,
		.cwd = cwd,
		.files = files,
	};
	return process_spawn_with(&s, out);
}
