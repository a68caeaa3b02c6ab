/*
 * Making process structures and keeping them alive. What a process does is in exec.c (beginning),
 * exit.c (end), signal.c and fault.c; finding one by number is pid.c.
 */
#include "proc/process.h"

#include "arch/clock.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/create.h"
#include "proc/futex.h"
#include "proc/oom.h"
#include "proc/pid.h"
#include "proc/random.h"
#include "proc/signal.h"

/* A copy of a string, or NULL if memory ran out. */
static char *string_duplicate(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = kmalloc(n);

	if (copy)
		memcpy(copy, s, n);
	return copy;
}

static void process_init_fields(struct process *p)
{
	refcount_init(&p->refs);
	spin_init(&p->lock, "process", RANK_PROCESS);
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->threads);
	waitq_init(&p->exit_waiters);
	waitq_init(&p->stop_waiters);
	limits_init(p->limits);
	p->umask = 022;
	p->dumpable = true;
	p->start_ns = clock_now_ns();
}

static void process_free(struct process *p)
{
	kfree(p->actions);
	kfree(p->cwd);
	kfree(p->exe);
	if (p->pid)
		pid_free(p->pid);
	kfree(p);
}

struct process *process_create(const char *path, const char *cwd)
{
	struct process *p = kzalloc(sizeof(*p));
	if (!p)
		return NULL;
	process_init_fields(p);
	p->cwd = string_duplicate(cwd);
	p->exe = string_duplicate(path);
	p->actions = signal_actions_create();
	p->pid = pid_alloc();
	if (!p->cwd || !p->exe || !p->actions || !p->pid) {
		process_free(p);
		return NULL;
	}
	p->group = p->session = p->pid;
	const char *slash = strrchr(path, '/');
	string_copy(p->name, slash ? slash + 1 : path, sizeof(p->name));
	return p;
}

void process_get(struct process *p)
{
	refcount_get(&p->refs);
}

void process_put(struct process *p)
{
	if (refcount_put(&p->refs))
		process_free(p);
}

void process_add_thread(struct process *p, struct thread *t)
{
	process_get(p);
	mm_get_user(t->mm);
	spin_lock(&p->lock);
	list_push_back(&p->threads, &t->process_link);
	p->thread_count++;
	spin_unlock(&p->lock);
}

struct mm *process_get_mm(struct process *p)
{
	spin_lock(&p->lock);
	struct mm *mm = p->mm;
	if (mm)
		mm_get_user(mm);
	spin_unlock(&p->lock);
	return mm;
}

u64 thread_runtime(const struct thread *t)
{
	/* Without the run queue's lock: for a thread that is switched at this moment the figure may
	 * be one time slice old. */
	u64 done = READ_ONCE(t->runtime);
	u64 since = READ_ONCE(t->exec_start);
	u64 now = clock_now_ns();

	if (READ_ONCE(t->on_cpu) && now > since)
		done += now - since;
	return done;
}

u64 process_runtime(struct process *p)
{
	struct thread *t;

	spin_lock(&p->lock);
	u64 sum = p->dead_runtime;
	list_for_each_entry (t, &p->threads, process_link)
		sum += thread_runtime(t);
	spin_unlock(&p->lock);
	return sum;
}

bool process_thread_runtime(struct process *p, u32 tid, u64 *ns)
{
	struct thread *t;
	bool found = false;

	spin_lock(&p->lock);
	list_for_each_entry (t, &p->threads, process_link) {
		if (t->tid != tid)
			continue;
		*ns = thread_runtime(t);
		found = true;
	}
	spin_unlock(&p->lock);
	return found;
}

u64 process_peak_pages(struct process *p)
{
	spin_lock(&p->lock);
	u64 now = p->mm ? READ_ONCE(p->mm->pages) : 0;
	p->peak_pages = MAX(p->peak_pages, now);
	u64 peak = p->peak_pages;
	spin_unlock(&p->lock);
	return peak;
}

INIT_TEXT void process_init(void)
{
	random_init();
	futex_init();
	wait_set_signal_pending(signal_pending);
	oom_init();
}
