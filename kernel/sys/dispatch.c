/*
 * From the number in RAX to the function.
 *
 * The number is the low 32 bits of RAX, unsigned, as on Linux; the x32 ABI's bit makes it larger
 * than any in the table, and so -ENOSYS. The switch is compiled to a tree of compares: no indirect
 * branch that somebody could train (hazard M7; -fno-jump-tables in kernel.mk), and no table of
 * pointers that a mispredicted bound could index (S5).
 */
#include <asm/unistd_64.h>

#include "arch/upcalls.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "proc/ptrace.h"
#include "proc/restart.h"
#include "proc/rseq.h"
#include "sched/sched.h"
#include "sys/count.h"
#include "sys/sys.h"
#include "sys/watch.h"

/* NOLINTNEXTLINE(readability-function-size): one line for each call. */
static s64 dispatch(u32 number, const struct trap_frame *r)
{
	/* The call that programs with threads make most comes first in the tree. */
	switch (__builtin_expect(number, __NR_futex)) {
#define CALL_CASE(name, ...) \
	case __NR_##name:    \
		return sys_##name(__VA_ARGS__);
#define CALL0(name) CALL_CASE(name)
#define CALL1(name, ...) CALL_CASE(name, r->rdi)
#define CALL2(name, ...) CALL_CASE(name, r->rdi, r->rsi)
#define CALL3(name, ...) CALL_CASE(name, r->rdi, r->rsi, r->rdx)
#define CALL4(name, ...) CALL_CASE(name, r->rdi, r->rsi, r->rdx, r->r10)
#define CALL5(name, ...) CALL_CASE(name, r->rdi, r->rsi, r->rdx, r->r10, r->r8)
#define CALL6(name, ...) CALL_CASE(name, r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9)
#define NONE(name)
#include "sys/table.def"
	default:
		return -ENOSYS;
	}
}

/* What a frame on the stack says has been the end of some other call, never of rt_sigreturn. */
static void note_interrupted(u32 number, s64 result)
{
	struct thread *t = current_thread();

	if (number == __NR_rt_sigreturn)
		return;
	t->signals.interrupted = (s32)-result;
	thread_set_work(t, WORK_SIGNAL);
}

static NOINLINE s64 call_watched(u32 number, struct trap_frame *frame)
{
	struct watch w;

	if (!ptrace_call_begin(frame))
		return (s64)frame->rax;
	number = frame->call_number;
	watch_begin(&w, number, frame);
	s64 result = dispatch(number, frame);
	watch_end(&w, result);
	return result;
}

/* A call that a signal interrupted is decided about in the exit work: proc/restart.h. */
void upcall_syscall(struct trap_frame *frame)
{
	u32 number = frame->call_number;
	s64 result = LIKELY(syscall_count(number)) ? dispatch(number, frame)
						   : call_watched(number, frame);

	frame->rax = (u64)result;
#ifdef AIRLOCK_DEBUG
	rseq_check_call(frame);
#endif
	if (UNLIKELY(is_restart(result)))
		note_interrupted(number, result);
}
