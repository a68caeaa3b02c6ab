/*
 * Stops: a tracee sleeps until its tracer lets it go on.
 *
 * Coming to a stop: registers are parked in memory; then, under pid_table_lock, `stopped` is set and
 * the tracer told. From that moment its requests and waits find the tracee, whether it sleeps already
 * or not: they touch only what lies in memory.
 *
 * Leaving it, in one critical section of the same lock: the tracee looks whether it may (it has been
 * let go, or must end, or listens and a new stop is due, and is not held), takes what it was given,
 * and is no longer `stopped`. So a request either finds it in the stop and keeps it there while it
 * works, or does not find it.
 *
 * No wakeup is lost: the tracee joins stop_waiters, then looks. Whoever lets it go, ends a hold, or
 * sends SIGKILL, changes the words first and then wakes that queue. SIGKILL ends every stop but, as on
 * Linux, that of a thread which reports its end (`leaving`): what it ends of has been acted on, and only
 * what comes after that ends the stop. Where somebody waits for the memory or the end of a program, its
 * threads must not stay there even so: process->kill_now.
 *
 * What Linux keeps in registers about an interrupted call, Airlock keeps beside them
 * (proc/restart.h): it is put into RAX for the time of the stop, and read back from there.
 */
#include "proc/ptrace_private.h"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/unistd_64.h>

#include "arch/thread.h"
#include "proc/restart.h"
#include "proc/signal_private.h"

/* What tracers see of a call that a signal interrupted and that SA_RESTART makes again. */
#define ERESTART_SIGNAL 512

/* -- the interrupted call -- */

s64 ptrace_current_call(void)
{
	const struct trap_frame *f = thread_user_frame(&current_thread()->arch);

	/* Where a stop has left one to be made again, whatever door it came by. */
	if (current_thread()->signals.interrupted)
		return (s32)f->call_number;
	if (f->vector != VECTOR_SYSCALL || f->call_number == __NR_rt_sigreturn)
		return -1;
	return (s32)f->call_number;
}

static s64 shown_result(s32 how)
{
	switch (how) {
	case EINTR:
		return -ERESTART_SIGNAL;
	case EINTR_FINAL:
		return -EINTR;
	default:
		return -how;
	}
}

static s32 told_result(s64 rax)
{
	switch (rax) {
	case -ERESTART_SIGNAL:
		return EINTR;
	case -ERESTART_ALWAYS:
	case -ERESTART_NO_HANDLER:
	case -ERESTART_BLOCK:
		return (s32)-rax;
	default:
		return 0;
	}
}

static void show_call(struct thread *t)
{
	struct trap_frame *f = thread_user_frame(&t->arch);

	if (t->signals.interrupted)
		f->rax = (u64)shown_result(t->signals.interrupted);
}

/* The tracer may have forbidden to make the call again (orig_rax -1), or ordered it. */
static void take_call_back(struct thread *t, const struct ptrace_stop *s)
{
	struct trap_frame *f = thread_user_frame(&t->arch);
	s32 how = t->trace.call >= 0 ? told_result((s64)f->rax) : 0;

	if (how || t->trace.call != s->call)
		f->call_number = (u32)t->trace.call;
	/* At the beginning of a call RAX says nothing yet. */
	if (s->call_stop != PTRACE_SYSCALL_INFO_ENTRY && (how || t->signals.interrupted))
		t->signals.interrupted = how;
}

/* -- the stop -- */

/* Why the thread is to end: bits. */
#define END_PROCESS BIT(0)
#define END_EXEC BIT(1)

u32 ptrace_ends(const struct thread *t)
{
	const struct process *p = t->process;
	const struct thread *e = READ_ONCE(p->exec_thread);

	return (atomic32_load(&p->killed) ? END_PROCESS : 0) | (e && e != t ? END_EXEC : 0);
}

static bool must_end(const struct thread *t, const struct ptrace_stop *s)
{
	const struct process *p = t->process;

	if (atomic32_load(&p->kill_now))
		return true;
	if (s->leaving)
		return ptrace_ends(t) & ~s->ends;
	u64 pending = READ_ONCE(p->signals.queue.pending) | READ_ONCE(t->signals.queue.pending);
	return process_must_leave(p, t) || (pending & SIGNAL_BIT(SIGKILL));
}

/* Tells the tracer: SIGCHLD with the thread's number, unless it does not want that, and a wait. */
static void tell_tracer_locked(struct thread *t, s32 why) REQUIRES(&pid_table_lock)
{
	struct signal_info info;

	signal_info_of_child(&info, t->process, why, t->trace.code & 0x7f);
	info.si_pid = (s32)t->tid;
	family_tell_stop_locked(t->trace.tracer, &info);
}

