/*
 * Acting on signals, on the way back to ring 3.
 *
 * signal_exit_work() takes pending signals until none is left that is not blocked. Each may end the
 * process, stop it, or have a handler: then a frame is built on the program's stack and the thread
 * will enter the handler, on top of it the next one's, and so on. The signals that a thread's own
 * instructions raise come first, so that their frames show the instruction.
 *
 * A system call that a signal ended is decided about exactly once: by the first handler, which then
 * saves a context in which the call has failed or is about to be made again, or at the end if no
 * handler ran (proc/restart.h). A mask that was set for the call alone goes into the first
 * handler's frame, too, or is put back at the end.
 *
 * The handler's mask is set in the same moment in which the signal is taken; if the handler can't be entered, the old one comes
 * back.
 *
 * A bad stack can't loop: when the frame for a signal can't be written, SIGSEGV is forced, and when
 * it is SIGSEGV's own frame, its action becomes the default (hazard U4).
 */
#include <asm/unistd_64.h>

#include "arch/registers.h"
#include "arch/sanitize.h"
#include "arch/signal_frame.h"
#include "lib/errno.h"
#include "proc/ptrace.h"
#include "proc/restart.h"
#include "proc/signal_private.h"
#include "sched/sched.h"

#define SYSCALL_LENGTH 2

/* A signal that has been taken from a queue, and what is to be done. */
struct delivery {
	struct signal_info info;
	struct sigaction action;
	u64 blocked;	 /* the mask before the handler's */
	bool ask_tracer; /* what to do is not known before its tracer has been asked */
};

/* -- what was interrupted -- */

/* Ring 3 makes the call again. */
static void call_again(struct trap_frame *f, u64 number)
{
	f->rax = number;
	f->rip -= SYSCALL_LENGTH;
}

/* A handler is about to run. */
static void call_decide(struct trap_frame *f, u64 handler_flags)
{
	s32 how = current_thread()->signals.interrupted;

	if (!how)
		return;
	current_thread()->signals.interrupted = 0;
	if (how == ERESTART_ALWAYS || (how == EINTR && (handler_flags & SA_RESTART)))
		call_again(f, f->call_number);
	else
		f->rax = (u64)-EINTR;
}

/* No handler has run. */
static void call_decide_alone(struct trap_frame *f)
{
	s32 how = current_thread()->signals.interrupted;

	if (!how)
		return;
	current_thread()->signals.interrupted = 0;
	if (how == EINTR_FINAL)
		f->rax = (u64)-EINTR;
	else
		call_again(f, how == ERESTART_BLOCK ? __NR_restart_syscall : f->call_number);
}

/* -- handlers -- */

static void stack_disarm(struct thread_signals *s)
{
	s->altstack = s->altstack_size = 0;
	s->altstack_flags = SS_DISABLE;
}

static stack_t stack_as_set(const struct thread_signals *s)
{
	return (stack_t){
		.ss_sp = (void *)s->altstack,
		.ss_size = s->altstack_size,
		.ss_flags = s->altstack_flags,
	};
}

static NOINLINE void handler_refused(const struct delivery *d)
{
	signal_set_blocked(d->blocked);
	if (d->info.si_signo == SIGSEGV)
		signal_reset_action(SIGSEGV);
	signal_force_segv("no room for a signal's frame on the stack");
}

/* True if the handler will run next. */
static bool handler_enter(struct trap_frame *f, const struct delivery *d)
{
	struct thread_signals *s = &current_thread()->signals;

	call_decide(f, d->action.sa_flags);
	/* The frame must not show that a tracer steps. */
	arch_step_disable(&current_thread()->arch);
	struct signal_setup setup = {
		.action = &d->action,
		.info = &d->info,
		/* What the handler's return brings back. */
		.blocked = s->has_saved ? s->saved_blocked : d->blocked,
		.stack = stack_as_set(s),
		.trap = s->trap,
		.error = s->error,
		.cr2 = s->cr2,
	};
	if (UNLIKELY(arch_signal_enter(f, &setup))) {
		handler_refused(d);
		return false;
	}
	s->has_saved = false;
	if (UNLIKELY(s->altstack_flags & SS_AUTODISARM))
		stack_disarm(s);
	if (UNLIKELY(current_thread()->trace.step))
		ptrace_handler_entered();
	return true;
}

