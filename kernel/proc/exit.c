/*
 * The end of threads and processes.
 *
 * Whoever ends a process first (a signal, a fault, exit_group) writes the outcome under
 * process->lock and sets `killed`; later ones change nothing. Every thread then leaves by itself:
 * one in ring 3 is interrupted because of its work word, one in an interruptible sleep wakes
 * because signal_pending() is true, one in an uninterruptible sleep is on its way anyway, for these
 * are short. A thread can't miss it: it looks at `killed` with interrupts off after its last chance
 * to sleep (exit path), and the work word is written after `killed`.
 *
 * Leaving: (1) what other threads of the program wait for (futexes, clear_child_tid); (2) its number, and out
 * of the process's list; the last one takes memory and descriptors with it; (3) memory goes back, and
 * a parent that waits in vfork(2) goes on; (4) the last one ends the tree if the process is the root
 * of one, reports, and tells the parent (family.c); (5) the thread's reference on the process; (6) the
 * scheduler ends the thread, and its stack is freed by the next one. Nothing on this path allocates,
 * so a process can be ended to get memory back when none is left.
 */
#include "proc/process.h"
#include "proc/signal.h"

#include <asm/signal.h>

#include "arch/irqflags.h"
#include "proc/childwait.h"
#include "proc/cpulimit.h"
#include "proc/exec.h"
#include "proc/futex.h"
#include "proc/group.h"
#include "proc/oom.h"
#include "proc/pid.h"
#include "proc/ptrace.h"
#include "proc/user.h"
#include "proc/vfork.h"
#include "sched/sched.h"

static const struct proc_report_ops *report_ops RO_AFTER_INIT;

void proc_set_report_ops(const struct proc_report_ops *ops)
{
	report_ops = ops;
}

void proc_report_oom(const struct process *p, u64 pages)
{
	if (report_ops && report_ops->oom)
		report_ops->oom(p, pages);
}

/* Tells every thread to leave. The caller has written the outcome. */
static void process_stop_threads_locked(struct process *p) REQUIRES(&p->lock)
{
	struct thread *t;

	atomic32_store(&p->killed, 1);
	list_for_each_entry (t, &p->threads, process_link) {
		thread_set_work(t, WORK_SIGNAL);
		thread_wake_interruptible(t);
	}
}

void process_kill_now(struct process *p, const char *reason)
{
	/* Before the wakeups in there. */
	atomic32_store(&p->kill_now, 1);
	process_kill(p, SIGKILL, reason, 0, 0);
}

void process_kill(struct process *p, u32 signal, const char *reason, uaddr_t address, uaddr_t ip)
{
	spin_lock(&p->lock);
	if (!atomic32_load(&p->killed)) {
		p->exit_signal_number = signal;
		p->kill_reason = reason;
		p->fault_address = address;
		p->fault_ip = ip;
		process_stop_threads_locked(p);
	}
	spin_unlock(&p->lock);
	waitq_wake_all(&p->stop_waiters);
	waitq_wake_all(&p->life_waiters);
}

void process_exit_group(u32 status)
{
	struct process *p = current_process();

	spin_lock(&p->lock);
	if (!atomic32_load(&p->killed)) {
		p->exit_status = status & 0xff;
		process_stop_threads_locked(p);
	}
	spin_unlock(&p->lock);
	waitq_wake_all(&p->stop_waiters);
	waitq_wake_all(&p->life_waiters);
	process_exit_thread(status);
}

/* What a process has besides its threads; taken out under the lock by the last thread, and freed
 * without it. */
struct process_remains {
	struct mm *mm;
	struct files *files;
	struct fs_context *fs;
	struct file *program;
};

/* As wait4(2) tells it of a thread that ends with the status. */
static u32 thread_wait_status(struct process *p, u32 status)
{
	spin_lock(&p->lock);
	u32 end = atomic32_load(&p->killed) ? process_wait_status(p) : (status & 0xff) << 8;
	spin_unlock(&p->lock);
	return end;
}

