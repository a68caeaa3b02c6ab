/*
 * Making process structures and keeping them alive. What a process does is in exec.c (beginning),
 * exit.c (end), signal.c and fault.c; making one from another is clone.c; finding one by number is
 * pid.c.
 */
#include "proc/process.h"
#include "proc/vdso.h"

#include "arch/clock.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/cpulimit.h"
#include "proc/create.h"
#include "proc/exec.h"
#include "proc/futex.h"
#include "proc/oom.h"
#include "proc/pid.h"
#include "proc/random.h"
#include "proc/signal.h"
#include "sched/sched.h"

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
	groups_init(&p->groups);
	family_init(p);
	list_init(&p->threads);
	waitq_init(&p->exit_waiters);
	waitq_init(&p->stop_waiters);
	signal_process_init(p);
	cpu_limit_init(p);
	waitq_init(&p->life_waiters);
	p->dumpable = true;
	p->timer_slack = TIMER_SLACK_DEFAULT;
	p->start_ns = clock_now_ns();
}

static void process_free(struct process *p)
{
	signal_process_destroy(p);
	if (p->fs)
		fs_context_put(p->fs);
	exec_file_put(p->program);
	groups_free(&p->groups);
	kfree(p->exe);
	/* Its number goes when it is reaped; one that never got into the table has it still. */
	if (p->pid && !p->was_published)
		pid_free(p->pid);
	kfree(p);
}

int process_create(const char *path, struct process **out)
{
	struct process *p = kzalloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	process_init_fields(p);
	p->exe = string_duplicate(path);
	int err = p->exe ? pid_alloc(&p->pid) : -ENOMEM;
	if (err)
		process_put(p);
	else
		*out = p;
	return err;
}

void process_set_name(struct process *p, const char *path)
{
	const char *slash = strrchr(path, '/');

	string_copy(p->name, slash ? slash + 1 : path, sizeof(p->name));
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

struct thread *process_thread_locked(struct process *p, u32 tid)
{
	struct thread *t;

	list_for_each_entry (t, &p->threads, process_link)
		if (READ_ONCE(t->tid) == tid)
			return t;
	return NULL;
}

bool process_get_name(struct process *p, u32 tid, char out[PROCESS_NAME_SIZE])
{
	spin_lock(&p->lock);
	const struct thread *t = tid == p->pid ? NULL : process_thread_locked(p, tid);
	bool found = t || tid == p->pid;
	string_copy(out, t ? t->name : found ? p->name : "", PROCESS_NAME_SIZE);
	spin_unlock(&p->lock);
	return found;
}

bool process_rename(struct process *p, u32 tid, const char *name)
{
	bool first = tid == p->pid;

	spin_lock(&p->lock);
	struct thread *t = process_thread_locked(p, tid);
	if (t)
		string_copy(t->name, name, sizeof(t->name));
	if (first)
		string_copy(p->name, name, sizeof(p->name));
	spin_unlock(&p->lock);
	return t || first;
}

static u64 threads_made GUARDED_BY(pid_table_lock);

u64 process_threads_made(void)
{
	spin_lock(&pid_table_lock);
	u64 n = threads_made;
	spin_unlock(&pid_table_lock);
	return n;
}

void process_add_thread_locked(struct process *p, struct thread *t)
{
	process_get(p);
	mm_get_user(t->mm);
	spin_lock(&p->lock);
	list_push_back(&p->threads, &t->process_link);
	p->thread_count++;
	if (p->thread_count == 1)
		cpu_limit_begin_locked(p, t);
	/* Whoever ends the process told all threads in the list under this lock. */
	if (process_must_leave(p, t))
		thread_set_work(t, WORK_SIGNAL);
	spin_unlock(&p->lock);
	threads_made++;
	pid_set_thread_locked(t->tid, t);
	signal_thread_join(p, t);
}

void process_publish_locked(struct process *p, struct process *parent, struct thread *t)
{
	p->was_published = true;
	pid_table_add_locked(p);
	family_join_locked(p, parent);
	process_add_thread_locked(p, t);
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

u32 process_next_thread(struct process *p, u32 from)
{
	struct thread *t;
	u32 least = 0;

	spin_lock(&p->lock);
	list_for_each_entry (t, &p->threads, process_link) {
		/* execve(2) may be giving it another number. */
		u32 tid = READ_ONCE(t->tid);
		if (tid >= from && (!least || tid < least))
			least = tid;
	}
	spin_unlock(&p->lock);
	return least;
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
	vdso_init();
	signal_queue_init_cache();
	wait_set_signal_pending(signal_pending);
	oom_init();
	limits_set_up();
	threads_report_init();
}
