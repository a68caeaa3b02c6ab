// summary: clock_settime and settimeofday: what they refuse (setting itself is scenario/set-time's)
#include "abi.h"
#include <sys/time.h>
#include <time.h>

int main(void)
{
	struct timespec t = {1, 0};
	struct timeval v = {1, 0};

	SHOW(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &t));
	SHOW(syscall(SYS_clock_settime, CLOCK_BOOTTIME, &t));
	SHOW(syscall(SYS_clock_settime, CLOCK_MONOTONIC_COARSE, &t));
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME_COARSE, &t));
	SHOW(syscall(SYS_clock_settime, CLOCK_TAI, &t));
	SHOW(syscall(SYS_clock_settime, 99, &t));
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, NULL));
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, 0xffff800000000000));
	t = (struct timespec){-1, 0};
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
	t = (struct timespec){1, 1000000000};
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
	t = (struct timespec){1, -1};
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
	t = (struct timespec){INT64_MAX / 1000000000, 0};
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
	v = (struct timeval){1, 1000001};
	SHOW(syscall(SYS_settimeofday, &v, NULL));
	v = (struct timeval){1, -1};
	SHOW(syscall(SYS_settimeofday, &v, NULL));
	SHOW(syscall(SYS_settimeofday, 16, NULL));
	SHOW(syscall(SYS_settimeofday, NULL, 16));
	SHOW(syscall(SYS_setresuid, 1000, 1000, 1000));
	t = (struct timespec){2000000000, 0};
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
	v = (struct timeval){2000000000, 0};
	SHOW(syscall(SYS_settimeofday, &v, NULL));
	return 0;
}
