// summary: clocks go forward, agree with each other, and refuse what they do not know
#include "abi.h"
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static int64_t now(clockid_t clock)
{
	struct timespec t;
	if (syscall(SYS_clock_gettime, clock, &t) != 0)
		return -1;
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void forward(clockid_t clock, const char *name)
{
	int64_t last = now(clock), first = last;
	int back = 0;
	for (int i = 0; i < 10000; i++) {
		int64_t next = now(clock);
		back += next < last;
		last = next;
	}
	printf("%s: %s, %d steps back, %s\n", name, first > 0 ? "runs" : "no", back,
		last > first ? "went on" : "STOOD STILL");
}

int main(void)
{
	forward(CLOCK_MONOTONIC, "monotonic");
	forward(CLOCK_REALTIME, "realtime");
	forward(CLOCK_BOOTTIME, "boottime");
	forward(CLOCK_MONOTONIC_RAW, "raw");
	forward(CLOCK_PROCESS_CPUTIME_ID, "process");
	forward(CLOCK_THREAD_CPUTIME_ID, "thread");
	HOLDS(now(CLOCK_REALTIME_COARSE) > 0);
	HOLDS(now(CLOCK_MONOTONIC_COARSE) > 0);

	/* After 2024 and before 2100. */
	HOLDS(now(CLOCK_REALTIME) > 1704067200L * 1000000000L);
	HOLDS(now(CLOCK_REALTIME) < 4102444800L * 1000000000L);
	struct timeval tv;
	int64_t before = now(CLOCK_REALTIME) / 1000;
	HOLDS(syscall(SYS_gettimeofday, &tv, NULL) == 0);
	int64_t between = tv.tv_sec * 1000000L + tv.tv_usec, after = now(CLOCK_REALTIME) / 1000;
	HOLDS(before <= between && between <= after);
	/* Linux tells that of its last tick. */
	long seconds = syscall(SYS_time, NULL);
	HOLDS(seconds >= before / 1000000 - 1 && seconds <= now(CLOCK_REALTIME) / 1000000000);
	long stored = 0;
	HOLDS(syscall(SYS_time, &stored) == stored);
	struct timezone zone = {1, 1};
	HOLDS(syscall(SYS_gettimeofday, NULL, &zone) == 0);
	HOLDS(zone.tz_minuteswest == 0 && zone.tz_dsttime == 0);

	struct timespec t;
	SHOW(syscall(SYS_clock_gettime, 99, &t));
	SHOW(syscall(SYS_clock_gettime, -1, &t));
	SHOW(syscall(SYS_clock_getres, 99, &t));
	SHOW(syscall(SYS_clock_getres, CLOCK_MONOTONIC, NULL));
	HOLDS(syscall(SYS_clock_getres, CLOCK_MONOTONIC, &t) == 0);
	HOLDS(t.tv_sec == 0 && t.tv_nsec >= 1 && t.tv_nsec <= 4000000);

	struct tms times_now;
	HOLDS(syscall(SYS_times, &times_now) != -1);
	HOLDS(times_now.tms_cutime == 0 && times_now.tms_cstime == 0);
	return 0;
}
