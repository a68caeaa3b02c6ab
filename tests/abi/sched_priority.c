// summary: getpriority and setpriority: levels, clamping, groups, users, errors
//
// Seen to fail: with the result not turned into 20 - nice; with a level that is not clamped.
#include "abi.h"
#include <sys/resource.h>
#include <sys/wait.h>

static void get(int which, int who)
{
	errno = 0;
	long r = syscall(SYS_getpriority, which, who);
	printf("get %d: ", which);
	if (r < 0)
		printf("%s\n", error_name(errno));
	else
		printf("%ld\n", r);
}

int main(void)
{
	int pid = getpid();
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* Whoever started the tests may have been nice. */
	setpriority(PRIO_PROCESS, 0, 0);

	get(PRIO_PROCESS, 0);
	get(PRIO_PROCESS, pid);
	get(PRIO_PROCESS, 0x7ffffff0);
	get(PRIO_PROCESS, -1);
	get(-1, 0);
	get(3, 0);
	get(PRIO_PGRP, 0x7ffffff0);
	get(PRIO_PGRP, -1);
	get(PRIO_USER, 0x7ffffff0);
	SHOW(syscall(SYS_setpriority, -1, 0, 0));
	SHOW(syscall(SYS_setpriority, 3, 0, 0));
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0x7ffffff0, 0));
	SHOW(syscall(SYS_setpriority, PRIO_PGRP, 0x7ffffff0, 0));
	SHOW(syscall(SYS_setpriority, PRIO_USER, 0x7ffffff0, 0));
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, -1, 0));
	for (int n = -25; n <= 25; n++) {
		printf("%d: ", n);
		SHOW(syscall(SYS_setpriority, PRIO_PROCESS, n & 1 ? 0 : pid, n));
		get(PRIO_PROCESS, 0);
	}
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, 3));
	pid_t child = fork();
	if (child == 0) {
		/* A group of its own, of two threads' worth of levels. */
		SHOW(setpgid(0, 0));
		get(PRIO_PGRP, 0);
		get(PRIO_PGRP, getpid());
		SHOW(syscall(SYS_setpriority, PRIO_PGRP, 0, 4));
		get(PRIO_PROCESS, 0);
		SHOW(syscall(SYS_setpriority, PRIO_PGRP, getpid(), 5));
		get(PRIO_PROCESS, getpid());
		exit(0);
	}
	waitpid(child, NULL, 0);
	get(PRIO_PROCESS, 0);

	/* A user that nobody else is. */
	SHOW(syscall(SYS_setresuid, 54321, 54321, 0));
	get(PRIO_USER, 0);
	get(PRIO_USER, 54321);
	SHOW(syscall(SYS_setpriority, PRIO_USER, 0, 6));
	get(PRIO_PROCESS, 0);
	SHOW(syscall(SYS_setpriority, PRIO_USER, 54321, 5));
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, 5));
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, 19));
	get(PRIO_USER, 54321);
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, 18));
	SHOW(syscall(SYS_setpriority, PRIO_PROCESS, 0, -18));
	SHOW(syscall(SYS_setpriority, PRIO_USER, 0x7ffffff0, 0));
	return 0;
}
