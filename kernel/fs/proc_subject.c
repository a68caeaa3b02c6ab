/*
 * Who a text of /proc is about (fs/proc_subject.h).
 *
 * Each word is read under the lock that it has, or as a single word; words of one line may be of slightly different moments, as on
 * Linux. A process that has died has no memory and no files, and a first thread that has ended leaves its process's name.
 */
#include "fs/proc_subject.h"

#include "proc/pid.h"
#include "proc/ptrace.h"

static char state_of(const struct proc_subject *s, bool traced_stop)
{
	u32 state = s->thread ? atomic32_load_relaxed(&s->thread->state) : THREAD_DEAD;

	if (traced_stop)
		return 't';
	if (state == THREAD_DEAD)
		return 'Z';
	if (atomic32_load(&s->p->stopped))
		return 'T';
	return state == THREAD_RUNNABLE ? 'R' : state == THREAD_SLEEPING ? 'D' : 'S';
}

/* Its own, or those of all of them. */
static void subject_usage(struct proc_subject *s, u32 tid, bool one_thread)
{
	if (one_thread) {
		s->children = (struct usage){0};
		(void)!process_thread_usage(s->p, tid, &s->used);
		return;
	}
	process_usage(s->p, &s->used);
	process_children_usage(s->p, &s->children);
}

void proc_subject_get(struct proc_subject *s, const struct proc_text *t, struct process *p)
{
	bool traced_stop;

	*s = (struct proc_subject){.p = p, .thread = process_find_thread(t->tid)};
	if (s->thread && s->thread->process != p) {
		thread_put(s->thread);
		s->thread = NULL;
	}
	s->mm = process_get_mm(p);
	s->visible = ptrace_may_access(p, false) == 0;
	s->tracer = ptrace_tracer_of(p, t->tid, &traced_stop);
	s->state = state_of(s, traced_stop);
	(void)process_get_name(p, t->tid, s->name);
	subject_usage(s, t->tid, t->one_thread);
	if (s->thread)
		sched_get_attributes(s->thread, &s->schedule);
}

void proc_subject_put(struct proc_subject *s)
{
	if (s->thread)
		thread_put(s->thread);
	if (s->mm)
		mm_put_user(s->mm);
}
