// summary: nanosleep and clock_nanosleep sleep as long as asked, and refuse bad times
#include "abi.h"
#include <sched.h>
#include <time.h>

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* Not less than asked; how much more depends on the machine. */
static void nap(int64_t ns)
{
	struct timespec t = {ns / 1000000000, ns % 1000000000};
	int64_t start = now();
	long result = syscall(SYS_nanosleep, &t, NULL);
	int64_t slept = now() - start;
	printf("%ld ns: %ld, %s, %s\n", ns, result, slept >= ns ? "enough" : "TOO SHORT",
		slept < ns + 50000000000 ? "not too long" : "TOO LONG");
}

int main(void)
{
	nap(0);
	nap(1);
	nap(1000);
	nap(1000000);
	nap(20000000);
	nap(150000000);

	struct timespec t = {0, 1000000000};
	SHOW(syscall(SYS_nanosleep, &t, NULL));
	t = (struct timespec){-1, 0};
	SHOW(syscall(SYS_nanosleep, &t, NULL));
	t = (struct timespec){0, -1};
	SHOW(syscall(SYS_nanosleep, &t, NULL));
	SHOW(syscall(SYS_nanosleep, NULL, NULL));

	t = (struct timespec){0, 5000000};
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, NULL));
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &t, NULL));
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &t, NULL));
	SHOW(syscall(SYS_clock_nanosleep, 99, 0, &t, NULL));
	t = (struct timespec){0, 1000000000};
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, NULL));

	/* An absolute time in the past, and one a little ahead. */
	t = (struct timespec){1, 0};
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
	int64_t end = now() + 30000000;
	t = (struct timespec){end / 1000000000, end % 1000000000};
	SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
	HOLDS(now() >= end);

	/* Many short ones add up. */
	int64_t start = now();
	t = (struct timespec){0, 200000};
	for (int i = 0; i < 100; i++)
		syscall(SYS_nanosleep, &t, NULL);
	HOLDS(now() - start >= 20000000);
	HOLDS(sched_yield() == 0);
	return 0;
}
