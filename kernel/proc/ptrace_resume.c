/*
 * The requests that let a tracee go on, or stop it.
 *
 * A tracee that is held can't move, so its words are written without further ado; `stopped` is
 * cleared, and the hold with it, in one critical section, and its queue woken. PTRACE_INTERRUPT and
 * PTRACE_KILL don't need a stop: they go the way of signals.
 */
#include <asm/siginfo.h>
#include <asm/signal.h>

#include "arch/registers.h"
#include "lib/errno.h"
#include "proc/ptrace_private.h"
#include "proc/signal_private.h"

#define OPCODE_POPF 0x9d
#define OPCODE_IRET 0xcf
#define INSTRUCTION_MAX 15

static void (*watch_op)(void) RO_AFTER_INIT;

INIT_TEXT void ptrace_set_watch_op(void (*watch)(void))
{
	watch_op = watch;
}

static bool is_prefix(u8 byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0x40 ... 0x4f:
	case 0x64 ... 0x67:
	case 0xf0:
	case 0xf2:
	case 0xf3:
		return true;
	default:
		return false;
	}
}

/* The next instruction loads the flags, TF with them. */
static bool sets_trap_flag(struct thread *t)
{
	u64 rip = arch_register_get(&t->arch, REGISTER(rip));
	struct mm *mm = process_get_mm(t->process);
	u8 byte = 0;

	if (!mm)
		return false;
	for (u32 i = 0; i < INSTRUCTION_MAX; i++)
		if (mm_read_forced(mm, &byte, rip + i, 1) || !is_prefix(byte))
			break;
	mm_put_user(mm);
	return byte == OPCODE_POPF || byte == OPCODE_IRET;
}

/* The tracer has seen the process's stop and decided about this thread; unless a new one is on. */
static void leave_group_stop(struct thread *t)
{
	struct process *p = t->process;

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	if (atomic32_load(&p->stopped) && !t->signals.must_rest)
		t->signals.stop_over = true;
	spin_unlock_irqrestore(&p->signals.lock, flags);
}

void ptrace_resume(struct thread *t, enum trace_mode mode, bool step, u32 signal)
{
	struct process *p = t->process;

	if ((mode != TRACE_FREELY || step) && watch_op)
		watch_op();
	t->trace.mode = mode;
	t->trace.step = step;
	if (step)
		arch_step_enable(&t->arch, sets_trap_flag(t));
	else
		arch_step_disable(&t->arch);
	process_get(p);
	spin_lock(&pid_table_lock);
	if (t->trace.in_group_stop)
		leave_group_stop(t);
	t->trace.code = (s32)signal;
	WRITE_ONCE(t->trace.stopped, false);
	WRITE_ONCE(t->trace.held, false);
	spin_unlock(&pid_table_lock);
	waitq_wake_all(&p->stop_waiters);
	thread_put(t);
	process_put(p);
}

void ptrace_detach(struct thread *t, u32 signal)
{
	struct ptrace_dropped dropped = PTRACE_DROPPED_INIT(dropped);
	struct process *p = t->process;

	t->trace.step = false;
	arch_step_disable(&t->arch);
	process_get(p);
	spin_lock(&pid_table_lock);
	t->trace.code = (s32)signal;
	WRITE_ONCE(t->trace.held, false);
	ptrace_unlink_locked(t, &dropped);
	spin_unlock(&pid_table_lock);
	thread_put(t);
	process_put(p);
	ptrace_dropped_put(&dropped);
}

int ptrace_listen(struct thread *t)
{
	const struct signal_info *info = t->trace.info;

	if (!t->trace.seized || !info || info->si_code >> 8 != PTRACE_EVENT_STOP)
		return -EIO;
	spin_lock(&pid_table_lock);
	WRITE_ONCE(t->trace.listening, true);
	spin_unlock(&pid_table_lock);
	return 0;
}

int ptrace_interrupt(u32 tid)
{
	int err = -ESRCH;

	spin_lock(&pid_table_lock);
	struct thread *t = ptrace_find_locked(tid);
	if (t) {
		err = t->trace.seized ? 0 : -EIO;
		if (!err)
			ptrace_set_trap(t, SIGNAL_TRAP_ASKED);
	}
	spin_unlock(&pid_table_lock);
	return err;
}

int ptrace_kill(u32 tid)
{
	struct process *p = NULL;

	spin_lock(&pid_table_lock);
	struct thread *t = ptrace_find_locked(tid);
	if (t) {
		p = t->process;
		process_get(p);
	}
	spin_unlock(&pid_table_lock);
	if (!p)
		return -ESRCH;
	(void)!signal_send(p, 0, SIGKILL);
	process_put(p);
	return 0;
}
