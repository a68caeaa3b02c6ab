/*
 * /proc of debug kernels: what tests of failing allocations need (docs/fault-injection.md).
 *
 *   /proc/PID/fail-nth      as on Linux: n written makes the n-th site fail that the thread passes from then on; read, it tells
 *                           how many are left, 0 when that has happened. The running thread's if it belongs to the process,
 *                           otherwise its first thread's
 *   /proc/airlock-fail      takes what `fail=` takes; read, it tells how many sites were asked since then and how many ever failed
 *   /proc/airlock-memory    what is in use: frames, tables, stacks, objects of each slab cache. "mark" written to it begins a
 *                           look for leaks (mm/leak.h), "report" ends it with an error in the log for each
 */
#include "fs/proc.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/inject.h"
#include "mm/leak.h"
#include "mm/slab.h"
#include "proc/process.h"

#ifdef AIRLOCK_DEBUG

/* With a reference, or NULL. */
static struct thread *thread_of(struct process *p)
{
	struct thread *self = current_thread();

	if (self->process != p)
		return process_find_thread(p->pid);
	thread_get(self);
	return self;
}

void proc_show_fail_nth(struct proc_text *t, struct process *p)
{
	struct thread *thread = thread_of(p);

	inject_exempt_begin("telling the count must not change it");
	proc_print(t, "%u\n", thread ? inject_get_nth(thread) : 0);
	inject_exempt_end();
	if (thread)
		thread_put(thread);
}

int proc_store_fail_nth(struct process *p, const char *text)
{
	struct thread *thread;
	u64 n;

	if (!string_to_u64(text, &n) || n > UINT32_MAX)
		return -EINVAL;
	thread = thread_of(p);
	if (!thread)
		return -ESRCH;
	inject_set_nth(thread, (u32)n);
	thread_put(thread);
	return 0;
}

void proc_show_fail(struct proc_text *t, struct process *p)
{
	struct inject_figures f;

	inject_figures(&f);
	proc_print(t, "asked %lu\nfailed %lu\n", f.asked, f.failed);
}

int proc_store_fail(struct process *p, const char *text)
{
	return inject_parse(text) ? 0 : -EINVAL;
}

void proc_show_memory(struct proc_text *t, struct process *p)
{
	const char *name;
	u64 objects;

	proc_print(t, "frames %lu\ntables %lu\nstacks %lu\n", leak_counted_frames(),
		leak_counted(LEAK_TABLES), leak_counted(LEAK_STACKS));
	for (u32 i = 0; slab_usage(i, &name, &objects); i++)
		proc_print(t, "slab:%s %lu\n", name, objects);
}

int proc_store_memory(struct process *p, const char *text)
{
	if (!strcmp(text, "mark"))
		leak_begin();
	else if (!strcmp(text, "report"))
		(void)leak_report();
	else
		return -EINVAL;
	return 0;
}

#endif
