/* What a program has used: times, getrusage. */
#include "sys/usage.h"

#include <linux/resource.h>
#include <linux/times.h>

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "sys/sys.h"

/* A clock tick, as sysconf(_SC_CLK_TCK) says. */
#define TICK_NS (10 * NS_PER_MS)

s64 sys_times(uaddr_t to)
{
	struct process *p = current_process();
	struct usage own, children;

	process_usage(p, &own);
	process_children_usage(p, &children);
	struct tms t = {
		.tms_utime = own.cpu.user_ns / TICK_NS,
		.tms_stime = own.cpu.system_ns / TICK_NS,
		.tms_cutime = children.cpu.user_ns / TICK_NS,
		.tms_cstime = children.cpu.system_ns / TICK_NS,
	};

	if (to && copy_to_user(to, &t, sizeof(t)))
		return -EFAULT;
	return clock_now_ns() / TICK_NS;
}

static struct __kernel_old_timeval microseconds(u64 ns)
{
	return (struct __kernel_old_timeval){
		.tv_sec = (long)(ns / NS_PER_SEC), .tv_usec = (long)(ns % NS_PER_SEC / NS_PER_US)};
}

void usage_convert(struct rusage *r, const struct usage *u)
{
	*r = (struct rusage){
		.ru_utime = microseconds(u->cpu.user_ns),
		.ru_stime = microseconds(u->cpu.system_ns),
		.ru_maxrss = u->peak_pages * (PAGE_SIZE / KIB),
		.ru_minflt = u->minor_faults,
		.ru_nvcsw = u->voluntary,
		.ru_nivcsw = u->involuntary,
	};
}

s64 sys_getrusage(s32 who, uaddr_t to)
{
	struct process *p = current_process();
	struct usage u;
	struct rusage r;

	switch (who) {
	case RUSAGE_SELF:
		process_usage(p, &u);
		break;
	case RUSAGE_CHILDREN:
		process_children_usage(p, &u);
		break;
	case RUSAGE_THREAD:
		(void)!process_thread_usage(p, current_thread()->tid, &u);
		break;
	default:
		return -EINVAL;
	}
	usage_convert(&r, &u);
	return copy_to_user(to, &r, sizeof(r));
}
