#include "sys/watch.h"

#include <asm/unistd_64.h>

#include "lib/nospec.h"
#include "lib/string.h"
#include "proc/process.h"
#include "sanitize/kcsan.h"
#include "sys/count.h"
#include "sys/strace.h"
#include "trace/stream.h"

/* How many parameters each call has; one that is not built is shown with all six registers. */
static const u8 parameters[SYSCALL_NUMBERS] = {
#define CALL0(name) [__NR_##name] = 0,
#define CALL1(name, ...) [__NR_##name] = 1,
#define CALL2(name, ...) [__NR_##name] = 2,
#define CALL3(name, ...) [__NR_##name] = 3,
#define CALL4(name, ...) [__NR_##name] = 4,
#define CALL5(name, ...) [__NR_##name] = 5,
#define CALL6(name, ...) [__NR_##name] = 6,
#define NONE(name) [__NR_##name] = 6,
#include "sys/table.def"
};

static u32 parameters_of(u32 number)
{
	return number < SYSCALL_NUMBERS ? parameters[index_nospec(number, SYSCALL_NUMBERS)] : 6;
}

/* Its name is told at the first call and when it has changed. */
static void tell_name(struct thread *t)
{
	/* Another thread may be giving it another name: then the next call tells that. */
	if (!DATA_RACE(memcmp(t->told_name, t->name, sizeof(t->name))))
		return;
	(void)process_get_name(t->process, t->tid, t->told_name);
	trace_name(t->tid, t->process->pid, t->told_name);
}

void watch_begin(struct watch *w, u32 number, const struct trap_frame *frame)
{
	struct thread *t = current_thread();

	*w = (struct watch){.number = number,
		.args = {frame->rdi, frame->rsi, frame->rdx, frame->r10, frame->r8, frame->r9}};
	if (READ_ONCE(trace_streaming)) {
		trace_relieve();
		tell_name(t);
		trace_call(number, t->tid, parameters_of(number), w->args);
	}
	strace_begin(w);
}

void watch_end(struct watch *w, s64 result)
{
	if (READ_ONCE(trace_streaming))
		trace_result(w->number, current_thread()->tid, result);
	strace_end(w, result);
}
