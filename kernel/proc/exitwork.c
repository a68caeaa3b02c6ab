/*
 * What a thread does on its way back to ring 3 when its work word is not zero.
 *
 * The bits are cleared before they are acted on: one that is set again meanwhile makes the exit
 * path, which looks again with interrupts off, come back here (hazard X1).
 */
#include "arch/upcalls.h"
#include "proc/cpulimit.h"
#include "proc/process.h"
#include "proc/rseq.h"
#include "proc/signal.h"
#include "sched/sched.h"

void upcall_exit_work(struct trap_frame *frame, u32 work)
{
	struct thread *t = current_thread();

	atomic32_fetch_and(&t->arch.work, ~work);
	/* Before signals: it may send one. */
	if (work & WORK_CPU_LIMIT)
		cpu_limit_check();
	/* Before a handler's frame is made from this one. */
	if (work & (WORK_RSEQ | WORK_SIGNAL))
		rseq_exit_work(frame);
	if (work & WORK_SIGNAL)
		signal_exit_work(frame);
	if (work & WORK_RESCHEDULE)
		schedule();
}
