/* Restartable sequences, rseq(2): the thread itself, thread context. */
#ifndef PROC_RSEQ_H
#define PROC_RSEQ_H

#include "arch/cpu.h"
#include "arch/frame.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "sched/thread.h"

/* 0, -EINVAL, -EFAULT, -EPERM, -EBUSY as rseq(2). */
MUST_CHECK int rseq_register(uaddr_t area, u32 length, u32 signature);
MUST_CHECK int rseq_unregister(uaddr_t area, u32 length, u32 signature);

/* Before a return to ring 3 that comes after the thread was switched out, or that may begin a signal
 * handler: leaves a sequence that was interrupted, and tells the program its CPU. */
void rseq_check(struct trap_frame *frame);
static inline void rseq_exit_work(struct trap_frame *frame)
{
	if (current_thread()->rseq.area)
		rseq_check(frame);
}
/* At a system call, in debug kernels: a sequence that makes one is ended with SIGSEGV, as by a Linux
 * that is configured to look. */
void rseq_check_call(struct trap_frame *frame);

/* The child has a copy of the running thread's memory, so its registration holds there, too. */
void rseq_fork(struct thread *child);
/* The running thread has a new program. */
void rseq_exec(void);

#endif
