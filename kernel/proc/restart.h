/*
 * What becomes of a system call whose sleep a signal ended.
 *
 * The call returns one of the numbers below, which programs never see. On the way back to ring 3
 * (signal_delivery.c) it becomes -EINTR, or the call is made again: the frame then enters ring 3 at
 * the SYSCALL instruction with the call's number in RAX. When a handler runs, it depends on the
 * number and SA_RESTART; when nothing came of the signal (the program was stopped and continued,
 * another thread took it), all but the last are made again.
 *
 *   returned                 handler without SA_RESTART   with it      none
 *   -EINTR                   EINTR                        again        again
 *   -ERESTART_NO_HANDLER     EINTR                        EINTR        again
 *   -ERESTART_ALWAYS         again                        again        again
 *   -ERESTART_BLOCK          EINTR                        EINTR        restart_syscall(2)
 *   -EINTR_FINAL             EINTR                        EINTR        EINTR
 *
 * So a call may simply hand on the -EINTR of the waiting functions, unless Linux does otherwise. A
 * call that waits for a time that counts from its beginning must not begin anew: it returns
 * call_restart() with what it needs to go on.
 */
#ifndef PROC_RESTART_H
#define PROC_RESTART_H

#include "arch/cpu.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "sched/thread.h"

/* The numbers are those that tracers see on Linux; the last is nobody's there. */
#define ERESTART_ALWAYS 513
#define ERESTART_NO_HANDLER 514
#define ERESTART_BLOCK 516
#define EINTR_FINAL 520

static inline bool is_restart(s64 result)
{
	return UNLIKELY(result < 0) &&
	       (result == -EINTR || (result <= -ERESTART_ALWAYS && result >= -EINTR_FINAL));
}

/* For the end of a call that was interrupted: fn(r) is its continuation, with arg as set here by the
 * caller. fn runs as a system call of its own. */
static inline struct restart *call_restart_begin(s64 (*fn)(struct restart *r))
{
	struct restart *r = &current_thread()->signals.restart;

	r->fn = fn;
	return r;
}

#endif
