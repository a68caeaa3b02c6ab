/* Calls that need no memory. They are driven all the same: that they need none is what is found out. */
#include "failing.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long zero_time[4];
static const char past[] = "past";

WAY_OF(sched_yield, plain)
WAY_OF(getpid, plain)
WAY_OF(getuid, plain)
WAY_OF(getgid, plain)
WAY_OF(geteuid, plain)
WAY_OF(getegid, plain)
WAY_OF(getppid, plain)
WAY_OF(getpgrp, plain)
WAY_OF(gettid, plain)
WAY_OF(getpgid, plain, 0)
WAY_OF(getsid, plain, 0)
WAY_OF(getresuid, plain, buffer, buffer + 8, buffer + 16)
WAY_OF(getresgid, plain, buffer, buffer + 8, buffer + 16)
WAY_OF(getgroups, plain, 32, buffer)
WAY_OF(uname, plain, buffer)
WAY_OF(sethostname, plain, past, 4)
WAY_OF(setdomainname, plain, past, 4)
WAY_OF(gettimeofday, plain, buffer, buffer + 64)
WAY_OF(getrlimit, plain, RLIMIT_NOFILE, buffer)
WAY_OF(setrlimit, plain, RLIMIT_CORE, zero_time)
WAY_OF(prlimit64, plain, 0, RLIMIT_CORE, zero_time, buffer)
WAY_OF(getrusage, plain, RUSAGE_SELF, buffer)
WAY_OF(sysinfo, plain, buffer)
WAY_OF(times, plain, buffer)
WAY_OF(time, plain, buffer)
WAY_OF(umask, plain, 022)
WAY_OF(personality, plain, 0xffffffff)
WAY_OF(getpriority, plain, PRIO_PROCESS, 0)
WAY_OF(setpriority, plain, PRIO_PROCESS, 0, 0)
WAY_OF(sched_getparam, plain, 0, buffer)
WAY_OF(sched_setparam, plain, 0, zero_time)
WAY_OF(sched_getscheduler, plain, 0)
WAY_OF(sched_setscheduler, plain, 0, SCHED_OTHER, zero_time)
WAY_OF(sched_get_priority_max, plain, SCHED_FIFO)
WAY_OF(sched_get_priority_min, plain, SCHED_FIFO)
WAY_OF(sched_rr_get_interval, plain, 0, buffer)
WAY_OF(sched_getattr, plain, 0, buffer, 56, 0)
WAY_OF(sched_getaffinity, plain, 0, 8, buffer)
WAY_OF(clock_gettime, plain, CLOCK_MONOTONIC, buffer)
WAY_OF(clock_getres, plain, CLOCK_MONOTONIC, buffer)
WAY_OF(clock_nanosleep, plain, CLOCK_MONOTONIC, 0, zero_time, NULL)
WAY_OF(nanosleep, plain, zero_time, NULL)
WAY_OF(getcpu, plain, buffer, buffer + 8, NULL)
WAY_OF(getrandom, plain, buffer, 256, 0)
WAY_OF(set_tid_address, plain, buffer)
WAY_OF(set_robust_list, plain, buffer, 24)
WAY_OF(get_robust_list, plain, 0, buffer, buffer + 8)
WAY_OF(membarrier, query, 0, 0, 0)
WAY_OF(membarrier, global, 1, 0, 0)
WAY_OF(sync, plain)
WAY_OF(prctl, name, 15, past)
WAY_OF(prctl, get_name, 16, buffer)
WAY_OF(arch_prctl, get_fs, 0x1003, buffer)

WAY(getrandom, much, .tolerates_copy = partly)
{
	return kernel(SYS_getrandom, buffer, BUFFER_SIZE, 0);
}

WAY(sched_setattr, plain)
{
	uint32_t *a = (uint32_t *)(buffer + BUFFER_SIZE);

	for (int i = 0; i < 14; i++)
		a[i] = 0;
	a[0] = 48;
	return kernel(SYS_sched_setattr, 0, a, 0);
}

static uint64_t all_processors;

static void remember_processors(void)
{
	must(SYS_sched_getaffinity, 0, sizeof(all_processors), &all_processors);
}

WAY(sched_setaffinity, plain, .prepare = remember_processors)
{
	return kernel(SYS_sched_setaffinity, 0, sizeof(all_processors), &all_processors);
}

/* The library has registered its own; ours takes its place, and back. */
static void unregister_rseq(void)
{
	extern const unsigned int __rseq_size;
	extern const ptrdiff_t __rseq_offset;
	char *area = (char *)__builtin_thread_pointer() + __rseq_offset;

	/* Unless it has been taken back for all, so that copies can be counted. */
	if (__rseq_size)
		kernel(SYS_rseq, area, 32, 1, 0x53053053);
}

static __attribute__((aligned(32))) char rseq_area[32];

static void leave_rseq_area(long result)
{
	(void)result;
	must(SYS_rseq, rseq_area, 32, 1, 0x53053053);
}

WAY(rseq, plain, .prepare = unregister_rseq, .undo = leave_rseq_area, .ends_by_copy = 1,
	.tolerates_copy = "where it matters it is looked at again")
{
	return kernel(SYS_rseq, rseq_area, 32, 0, 0x53053053);
}

/* -- clocks that are set: to what they are -- */

WAY(clock_settime, plain, .tolerates_copy = insisted_upon)
{
	insist(SYS_clock_gettime, CLOCK_REALTIME, buffer);
	return kernel(SYS_clock_settime, CLOCK_REALTIME, buffer);
}

WAY(settimeofday, plain, .tolerates_copy = insisted_upon)
{
	insist(SYS_gettimeofday, buffer, NULL);
	return kernel(SYS_settimeofday, buffer, NULL);
}