/* -- acting -- */

/* True if there is one to take. Without the lock: what comes after this look sets the work bit again. */
static bool signal_waits(const struct process *p, const struct thread *t)
{
	u64 pending = READ_ONCE(p->signals.queue.pending) | READ_ONCE(t->signals.queue.pending);

	return pending & ~t->signals.blocked;
}

/* What is blocked while the handler runs, if there is one. */
static ALWAYS_INLINE void handler_block_locked(
	struct process *p, struct thread *t, struct delivery *d) REQUIRES(&p->signals.lock)
{
	const struct sigaction *a = &d->action;
	u64 blocked = t->signals.blocked;

	d->blocked = blocked;
	if (a->sa_handler == SIG_DFL || a->sa_handler == SIG_IGN)
		return;
	blocked |= a->sa_mask;
	if (!(a->sa_flags & SA_NODEFER))
		blocked |= SIGNAL_BIT(d->info.si_signo);
	signal_set_blocked_locked(p, t, blocked);
}

/* What a tracer lets its tracee do with a signal: false for nothing. Only now the action counts. */
static NOINLINE bool signal_pass_tracer(struct process *p, struct delivery *d)
{
	u32 signal = ptrace_signal(&d->info);

	if (!signal)
		return false;
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	action_take(p->signals.actions, signal, &d->action);
	handler_block_locked(p, current_thread(), d);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return true;
}

/* Takes the next signal; false if there is none. A handler that is to run once is forgotten in the
 * same moment, so that two threads can't both run it; of a tracee, later. */
static bool signal_dequeue(struct process *p, struct thread *t, struct delivery *d)
{
	u64 flags = spin_lock_irqsave(&p->signals.lock);
	struct signal_queue *q = &t->signals.queue;
	u32 signal = signal_next(q->pending & ~t->signals.blocked);
	if (!signal) {
		q = &p->signals.queue;
		signal = signal_next(q->pending & ~t->signals.blocked);
	}
	if (signal) {
		signal_queue_take(q, signal, &d->info);
		if (signal == SIGALRM)
			itimer_signal_taken_locked(p);
		d->ask_tracer = UNLIKELY(ptrace_is_traced(t)) && signal != SIGKILL;
		/* A tracer may make it a stopping one. */
		t->signals.stop_taken = (SIGNAL_BIT(signal) & SIGNALS_STOPPING) || d->ask_tracer;
		if (!d->ask_tracer) {
			action_take(p->signals.actions, signal, &d->action);
			handler_block_locked(p, t, d);
		}
	}
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return signal != 0;
}

/* The default action. The report names the fault if it was one. */
static void signal_end_process(
	struct process *p, const struct trap_frame *f, const struct signal_info *info)
{
	struct thread *t = current_thread();
	u64 bit = SIGNAL_BIT(info->si_signo);
	bool fault = (bit & SIGNALS_SYNCHRONOUS) && info->si_code > 0 && t->signals.forced_reason;

	process_kill(p, info->si_signo, fault ? t->signals.forced_reason : "a signal sent to it",
		fault ? (uaddr_t)info->si_addr : 0, f->rip);
}

/* True if a handler is entered. */
static bool signal_act(struct process *p, struct trap_frame *f, const struct delivery *d)
{
	u32 signal = d->info.si_signo;
	u64 bit = SIGNAL_BIT(signal);

	if (action_ignores(&d->action, signal))
		return false;
	if (d->action.sa_handler != SIG_DFL)
		return handler_enter(f, d);
	if (bit & SIGNALS_STOPPING)
		signal_stop_process(p, signal);
	else
		signal_end_process(p, f, &d->info);
	return false;
}

