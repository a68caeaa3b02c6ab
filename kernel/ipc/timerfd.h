/* timerfd_create(2). Thread context. */
#ifndef IPC_TIMERFD_H
#define IPC_TIMERFD_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/timers.h"

struct file;

/* flags: O_NONBLOCK. 0, -EINVAL (the clock), -EPERM, -ENOMEM. */
MUST_CHECK int timerfd_open(s32 clock, u32 flags, struct file **out);
/* flags: TFD_TIMER_*. 0; -EINVAL if it is no timer; -EPERM; -ECANCELED if the time of day was set since the last time that
 * anybody was told, in which case it is set all the same. */
MUST_CHECK int timerfd_set(
	struct file *f, u32 flags, const struct timer_setting *new, struct timer_setting *old);
MUST_CHECK int timerfd_get(struct file *f, struct timer_setting *out);

#endif
