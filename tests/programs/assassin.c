/*
 * assassin SEED SECONDS: kills every process it may, again and again, with SIGKILL, SIGTERM or
 * SIGSEGV; those of another user must be safe from it. Says how many it found.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGSEGV};
	unsigned int state = argc > 1 ? (unsigned int)atoi(argv[1]) : 1;
	double end = seconds_now() + (argc > 2 ? atof(argv[2]) : 1);
	pid_t self = getpid(), highest = self + 64;
	unsigned long killed = 0, refused = 0;
	while (seconds_now() < end) {
		for (pid_t pid = 2; pid < highest; pid++) {
			if (pid == self)
				continue;
			state = state * 1664525 + 1013904223;
			if (kill(pid, signals[(state >> 16) % 3]) == 0) {
				killed++;
				if (pid + 64 > highest)
					highest = pid + 64;
			} else if (errno == EPERM) {
				refused++;
			}
		}
		struct timespec pause = {0, 1000000 + state % 20000000};
		nanosleep(&pause, NULL);
	}
	printf("assassin: %s\n", killed > 0 && refused > 0 ? "done" : "found nobody");
	return 0;
}
