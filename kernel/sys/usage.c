/*
 * What a program has used: times, getrusage.
 *
 * CPU time is exact but not split: the scheduler's clock does not tell the program's own
 * instructions from the kernel's work for it, so all of it counts as user time.
 */
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
	struct tms t = {.tms_utime = process_runtime(current_process()) / TICK_NS};

	if (to && copy_to_user(to, &t, sizeof(t)))
		return -EFAULT;
	return clock_now_ns() / TICK_NS;
}

static void usage_set_time(struct rusage *r, u64 ns)
{
	r->ru_utime.tv_sec = ns / NS_PER_SEC;
	r->ru_utime.tv_usec = ns % NS_PER_SEC / NS_PER_US;
}

static void usage_of_thread(struct rusage *r)
{
	const struct thread *t = current_thread();

	usage_set_time(r, thread_runtime(t));
	r->ru_nvcsw = READ_ONCE(t->voluntary);
	r->ru_nivcsw = READ_ONCE(t->involuntary);
}

static void usage_of_process(struct rusage *r, struct process *p)
{
	struct thread *t;

	usage_set_time(r, process_runtime(p));
	spin_lock(&p->lock);
	r->ru_nvcsw = p->dead_voluntary;
	r->ru_nivcsw = p->dead_involuntary;
	list_for_each_entry (t, &p->threads, process_link) {
		r->ru_nvcsw += READ_ONCE(t->voluntary);
		r->ru_nivcsw += READ_ONCE(t->involuntary);
	}
	spin_unlock(&p->lock);
}

s64 sys_getrusage(s32 who, uaddr_t to)
{
	struct process *p = current_process();
	struct rusage r = {0};

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
		return -EINVAL;
	if (who == RUSAGE_THREAD)
		usage_of_thread(&r);
	else if (who == RUSAGE_SELF)
		usage_of_process(&r, p);
	if (who != RUSAGE_CHILDREN)
		r.ru_maxrss = process_peak_pages(p) * (PAGE_SIZE / KIB);
	return copy_to_user(to, &r, sizeof(r));
}
