/*
 * A process that may not be chosen when memory runs out needs some while the one that has it all is on its way out: it gets it.
 *
 * The child fills memory and sleeps. The parent kills it and wants more than is free before the child can run: both have one CPU, where the
 * parent has a real-time priority, so the child leaves only when the parent waits for it. Nobody has run out of memory before, for longer
 * than the kernel's patience.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define MIB (1UL << 20)
#define PATIENCE_S 6

static void adjust(const char *to)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (write(fd, to, 5) < 0)
		perror("oom_score_adj");
	close(fd);
}

static volatile char *memory(size_t bytes)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static unsigned long free_bytes(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : info.freeram * info.mem_unit;
}

static void child(int tell)
{
	volatile char *p = memory(1024 * MIB);

	adjust("1000");
	while (free_bytes() > 4 * MIB) {
		*p = 1;
		p += PAGE;
	}
	if (write(tell, "x", 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

int main(void)
{
	struct timespec later = {.tv_sec = PATIENCE_S};
	struct sched_param first = {.sched_priority = 1};
	cpu_set_t one;
	int ends[2], status;
	char byte;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	adjust("-1000");
	if (sched_setaffinity(0, sizeof(one), &one) || pipe(ends) ||
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &later, NULL))
		return 1;
	volatile char *p = memory(16 * MIB);
	pid_t pid = fork();
	if (pid == 0)
		child(ends[1]);
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1 || sched_setscheduler(0, SCHED_FIFO, &first))
		return 1;
	kill(pid, SIGKILL);
	for (size_t i = 0; i < 16 * MIB; i += PAGE)
		p[i] = 1;
	waitpid(pid, &status, 0);
	printf("had 16 MiB; the other was ended by signal %d\n", WTERMSIG(status));
	return 0;
}
