/*
 * The vDSO: functions that programs call instead of the system calls of the same names. They run in ring 3, as part of the
 * program; nothing here is the kernel's but the page of data that they read.
 *
 * The time is computed from the TSC just as the kernel does it (time/line.h), so the two agree, also while the rate is being
 * corrected. Clocks that are not told here, and machines whose TSC is no clock, go the long way.
 */
#include <asm/unistd_64.h>
#include <linux/time.h>

#include "time/tsc.h"
#include "vdso/data.h"

/* The page before this image: vdso.lds. */
extern const volatile struct vdso_data vdso_data __attribute__((visibility("hidden")));

#define COARSE_NS 4000000

struct getcpu_cache;
int __vdso_clock_gettime(int id, struct timespec *to);
int __vdso_clock_getres(int id, struct timespec *to);
int __vdso_gettimeofday(struct timeval *to, struct timezone *zone);
long __vdso_time(long *to);
long __vdso_getcpu(unsigned *cpu, unsigned *node, struct getcpu_cache *unused);

static long call(long number, const void *a, const void *b)
{
	long result = number;

	__asm__ volatile("syscall" : "+a"(result) : "D"(a), "S"(b) : "rcx", "r11", "memory");
	return result;
}

/* One consistent look: false if the kernel must be asked. */
static bool read_clock(bool realtime, u64 *ns)
{
	const volatile struct vdso_data *d = &vdso_data;
	struct clock_lines lines;
	u64 offset, tsc;
	u32 start;

	do {
		/* Acquire: pairs with the release at the end of the kernel's writing. */
		start = __atomic_load_n(&d->sequence, __ATOMIC_ACQUIRE);
		if (!d->usable)
			return false;
		lines.before.tsc = d->lines.before.tsc;
		lines.before.ns = d->lines.before.ns;
		lines.before.mult = d->lines.before.mult;
		lines.after.tsc = d->lines.after.tsc;
		lines.after.ns = d->lines.after.ns;
		lines.after.mult = d->lines.after.mult;
		lines.join = d->lines.join;
		offset = d->realtime;
		tsc = tsc_read();
		/* The reads above come before this one. */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((start & 1) || start != d->sequence);
	*ns = clock_lines_ns(&lines, tsc) + (realtime ? offset : 0);
	return true;
}

/* Which of the two the clock is: 1 the time of day, 0 the monotonic one, -1 neither. */
static int kind_of(int id)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		return 1;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		return 0;
	default:
		return -1;
	}
}

int __vdso_clock_gettime(int id, struct timespec *to)
{
	int kind = kind_of(id);
	u64 ns;

	if (kind < 0 || !read_clock(kind, &ns))
		return (int)call(__NR_clock_gettime, (void *)(long)id, to);
	to->tv_sec = (long)(ns / NS_PER_SEC);
	to->tv_nsec = (long)(ns % NS_PER_SEC);
	return 0;
}

int __vdso_clock_getres(int id, struct timespec *to)
{
	if (kind_of(id) < 0)
		return (int)call(__NR_clock_getres, (void *)(long)id, to);
	if (to) {
		to->tv_sec = 0;
		to->tv_nsec =
			id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE ? COARSE_NS : 1;
	}
	return 0;
}

int __vdso_gettimeofday(struct timeval *to, struct timezone *zone)
{
	u64 ns;

	if (!read_clock(true, &ns))
		return (int)call(__NR_gettimeofday, to, zone);
	if (to) {
		to->tv_sec = (long)(ns / NS_PER_SEC);
		to->tv_usec = (long)(ns % NS_PER_SEC / NS_PER_US);
	}
	if (zone)
		*zone = (struct timezone){0, 0};
	return 0;
}

long __vdso_time(long *to)
{
	u64 ns;

	if (!read_clock(true, &ns))
		return call(__NR_time, to, NULL);
	if (to)
		*to = (long)(ns / NS_PER_SEC);
	return (long)(ns / NS_PER_SEC);
}

/* The kernel keeps the CPU's number in the register that RDTSCP reads along. */
long __vdso_getcpu(unsigned *cpu, unsigned *node, struct getcpu_cache *unused)
{
	u32 low, high, number;

	__asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(number));
	if (cpu)
		*cpu = number;
	if (node)
		*node = 0;
	return 0;
}

#define ALIAS(name) __typeof__(__vdso_##name) name __attribute__((weak, alias("__vdso_" #name)))
ALIAS(clock_gettime);
ALIAS(clock_getres);
ALIAS(gettimeofday);
ALIAS(time);
ALIAS(getcpu);