void signal_exit_work(struct trap_frame *frame)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	if (UNLIKELY(t->trace.in_call))
		ptrace_call_end();
	for (;;) {
		struct delivery d;

		if (process_must_leave(p, t))
			process_exit_thread(0);
		signal_report_continued(p);
		if (signal_must_rest(p)) {
			signal_rest(p);
			continue;
		}
		if (UNLIKELY(READ_ONCE(t->signals.traps))) {
			ptrace_trap();
			continue;
		}
		if (!signal_waits(p, t) || !signal_dequeue(p, t, &d))
			break;
		if (d.ask_tracer && !signal_pass_tracer(p, &d))
			continue;
		/* Into a handler, and no other signal: the call is decided about, the mask set. What else may have
		 * happened since the looks above has set the work bit again. */
		if (signal_act(p, frame, &d) && LIKELY(!signal_waits(p, t)))
			goto out;
	}
	call_decide_alone(frame);
	signal_restore_blocked();
out:
	/* The place of a handler, which the program chose, or what a bad return from one left there. */
	frame_sanitize(frame);
}

/* -- rt_sigreturn(2) -- */

/* As most returns from handlers find it. */
static bool stack_is(const struct thread_signals *s, const stack_t *stack)
{
	return (uaddr_t)stack->ss_sp == s->altstack && stack->ss_size == s->altstack_size &&
	       (u32)stack->ss_flags == s->altstack_flags;
}

static void return_refused(const struct signal_restored *r)
{
	struct thread_signals *s = &current_thread()->signals;
	struct signal_info info = {.si_signo = SIGSEGV, .si_code = r->segv_code};

	info.si_addr = (void *)r->segv_address;
	s->trap = r->trap;
	s->error = r->error;
	if (r->segv_code != SI_KERNEL)
		s->cr2 = r->segv_address;
	signal_force(&info, "return from a signal handler to a bad context");
}

s64 signal_return(struct trap_frame *frame)
{
	struct thread_signals *s = &current_thread()->signals;
	struct signal_restored r;

	int err = arch_signal_return(frame, &r);
	if (r.read)
		signal_set_blocked(r.blocked);
	s->restart.fn = NULL;
	if (err) {
		signal_force_segv("bad frame in a return from a signal handler");
		return 0;
	}
	/* A stack that can't be set now is no reason to fail. */
	if (!stack_is(s, &r.stack))
		(void)!signal_stack_set(&r.stack, frame->rsp);
	/* What comes from the program's stack is made safe: here, or, so that the report shows what it was, at the end of
	 * the exit work in which the signal acts. */
	if (UNLIKELY(r.segv_code))
		return_refused(&r);
	else
		frame_sanitize(frame);
	return (s64)frame->rax;
}

/* -- sigaltstack(2) -- */

static bool on_signal_stack(const struct thread_signals *s, u64 sp)
{
	stack_t now = stack_as_set(s);

	return !(s->altstack_flags & SS_AUTODISARM) && signal_stack_contains(&now, sp);
}

stack_t signal_stack_get(u64 sp)
{
	const struct thread_signals *s = &current_thread()->signals;
	u32 mode = !s->altstack_size ? SS_DISABLE : on_signal_stack(s, sp) ? SS_ONSTACK : 0;

	return (stack_t){
		.ss_sp = (void *)s->altstack,
		.ss_flags = mode | (s->altstack_flags & SS_AUTODISARM),
		.ss_size = s->altstack_size,
	};
}

int signal_stack_set(const stack_t *new, u64 sp)
{
	struct thread_signals *s = &current_thread()->signals;
	u32 mode = new->ss_flags & ~SS_AUTODISARM;

	if (on_signal_stack(s, sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	bool off = mode == SS_DISABLE;
	if (!off && new->ss_size < MINSIGSTKSZ)
		return -ENOMEM;
	s->altstack = off ? 0 : (uaddr_t) new->ss_sp;
	s->altstack_size = off ? 0 : new->ss_size;
	s->altstack_flags = new->ss_flags;
	return 0;
}
