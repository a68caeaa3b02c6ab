/*
 * What a program has used: times, getrusage.
 *
 * CPU time is exact but not split: the scheduler's clock does not tell the program's own
 * instructions from the kernel's work for it, so all of it counts as user time.
 */
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
	struct usage children;

	process_children_usage(p, &children);
	struct tms t = {
		.tms_utime = process_runtime(p) / TICK_NS,
		.tms_cutime = children.runtime / TICK_NS,
	};

	if (to && copy_to_user(to, &t, sizeof(t)))
		return -EFAULT;
	return clock_now_ns() / TICK_NS;
}

void usage_convert(struct rusage *r, const struct usage *u)
{
	*r = (struct rusage){
		.ru_utime.tv_sec = u->runtime / NS_PER_SEC,
		.ru_utime.tv_usec = u->runtime % NS_PER_SEC / NS_PER_US,
		.ru_maxrss = u->peak_pages * (PAGE_SIZE / KIB),
		.ru_minflt = u->minor_faults,
		.ru_nvcsw = u->voluntary,
		.ru_nivcsw = u->involuntary,
	};
}

static struct usage thread_usage(const struct thread *t)
{
	return (struct usage){
		.runtime = thread_runtime(t),
		.voluntary = READ_ONCE(t->voluntary),
		.minor_faults = READ_ONCE(t->minor_faults),
		.involuntary = READ_ONCE(t->involuntary),
		.peak_pages = process_peak_pages(t->process),
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
		u = thread_usage(current_thread());
		break;
	default:
		return -EINVAL;
	}
	usage_convert(&r, &u);
	return copy_to_user(to, &r, sizeof(r));
}
