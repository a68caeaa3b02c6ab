/* alarm, setitimer and the POSIX timers: decoding. What they do is in proc/itimer.c and proc/ptimer.c. */
#include <asm/siginfo.h>
#include <linux/time.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/timers.h"
#include "sys/args.h"
#include "sys/itimerspec.h"
#include "sys/sys.h"

/* -- setitimer(2) -- */

static int timeval_decode(const struct timeval *t, u64 *ns)
{
	if (t->tv_sec < 0 || t->tv_usec < 0 || t->tv_usec >= 1000000)
		return -EINVAL;
	*ns = seconds_plus((u64)t->tv_sec, (u64)t->tv_usec * NS_PER_US);
	return 0;
}

static struct timeval timeval_encode(u64 ns)
{
	return (struct timeval){
		.tv_sec = (s64)(ns / NS_PER_SEC), .tv_usec = (s64)(ns % NS_PER_SEC / NS_PER_US)};
}

static int itimerval_put(uaddr_t to, const struct timer_setting *s)
{
	struct itimerval v = {timeval_encode(s->interval), timeval_encode(s->value)};

	return copy_to_user(to, &v, sizeof(v));
}

s64 sys_getitimer(u32 which, uaddr_t to)
{
	struct timer_setting now;

	if (which >= ITIMERS)
		return -EINVAL;
	itimer_get(which, &now);
	return itimerval_put(to, &now);
}

s64 sys_setitimer(u32 which, uaddr_t from, uaddr_t to)
{
	struct itimerval v = {0};
	struct timer_setting new, old;

	/* No new setting switches it off, as on Linux. */
	if (from && copy_from_user(&v, from, sizeof(v)))
		return -EFAULT;
	int err = timeval_decode(&v.it_value, &new.value);
	if (!err)
		err = timeval_decode(&v.it_interval, &new.interval);
	if (err || which >= ITIMERS)
		return -EINVAL;
	itimer_set(which, &new, &old);
	return to ? itimerval_put(to, &old) : 0;
}

s64 sys_alarm(u32 seconds)
{
	struct timer_setting new = {.value = seconds * NS_PER_SEC}, old;

	itimer_set(ITIMER_REAL, &new, &old);
	/* To the next second, but never to none. */
	u64 left = old.value / NS_PER_SEC, part = old.value % NS_PER_SEC / NS_PER_US;
	return (u32)(left + ((!left && part) || part >= 500000));
}

/* -- timer_create(2) -- */

s64 sys_timer_create(s32 clock, uaddr_t event, uaddr_t to)
{
	struct sigevent e;

	if (event && copy_from_user(&e, event, sizeof(e)))
		return -EFAULT;
	s32 id = ptimer_create(clock, event ? &e : NULL);
	if (id < 0)
		return id;
	if (!put_user_u32(to, (u32)id))
		return 0;
	/* Another thread may have guessed its number, and been quicker. */
	(void)!ptimer_delete(id);
	return -EFAULT;
}

static struct __kernel_timespec timespec_encode(u64 ns)
{
	return (struct __kernel_timespec){
		.tv_sec = (s64)(ns / NS_PER_SEC), .tv_nsec = (s64)(ns % NS_PER_SEC)};
}

int itimerspec_put(uaddr_t to, const struct timer_setting *s)
{
	struct __kernel_itimerspec v = {timespec_encode(s->interval), timespec_encode(s->value)};

	return copy_to_user(to, &v, sizeof(v));
}

int itimerspec_get(uaddr_t from, struct timer_setting *s)
{
	int err = timespec_get(from, &s->interval);

	return err ? err : timespec_get(from + sizeof(struct __kernel_timespec), &s->value);
}

s64 sys_timer_settime(s32 id, s32 flags, uaddr_t from, uaddr_t to)
{
	struct timer_setting new, old;

	if (!from)
		return -EINVAL;
	int err = itimerspec_get(from, &new);
	if (!err)
		err = ptimer_set(id, flags & TIMER_ABSTIME, &new, &old);
	if (err)
		return err;
	return to ? itimerspec_put(to, &old) : 0;
}

s64 sys_timer_gettime(s32 id, uaddr_t to)
{
	struct timer_setting now;

	int err = ptimer_get(id, &now);
	return err ? err : itimerspec_put(to, &now);
}

s64 sys_timer_getoverrun(s32 id)
{
	return ptimer_overrun(id);
}

s64 sys_timer_delete(s32 id)
{
	return ptimer_delete(id);
}
