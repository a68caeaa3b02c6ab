/*
 * What a report says of every thread (trace/report_threads.c): who it is, what it does, the call that it is in, and whether
 * a tracer or job control holds it.
 *
 * All CPUs stand still, each wherever it was, so nothing is locked and everything may be half done. The walk holds even so: a
 * number's bit is set after its leaf is there and cleared before that goes; a number leads to a thread or a process only as long as
 * that lives; and a kernel thread is in its list, whose links are followed forwards alone, from before it runs until nobody
 * has it any more.
 */
#include "proc/pid.h"

#include "arch/thread.h"
#include "lib/format.h"
#include "lib/string.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "trace/report.h"

#define TEXT_MAX 200

struct line {
	char text[TEXT_MAX];
	size_t length;
};

static void add(struct line *l, const char *format_string, ...) PRINTF_LIKE(2, 3);
static void add(struct line *l, const char *format_string, ...)
{
	va_list args;

	va_start(args, format_string);
	format_v(l->text + l->length, TEXT_MAX - l->length, format_string, args);
	va_end(args);
	l->length = strlen(l->text);
}

/* The program chose it. */
static void add_name(struct line *l, const char *name)
{
	add(l, " '");
	for (; *name; name++)
		add(l, "%c", *name >= ' ' && *name < 0x7f ? *name : '?');
	add(l, "'");
}

static void add_state(struct line *l, const struct thread *t)
{
	static const char *const words[] = {
		"not started", "runnable", "sleeping", "sleeping, interruptible", "ended"};
	u32 state = atomic32_load(&t->state);

	if (READ_ONCE(t->on_cpu))
		add(l, ", on CPU %u", t->cpu);
	else
		add(l, ", CPU %u: %s", t->cpu, state < ARRAY_SIZE(words) ? words[state] : "?");
}

static void add_call(struct line *l, struct thread *t)
{
	const struct trap_frame *f = thread_user_frame(&t->arch);

	if (f->vector == VECTOR_SYSCALL && f->cs == USER_CS)
		add(l, "; call nr=%u", f->call_number);
}

static void add_signals(struct line *l, const struct thread *t)
{
	const struct process *p = t->process;
	u64 pending = t->signals.queue.pending | p->signals.queue.pending;

	if (pending)
		add(l, "; signals pending %#lx, blocked %#lx", pending, t->signals.blocked);
	if (atomic32_load(&p->stopped))
		add(l, "; its process is stopped");
	if (process_must_leave(p, t))
		add(l, "; must leave");
}

static void add_trace(struct line *l, const struct thread *t)
{
	const struct thread *by = t->trace.tracer_thread;

	if (t->trace.tracer && by)
		add(l, "; traced by thread %u%s%s%s", by->tid,
			t->trace.stopped ? ", in a stop" : "",
			t->trace.listening ? ", which listens" : "", t->trace.held ? ", held" : "");
}

/* NULL as its stack if that is in use: then it stands where its CPU is described. */
static void show_thread(report_thread_fn *show, struct thread *t)
{
	struct line l = {.length = 0};
	bool asleep = !READ_ONCE(t->on_cpu) && t->stack;

	add(&l, "thread %u", t->tid);
	add_name(&l, t->name);
	if (t->tid != t->process->pid)
		add(&l, " of process %u", t->process->pid);
	add_state(&l, t);
	add_call(&l, t);
	add_signals(&l, t);
	add_trace(&l, t);
	show(asleep ? &t->arch : NULL, l.text);
}

static void show_process(report_thread_fn *show, const struct process *p)
{
	const struct process *parent = p->family.parent;
	struct line l = {.length = 0};

	add(&l, "process %u", p->pid);
	add_name(&l, p->name);
	add(&l, ": %s; parent %u", p->dead ? "dead, to be waited for" : "ending",
		parent ? parent->pid : 0);
	show(NULL, l.text);
}

static void show_kernel_thread(report_thread_fn *show, struct thread *t)
{
	struct line l = {.length = 0};

	add(&l, "kernel thread");
	add_name(&l, t->name);
	add_state(&l, t);
	show(!READ_ONCE(t->on_cpu) && t->stack ? &t->arch : NULL, l.text);
}

static void describe(report_thread_fn *show) NO_THREAD_SAFETY
{
	struct thread *t;

	for (u32 number = 0; (number = pid_next_taken_locked(number + 1));) {
		const struct pid *n = pid_lookup_locked(number);
		if (n->thread)
			show_thread(show, n->thread);
		else if (n->process)
			show_process(show, n->process);
	}
	list_for_each_entry (t, thread_kernel_list(), process_link)
		show_kernel_thread(show, t);
}

INIT_TEXT void threads_report_init(void)
{
	report_set_threads(describe);
}
