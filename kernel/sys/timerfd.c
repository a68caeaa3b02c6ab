/* timerfd: decoding. What it does is in ipc/timerfd.c. */
#include <linux/time.h>
#include <linux/timerfd.h>

#include "ipc/timerfd.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/itimerspec.h"
#include "sys/sys.h"

s64 sys_timerfd_create(s32 clock, u32 flags)
{
	struct file *f;

	if (flags & ~(u32)(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	int err = timerfd_open(clock, flags & TFD_NONBLOCK, &f);
	return err ? err : install_file(f, flags & TFD_CLOEXEC);
}

s64 sys_timerfd_settime(s32 fd, u32 flags, uaddr_t from, uaddr_t to)
{
	struct timer_setting new, old;

	int err = itimerspec_get(from, &new);
	if (!err && (flags & ~(u32)(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)))
		err = -EINVAL;
	if (err)
		return err;
	struct file *f = arg_file(fd);
	if (!f)
		return -EBADF;
	err = timerfd_set(f, flags, &new, &old);
	file_put(f);
	if (err)
		return err;
	return to ? itimerspec_put(to, &old) : 0;
}

s64 sys_timerfd_gettime(s32 fd, uaddr_t to)
{
	struct timer_setting now;
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	int err = timerfd_get(f, &now);
	file_put(f);
	return err ? err : itimerspec_put(to, &now);
}
