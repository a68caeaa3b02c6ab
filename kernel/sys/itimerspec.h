/* struct itimerspec: between the files of sys/ that take or give one. */
#ifndef SYS_ITIMERSPEC_H
#define SYS_ITIMERSPEC_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/timers.h"

/* 0, -EFAULT, -EINVAL. */
MUST_CHECK int itimerspec_get(uaddr_t from, struct timer_setting *s);
MUST_CHECK int itimerspec_put(uaddr_t to, const struct timer_setting *s);

#endif
