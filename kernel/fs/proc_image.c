/*
 * /proc/PID/comm, cmdline, environ and auxv: the program that a process runs, as execve(2) was told and as the process says since.
 *
 * The strings lie in the process's own memory, where it may have changed them. What a program has in its environment is for who may look
 * into it; its arguments are for everybody. A process that has ended has no memory, so they are empty.
 *
 * A name is changed by threads of the same process alone, whatever file of whose /proc they write to.
 */
#include "fs/proc.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "proc/file.h"
#include "proc/process.h"
#include "proc/ptrace.h"

#define STRINGS_MAX (128 * KIB)

void proc_show_comm(struct proc_text *t, struct process *p)
{
	char name[PROCESS_NAME_SIZE];

	if (process_get_name(p, t->tid, name))
		proc_print(t, "%s\n", name);
}

/* What is too long is cut, and counts as written; a line's end is a part of the name. */
ssize_t proc_write_comm(const struct proc_ref *r, struct iobuf *from)
{
	char name[PROCESS_NAME_SIZE] = {0};
	size_t n = from->left;
	ssize_t taken = iobuf_take(from, name, MIN(n, sizeof(name) - 1));

	if (taken < 0)
		return taken;
	if (r->process != current_process())
		return -EINVAL;
	return process_rename(r->process, r->tid ? r->tid : r->process->pid, name) ? (ssize_t)n
										   : -ESRCH;
}

/* A part of the process's memory, [start, end). */
static void show_memory(struct proc_text *t, struct mm *mm, uaddr_t start, uaddr_t end)
{
	size_t n = MIN(end - start, STRINGS_MAX);
	char *to = n ? proc_room(t, n) : NULL;

	if (to && mm_read(mm, to, start, n) == 0)
		t->used += n;
}

void proc_show_cmdline(struct proc_text *t, struct process *p)
{
	struct mm *mm = process_get_mm(p);

	if (!mm)
		return;
	show_memory(t, mm, mm->arg_start, mm->arg_end);
	mm_put_user(mm);
}

/* NULL: there is none, or not for the reader. */
static struct mm *visible_memory(struct process *p)
{
	return ptrace_may_access(p, false) ? NULL : process_get_mm(p);
}

void proc_show_environ(struct proc_text *t, struct process *p)
{
	struct mm *mm = visible_memory(p);

	if (!mm)
		return;
	show_memory(t, mm, mm->env_start, mm->env_end);
	mm_put_user(mm);
}

void proc_show_auxv(struct proc_text *t, struct process *p)
{
	struct mm *mm = visible_memory(p);

	if (!mm)
		return;
	show_memory(t, mm, mm->auxv_start, mm->auxv_end);
	mm_put_user(mm);
}
