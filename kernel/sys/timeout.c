/* How long to wait, and with which signals: the arguments that ppoll and pselect6 have in
 * common. */
#include "sys/timeout.h"

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "sched/wait.h"
#include "sys/args.h"

/* What is left until the deadline, for the calls that tell. As on Linux, a time that can't be
 * written does not undo the wait. */
void wait_remaining_put(uaddr_t to, u64 deadline)
{
	u64 now = clock_now_ns();

	if (to && deadline != WAIT_FOREVER && timespec_put(to, deadline > now ? deadline - now : 0))
		return;
}

int wait_deadline_get(uaddr_t time, u64 *deadline)
{
	u64 ns;

	*deadline = WAIT_FOREVER;
	if (!time)
		return 0;
	int err = timespec_get(time, &ns);
	if (!err)
		*deadline = deadline_after(ns);
	return err;
}

/* Sets the mask for a wait; *old is what wait_mask_restore() puts back. */
int wait_mask_apply(uaddr_t set, size_t size, u64 *old)
{
	u64 mask;

	*old = current_thread()->signals.blocked;
	if (!set)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, set, sizeof(mask)))
		return -EFAULT;
	signal_set_blocked(mask);
	return 0;
}

void wait_mask_restore(u64 old, s64 result)
{
	if (result == -EINTR)
		signal_exit_work(thread_user_frame(&current_thread()->arch));
	signal_set_blocked(old);
}