/* Nobody finds the thread by its number any more. The first thread's is the process's, too; that of a
 * traced one is its tracer's. True if threads of the process trace others. */
static bool thread_drop_number(struct thread *t, u32 status)
{
	struct process *p = t->process;

	spin_lock(&pid_table_lock);
	pid_set_thread_locked(t->tid, NULL);
	bool kept = ptrace_thread_gone_locked(t, thread_wait_status(p, status));
	if (t->tid != p->pid && !kept)
		pid_drop_locked(pid_lookup_locked(t->tid));
	bool traces = !list_empty(&p->family.tracees);
	spin_unlock(&pid_table_lock);
	return traces;
}

/* Takes the thread out of its process. True if it was the last. */
static bool process_remove_thread(struct thread *t, u32 status, struct process_remains *remains)
{
	struct process *p = t->process;

	if (thread_drop_number(t, status))
		ptrace_tracer_gone();
	spin_lock(&p->lock);
	list_remove(&t->process_link);
	p->dead_user_time += thread_user_time(t);
	p->dead_runtime += thread_runtime(t);
	p->dead_voluntary += t->voluntary;
	p->dead_involuntary += t->involuntary;
	p->dead_minor_faults += t->minor_faults;
	io_counts_add(&p->dead_io, &t->io);
	/* Without a signal or exit_group the process has the status of its first thread. */
	if (t->tid == p->pid && !atomic32_load(&p->killed))
		p->exit_status = status & 0xff;
	u32 left = --p->thread_count;
	bool last = left == 0;
	if (last) {
		*remains = (struct process_remains){
			.mm = p->mm, .files = p->files, .fs = p->fs, .program = p->program};
		oom_memory_leaves();
		p->peak_pages = MAX(p->peak_pages, p->mm ? READ_ONCE(p->mm->pages) : 0);
		p->mm = NULL;
		p->files = NULL;
		p->fs = NULL;
		p->program = NULL;
		/* The outcome is final: nobody can end it once more. */
		atomic32_store(&p->killed, 1);
	}
	spin_unlock(&p->lock);
	/* Another thread may be waiting in execve(2) until it is alone. */
	if (left == 1)
		waitq_wake_all(&p->life_waiters);
	return last;
}

/* The thread goes on without a program's memory, as a kernel thread does. */
static void thread_drop_mm(struct thread *t)
{
	struct mm *mm = t->mm;

	WRITE_ONCE(t->mm, NULL);
	if (mm)
		mm_put_user(mm);
}

/* Memory first: somebody may be waiting for it. */
static void process_free_remains(const struct process_remains *r)
{
	if (r->mm)
		mm_put_user(r->mm);
	oom_memory_returned();
	if (r->files)
		files_put(r->files);
	if (r->fs)
		fs_context_put(r->fs);
	exec_file_put(r->program);
}

static void process_finish(struct process *p)
{
	cpu_limit_stop(p);
	session_leader_exited(p);
	family_end_tree(p);
	if (report_ops && report_ops->ended)
		report_ops->ended(p);
	family_die(p);
}

void process_exit_thread(u32 status)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	struct process_remains remains = {0};

	ptrace_exit_event(thread_wait_status(p, status));
	signal_thread_leave(t);
	futex_leave_memory(true);
	bool last = process_remove_thread(t, status, &remains);
	family_thread_gone(p, t->tid);
	vfork_release(t);
	user_leave(t);
	thread_drop_mm(t);
	if (last) {
		timers_stop(p);
		process_free_remains(&remains);
		process_finish(p);
	}
	process_put(p);
	thread_exit();
}

void process_wait_dead(struct process *p)
{
	int err = wait_event(&p->exit_waiters, READ_ONCE(p->dead), THREAD_SLEEPING, WAIT_FOREVER);
	CHECK(err == 0);
}
