/*
 * Clocks and sleeping.
 *
 * All clocks but those of CPU time are one clock, nanoseconds since boot, with or without the time
 * of day at boot added, which clock_settime(2) moves. Nothing slews it, so the raw, the coarse and the boot-time variants
 * can't differ. A negative clock number names the CPU time of a process or thread
 * (clock_getcpuclockid(3)), in Linux's encoding.
 */
#include <linux/time.h>

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "proc/restart.h"
#include "proc/timers.h"
#include "sched/clock_wait.h"
#include "sys/args.h"
#include "sys/sys.h"

/* The granularity that Linux says its coarse clocks have at 250 Hz. */
#define COARSE_NS (4 * NS_PER_MS)

static int cpu_clock(s32 id, u64 *ns)
{
	struct process *p = current_process();
	struct cpu_clock c;

	if (!cpu_clock_decode(id, &c))
		return -EINVAL;
	if (c.thread) {
		struct usage u;

		if (!process_thread_usage(p, c.number ? c.number : current_thread()->tid, &u))
			return -EINVAL;
		*ns = u.cpu.user_ns + (c.user_only ? 0 : u.cpu.system_ns);
		return 0;
	}
	p = c.number ? process_find(c.number) : p;
	if (!p)
		return -EINVAL;
	*ns = c.user_only ? process_user_time(p) : process_runtime(p);
	if (c.number)
		process_put(p);
	return 0;
}

static int clock_read(s32 id, u64 *ns)
{
	if (id < 0)
		return cpu_clock(id, ns);
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ns = clock_boot_realtime_ns() + clock_now_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = clock_now_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ns = process_runtime(current_process());
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = thread_runtime(current_thread());
		return 0;
	default:
		return -EINVAL;
	}
}

s64 sys_clock_gettime(s32 id, uaddr_t to)
{
	u64 ns;

	int err = clock_read(id, &ns);
	return err ? err : timespec_put(to, ns);
}

s64 sys_clock_getres(s32 id, uaddr_t to)
{
	u64 ns;
	bool coarse = id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE;

	int err = clock_read(id, &ns);
	if (err || !to)
		return err;
	return timespec_put(to, coarse ? COARSE_NS : 1);
}

/* As on Linux: not so late that adding to it would overflow soon. */
#define TIME_MAX ((u64)INT64_MAX / NS_PER_SEC - 30UL * 365 * 86400)

static s64 time_set(u64 seconds, u64 ns)
{
	if (seconds > TIME_MAX || ns >= NS_PER_SEC)
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	clock_wait_set_realtime(seconds * NS_PER_SEC + ns);
	return 0;
}

s64 sys_clock_settime(s32 id, uaddr_t from)
{
	struct __kernel_timespec t;
	u64 ns;

	/* CPU time can't be set, nor any clock that only runs forward. */
	if (id < 0 && cpu_clock(id, &ns) == 0)
		return -EPERM;
	if (id != CLOCK_REALTIME)
		return -EINVAL;
	if (copy_from_user(&t, from, sizeof(t)))
		return -EFAULT;
	return t.tv_sec < 0 ? -EINVAL : time_set((u64)t.tv_sec, (u64)t.tv_nsec);
}

/* A time zone is accepted, as by Linux, but nobody asks the kernel for it any more: it stays 0. */
s64 sys_settimeofday(uaddr_t time, uaddr_t zone)
{
	struct timeval t;
	struct timezone z;

	if (time && copy_from_user(&t, time, sizeof(t)))
		return -EFAULT;
	if (time && ((u64)t.tv_usec > NS_PER_SEC / NS_PER_US))
		return -EINVAL;
	if (zone && copy_from_user(&z, zone, sizeof(z)))
		return -EFAULT;
	if (time && t.tv_sec < 0)
		return -EINVAL;
	if (!time)
		return capable(CAP_SYS_TIME) ? 0 : -EPERM;
	return time_set((u64)t.tv_sec, (u64)t.tv_usec * NS_PER_US);
}

s64 sys_gettimeofday(uaddr_t time, uaddr_t zone)
{
	u64 ns = clock_boot_realtime_ns() + clock_now_ns();
	struct timeval t = {.tv_sec = ns / NS_PER_SEC, .tv_usec = ns % NS_PER_SEC / NS_PER_US};
	struct timezone z = {0};

	if (time && copy_to_user(time, &t, sizeof(t)))
		return -EFAULT;
	if (zone && copy_to_user(zone, &z, sizeof(z)))
		return -EFAULT;
	return 0;
}

s64 sys_time(uaddr_t to)
{
	s64 seconds = (clock_boot_realtime_ns() + clock_now_ns()) / NS_PER_SEC;

	if (to && put_user_u64(to, seconds))
		return -EFAULT;
	return seconds;
}

static s64 sleep_again(struct restart *r);

/* Sleeps until the time on the monotonic clock; if a signal ends it, what is left goes to
 * *remaining, unless that is 0, and restart_syscall(2) can go on. */
static s64 sleep_to(u64 deadline, uaddr_t remaining)
{
	int err = sleep_until(deadline);
	u64 now = clock_now_ns();

	if (err != -EINTR)
		return err;
	if (now >= deadline)
		return 0;
	if (remaining && timespec_put(remaining, deadline - now))
		return -EFAULT;
	struct restart *r = call_restart_begin(sleep_again);
	r->arg[0] = deadline;
	r->arg[1] = remaining;
	return -ERESTART_BLOCK;
}

static s64 sleep_again(struct restart *r)
{
	return sleep_to(r->arg[0], r->arg[1]);
}

s64 sys_nanosleep(uaddr_t time, uaddr_t remaining)
{
	u64 ns;

	int err = timespec_get(time, &ns);
	return err ? err : sleep_to(deadline_after(ns), remaining);
}

/* The processor time of the caller itself, which does not go on while it sleeps, by number. Ids are made of the complement of a
 * process's or thread's number and three bits, of which the third means a thread: CLOCK_THREAD_CPUTIME_ID is not one of these. */
static bool clock_is_own_thread(s32 id)
{
	u32 of = ~(u32)id >> 3;

	return id < 0 && (id & 4) && (of == 0 || of == current_thread()->tid);
}

/* Which clocks can be slept on: 0, or what Linux says of the others. */
static int clock_can_sleep(s32 id)
{
	u64 ns;

	if (clock_is_own_thread(id))
		return -EINVAL;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return 0;
	default:
		return clock_read(id, &ns) ? -EINVAL : -EOPNOTSUPP;
	}
}

s64 sys_clock_nanosleep(s32 id, s32 flags, uaddr_t time, uaddr_t remaining)
{
	u64 ns;

	int err = clock_can_sleep(id);
	if (!err)
		err = timespec_get(time, &ns);
	if (err)
		return err;
	if (!(flags & TIMER_ABSTIME))
		return sleep_to(deadline_after(ns), remaining);
	struct deadline deadline = {.ns = ns, .realtime = id == CLOCK_REALTIME || id == CLOCK_TAI};
	/* What is left is plain from the time itself, so the call can be made again as it was. */
	err = clock_sleep_until(&deadline);
	return err == -EINTR ? -ERESTART_NO_HANDLER : err;
}
