/*
 * What processes and threads have used: CPU time, switches, page faults, input and output.
 *
 * Each thread counts for itself, and what threads that have gone had counted is in their process. p->lock keeps the two together, so
 * nothing is counted twice or missed; the counters themselves go on meanwhile.
 */
#include "proc/pid.h"
#include "proc/process.h"
#include "sched/runtime.h"

static u64 runtime_locked(struct process *p) REQUIRES(&p->lock)
{
	u64 sum = p->dead_runtime;
	struct thread *t;

	list_for_each_entry (t, &p->threads, process_link)
		sum += thread_runtime(t);
	return sum;
}

static u64 user_time_locked(struct process *p) REQUIRES(&p->lock)
{
	u64 sum = p->dead_user_time;
	struct thread *t;

	list_for_each_entry (t, &p->threads, process_link)
		sum += thread_user_time(t);
	return sum;
}

u64 process_runtime(struct process *p)
{
	spin_lock(&p->lock);
	u64 sum = runtime_locked(p);
	spin_unlock(&p->lock);
	return sum;
}

u64 process_user_time(struct process *p)
{
	spin_lock(&p->lock);
	u64 sum = user_time_locked(p);
	spin_unlock(&p->lock);
	return sum;
}

static void add_thread(struct usage *to, const struct thread *t)
{
	to->voluntary += READ_ONCE(t->voluntary);
	to->involuntary += READ_ONCE(t->involuntary);
	to->minor_faults += READ_ONCE(t->minor_faults);
	io_counts_add(&to->io, &t->io);
}

void process_usage(struct process *p, struct usage *out)
{
	struct thread *t;

	*out = (struct usage){.peak_pages = process_peak_pages(p)};
	spin_lock(&p->lock);
	/* Before the whole, so that it is not more. */
	u64 user = user_time_locked(p);
	time_split(&p->told, runtime_locked(p), user);
	out->cpu = p->told;
	out->voluntary = p->dead_voluntary;
	out->involuntary = p->dead_involuntary;
	out->minor_faults = p->dead_minor_faults;
	out->io = p->dead_io;
	list_for_each_entry (t, &p->threads, process_link)
		add_thread(out, t);
	spin_unlock(&p->lock);
}

bool process_thread_usage(struct process *p, u32 tid, struct usage *out)
{
	*out = (struct usage){.peak_pages = process_peak_pages(p)};
	spin_lock(&p->lock);
	struct thread *t = process_thread_locked(p, tid);
	if (t) {
		u64 user = thread_user_time(t);

		time_split(&t->told, thread_runtime(t), user);
		out->cpu = t->told;
		add_thread(out, t);
	}
	spin_unlock(&p->lock);
	return t != NULL;
}

void process_children_usage(struct process *p, struct usage *out)
{
	spin_lock(&pid_table_lock);
	*out = p->children_usage;
	spin_unlock(&pid_table_lock);
}

void io_counts_add(struct io_counts *to, const struct io_counts *io)
{
	to->reads += READ_ONCE(io->reads);
	to->writes += READ_ONCE(io->writes);
	to->read_bytes += READ_ONCE(io->read_bytes);
	to->written_bytes += READ_ONCE(io->written_bytes);
}

void usage_add(struct usage *to, const struct usage *u)
{
	to->cpu.user_ns += u->cpu.user_ns;
	to->cpu.system_ns += u->cpu.system_ns;
	to->voluntary += u->voluntary;
	to->involuntary += u->involuntary;
	to->minor_faults += u->minor_faults;
	to->peak_pages = MAX(to->peak_pages, u->peak_pages);
	io_counts_add(&to->io, &u->io);
}