/* A stop makes others superfluous that the tracer has coming. */
static void clear_traps(struct thread *t, const struct ptrace_stop *s)
{
	struct process *p = t->process;
	bool trap = s->code >> 8 == PTRACE_EVENT_STOP;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	t->signals.traps &= trap ? 0 : (u8)~SIGNAL_TRAP_ASKED;
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

/* Its tracer asks for the event, if it is one to be asked for. Another tracer may have taken over since that was looked at. */
static bool is_wanted_locked(const struct thread *t, const struct ptrace_stop *s)
	REQUIRES(&pid_table_lock)
{
	u32 event = (u32)s->code >> 8;

	return !event || event == PTRACE_EVENT_STOP || (t->trace.options & BIT(event));
}

static bool stop_begin(struct thread *t, const struct ptrace_stop *s)
{
	spin_lock(&pid_table_lock);
	bool stops = t->trace.tracer && is_wanted_locked(t, s) && !must_end(t, s);
	if (stops) {
		clear_traps(t, s);
		t->trace.code = s->code;
		t->trace.message = s->message;
		t->trace.info = s->info;
		t->trace.call = s->call;
		t->trace.call_stop = s->call_stop;
		t->trace.in_group_stop = s->in_group_stop;
		t->trace.listening = false;
		WRITE_ONCE(t->trace.stopped, true);
		tell_tracer_locked(t, s->why);
	}
	spin_unlock(&pid_table_lock);
	return stops;
}

/* Also looked at without the lock, before it is taken. */
static bool may_go(const struct thread *t, const struct ptrace_stop *s)
{
	if (READ_ONCE(t->trace.held))
		return false;
	return !READ_ONCE(t->trace.stopped) || must_end(t, s) ||
	       (READ_ONCE(t->trace.listening) && READ_ONCE(t->signals.traps));
}

static bool stop_end(struct thread *t, const struct ptrace_stop *s, s32 *code)
{
	spin_lock(&pid_table_lock);
	bool goes = may_go(t, s);
	if (goes) {
		*code = t->trace.code;
		t->trace.code = 0;
		t->trace.message = 0;
		t->trace.info = NULL;
		t->trace.listening = false;
		WRITE_ONCE(t->trace.stopped, false);
	}
	spin_unlock(&pid_table_lock);
	return goes;
}

s32 ptrace_stop(const struct ptrace_stop *s)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	s32 code = s->code;

	show_call(t);
	arch_thread_park(&t->arch);
	if (stop_begin(t, s)) {
		do {
			int err = wait_event(
				&p->stop_waiters, may_go(t, s), THREAD_SLEEPING, WAIT_FOREVER);
			CHECK(err == 0);
		} while (!stop_end(t, s, &code));
		take_call_back(t, s);
	} else if (t->signals.interrupted) {
		/* Whatever becomes of the call will say so. */
		thread_user_frame(&t->arch)->rax = (u64)-EINTR;
	}
	arch_thread_unpark(&t->arch);
	/* What the tracer has written goes through the exit work, whose end makes it safe. */
	thread_set_work(t, WORK_SIGNAL);
	return code;
}

s32 ptrace_stop_notify(const struct ptrace_stop *s)
{
	struct ptrace_stop told = *s;
	struct signal_info info;

	signal_info_from_current(&info, s->code & 0x7f, s->code);
	info.si_pid = (s32)current_thread()->tid;
	told.info = &info;
	return ptrace_stop(&told);
}

void ptrace_stop_event(u32 event, u64 message)
{
	struct ptrace_stop s = {
		.code = (s32)(event << 8 | SIGTRAP),
		.why = CLD_TRAPPED,
		.message = message,
		.call = ptrace_current_call(),
	};

	current_thread()->trace.in_call = true;
	ptrace_stop_notify(&s);
}

/* -- holding -- */

struct thread *ptrace_hold(u32 tid)
{
	spin_lock(&pid_table_lock);
	struct thread *t = ptrace_find_locked(tid);
	if (t && (!t->trace.stopped || t->trace.listening))
		t = NULL;
	if (t) {
		WRITE_ONCE(t->trace.held, true);
		thread_get(t);
	}
	spin_unlock(&pid_table_lock);
	return t;
}

void ptrace_release(struct thread *t)
{
	struct process *p = t->process;

	/* So that there is a queue to wake. */
	process_get(p);
	spin_lock(&pid_table_lock);
	WRITE_ONCE(t->trace.held, false);
	spin_unlock(&pid_table_lock);
	waitq_wake_all(&p->stop_waiters);
	thread_put(t);
	process_put(p);
}
