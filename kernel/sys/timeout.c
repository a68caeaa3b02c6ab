/* How long to wait, and with which signals: the arguments that ppoll and pselect6 have in
 * common. */
#include "sys/timeout.h"

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "proc/restart.h"
#include "proc/signal.h"
#include "sched/wait.h"
#include "sys/args.h"

s64 wait_finish_mask(s64 result)
{
	if (result == -EINTR)
		return -EINTR_FINAL;
	signal_restore_blocked();
	return result;
}

s64 wait_finish_call(s64 result, u64 deadline, int (*put)(uaddr_t to, u64 ns), uaddr_t to)
{
	u64 now = clock_now_ns();

	if (result == -EINTR)
		result = -ERESTART_NO_HANDLER;
	else
		signal_restore_blocked();
	if (!to || deadline == WAIT_FOREVER)
		return result;
	/* As on Linux, a time that can't be written does not undo the wait; but the call can't be
	 * made again, because it would wait for all of the time once more. */
	if (put(to, deadline > now ? deadline - now : 0) && result == -ERESTART_NO_HANDLER)
		result = -EINTR_FINAL;
	return result;
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

int wait_mask_apply(uaddr_t set, size_t size)
{
	u64 mask;

	if (!set)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, set, sizeof(mask)))
		return -EFAULT;
	signal_set_blocked_for_call(mask);
	return 0;
}
