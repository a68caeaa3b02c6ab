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
#include "proc/create.h"
#include "proc/exec.h"
#include "proc/pid.h"
#include "proc/process.h"

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
	struct thread *t = thread_create_user(p->name, p, x->mm, &frame);

	if (t)
		t->tid = p->pid;
	return t;
}

/* From here on nothing fails. The process takes over the address space; descriptors and structure
 * get references of their own. */
static void spawn_publish(struct process *p, struct mm *mm, struct files *files, struct thread *t)
{
	p->mm = mm;
	p->files = files;
	files_get(files);
	process_add_thread(p, t);
	pid_table_add(p);
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

/* Loads the program and makes the thread; p is filled in as far as that needs. */
static int spawn_build(struct spawn *s, struct process *p, struct exec_result *x, struct thread **t)
{
	if (s->cred)
		p->cred = *s->cred;
	int err = exec_load(s, p, x);
	if (err)
		return err;
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
	struct process *p = process_create(s->path, s->cwd);
	int err = p ? spawn_build(s, p, &x, &t) : -ENOMEM;
	if (!err) {
		/* The caller's reference is the one that process_create() gave. It may end before
		 * we return. */
		*out = p;
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
	const char *cwd, struct files *files, struct process **out)
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
