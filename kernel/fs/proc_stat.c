/*
 * /proc/PID/stat, statm and io: a process or a thread in numbers, for programs.
 *
 * Nothing is paged out, so what Linux counts of swap and of faults that wait for a disk is 0.
 */
#include <linux/sched.h>

#include "arch/clock.h"
#include "fs/opened.h"
#include "fs/proc_subject.h"
#include "proc/group.h"
#include "proc/signal.h"

static void stat_identity(struct proc_text *t, const struct proc_subject *s)
{
	struct session_terminal terminal;
	struct process *p = s->p;

	process_terminal(p, &terminal);
	proc_print(t, "%u (%s) %c %u %u %u %lu %d 0 ", t->tid, s->name, s->state,
		process_parent_pid(p), READ_ONCE(p->group), READ_ONCE(p->session),
		encode_device(terminal.major, terminal.minor), terminal.group);
}

/* As the scheduler sees it: below 0 what is real-time. */
static s32 priority_of(const struct sched_attributes *a)
{
	return a->priority ? -1 - (s32)a->priority : 20 + a->nice;
}

static void stat_times(struct proc_text *t, const struct proc_subject *s)
{
	const struct time_split *own = &s->used.cpu, *children = &s->children.cpu;

	proc_print(t, "%lu %lu 0 0 ", s->used.minor_faults, s->children.minor_faults);
	proc_print(t, "%lu %lu ", proc_ticks(own->user_ns), proc_ticks(own->system_ns));
	proc_print(t, "%lu %lu ", proc_ticks(children->user_ns), proc_ticks(children->system_ns));
	proc_print(t, "%d %d %u 0 %lu ", priority_of(&s->schedule), s->schedule.nice,
		READ_ONCE(s->p->thread_count), proc_ticks(s->p->start_ns));
}

/* Where it lies is for who may look into it; others see 0. */
static void stat_memory(struct proc_text *t, const struct proc_subject *s)
{
	const struct mm *mm = s->mm;
	bool tell = mm && s->visible;

	proc_print(t, "%lu %lu %lu ", mm ? READ_ONCE(mm->mapped_pages) * PAGE_SIZE : 0,
		mm ? READ_ONCE(mm->pages) : 0, proc_limit_of(s->p, RLIMIT_RSS));
	proc_print(t, "%lu %lu %lu 0 0 ", tell ? mm->code_start : 0, tell ? mm->code_end : 0,
		tell ? mm->stack_start : 0);
}

/* The first 31, as when there were no more. */
static void stat_signals(struct proc_text *t, const struct proc_subject *s)
{
	u64 ignored, caught, all = INT32_MAX;
	const struct thread *th = s->thread;

	signal_actions_sets(s->p, &ignored, &caught);
	proc_print(t, "%lu %lu %lu %lu ", th ? READ_ONCE(th->signals.queue.pending) & all : 0,
		th ? READ_ONCE(th->signals.blocked) & all : 0, ignored & all, caught & all);
}

static void stat_place(struct proc_text *t, const struct proc_subject *s)
{
	const struct mm *mm = s->visible ? s->mm : NULL;
	const struct process *p = s->p;
	u32 how = READ_ONCE(p->exit_signal_number);
	bool asleep = s->state != 'R' && s->state != 'Z';

	proc_print(t, "%u 0 0 %d %u %u %u 0 0 0 ", asleep && s->visible,
		t->tid == p->pid ? (s32)READ_ONCE(p->family.exit_signal) : -1,
		s->thread ? READ_ONCE(s->thread->cpu) : 0, s->schedule.priority,
		s->schedule.policy);
	proc_print(t, "%lu %lu %lu ", mm ? mm->data_start : 0, mm ? mm->data_end : 0,
		mm ? mm->brk_start : 0);
	proc_print(t, "%lu %lu %lu %lu %u\n", mm ? mm->arg_start : 0, mm ? mm->arg_end : 0,
		mm ? mm->env_start : 0, mm ? mm->env_end : 0,
		!s->visible || s->state != 'Z' ? 0
		: how			       ? how
					       : READ_ONCE(p->exit_status) << 8);
}

void proc_show_stat(struct proc_text *t, struct process *p)
{
	struct proc_subject s;

	proc_subject_get(&s, t, p);
	stat_identity(t, &s);
	stat_times(t, &s);
	stat_memory(t, &s);
	stat_signals(t, &s);
	stat_place(t, &s);
	proc_subject_put(&s);
}

/*
 * What it read and wrote, and its children that were waited for. Nothing of that came from a disk, or goes to one. A secret, too: one can
 * count the letters of a password that somebody types.
 */
void proc_show_io(struct proc_text *t, struct process *p)
{
	struct proc_subject s;

	proc_subject_get(&s, t, p);
	io_counts_add(&s.used.io, &s.children.io);
	const struct io_counts *io = &s.used.io;
	if (s.visible)
		proc_print(t,
			"rchar: %lu\nwchar: %lu\nsyscr: %lu\nsyscw: %lu\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n",
			io->read_bytes, io->written_bytes, io->reads, io->writes);
	proc_subject_put(&s);
}

void proc_show_statm(struct proc_text *t, struct process *p)
{
	struct mm *mm = process_get_mm(p);

	if (!mm) {
		proc_print(t, "0 0 0 0 0 0 0\n");
		return;
	}
	proc_print(t, "%lu %lu %lu %lu 0 %lu 0\n", READ_ONCE(mm->mapped_pages),
		READ_ONCE(mm->pages), READ_ONCE(mm->file_pages) + READ_ONCE(mm->store_pages),
		proc_code_pages(mm), READ_ONCE(mm->data_pages) + READ_ONCE(mm->stack_pages));
	mm_put_user(mm);
}
