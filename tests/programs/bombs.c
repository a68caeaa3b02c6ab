/*
 * Memory bombs: children that take all memory there is, several at once, round after round, while one that is to go first
 * (oom_score_adj 1000) and one that must never go (-1000) stand by. Ends with 0 if each died as it should, the parent went on,
 * and all memory came back.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "procfile.h"

#define MIB (1L << 20)
#define BOMBS 4
#define ROUNDS 3

static void adjust(const char *value)
{
	if (procfile_put("/proc/self/oom_score_adj", value))
		exit(2);
}

static long free_kib(void)
{
	return procfile_number("/proc/meminfo", "MemFree:");
}

static void bomb(void)
{
	for (;;) {
		char *p = mmap(
			NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p != MAP_FAILED)
			memset(p, 1, 8 * MIB);
	}
}

static pid_t start(const char *adjustment, int explode)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	adjust(adjustment);
	if (explode)
		bomb();
	for (;;)
		pause();
}

static int killed(pid_t pid)
{
	int status = 0;

	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGKILL;
}

int main(void)
{
	int wrong = 0;

	adjust("-1000");
	long before = free_kib();
	pid_t safe = start("-1000", 0), first = start("1000", 0);
	for (int round = 0; round < ROUNDS; round++) {
		pid_t bombs[BOMBS];

		for (int i = 0; i < BOMBS; i++)
			bombs[i] = start("0", 1);
		for (int i = 0; i < BOMBS; i++)
			wrong += !killed(bombs[i]);
	}
	if (waitpid(first, NULL, WNOHANG) != first)
		printf("the one to go first is still there\n"), wrong++;
	if (waitpid(safe, NULL, WNOHANG) != 0)
		printf("the one that must not go has gone\n"), wrong++;
	kill(safe, SIGKILL);
	wrong += !killed(safe);
	/* What has ended gives its tables and stacks back later, as the host lets it; the limit is for what never comes back. */
	for (int i = 0; i < 3000 && free_kib() < before - 2048; i++)
		usleep(20000);
	if (free_kib() < before - 2048)
		printf("%ld KiB are gone\n", before - free_kib()), wrong++;
	printf("%d wrong\n", wrong);
	return wrong != 0;
}
