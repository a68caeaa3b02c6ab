/*
 * fs.epoll.max_user_watches: how many files the epoll sets of one user may have. Not an ABI program: on the host it may not change
 * the limit.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "procfile.h"

#define LIMIT "/proc/sys/fs/epoll/max_user_watches"

static int bad;

#define HOLDS(c) ((c) ? 0 : (bad++, printf("line %d: %s\n", __LINE__, #c)))

/* 0 or the error. */
static int set_limit(const char *text)
{
	return procfile_put(LIMIT, text);
}

static long limit(void)
{
	return procfile_number(LIMIT, "");
}

static int control(int set, int op, int fd)
{
	struct epoll_event e = {.events = EPOLLIN};

	return epoll_ctl(set, op, fd, &e) ? errno : 0;
}

static void one_user(int set, const int *fd)
{
	int other = epoll_create1(0), plain = open("/proc/self/exe", O_RDONLY), copy;

	HOLDS(control(set, EPOLL_CTL_ADD, fd[0]) == 0 && control(set, EPOLL_CTL_ADD, fd[1]) == 0);
	HOLDS(control(set, EPOLL_CTL_ADD, fd[2]) == ENOSPC);
	HOLDS(control(other, EPOLL_CTL_ADD, fd[2]) == ENOSPC);
	HOLDS(control(set, EPOLL_CTL_ADD, fd[1]) == EEXIST);
	HOLDS(control(set, EPOLL_CTL_MOD, fd[1]) == 0);
	HOLDS(control(set, EPOLL_CTL_DEL, fd[1]) == 0);
	HOLDS(control(other, EPOLL_CTL_ADD, fd[2]) == 0);
	HOLDS(control(set, EPOLL_CTL_ADD, fd[1]) == ENOSPC);
	/* What is closed is not watched any more: a file, a set. */
	copy = eventfd(0, 0);
	HOLDS(control(set, EPOLL_CTL_DEL, fd[0]) == 0 && control(set, EPOLL_CTL_ADD, copy) == 0);
	HOLDS(control(set, EPOLL_CTL_ADD, fd[0]) == ENOSPC);
	close(copy);
	HOLDS(control(set, EPOLL_CTL_ADD, fd[0]) == 0);
	close(other);
	HOLDS(control(set, EPOLL_CTL_ADD, fd[1]) == 0);
	/* A failed add has taken nothing. */
	HOLDS(set_limit("3") == 0);
	HOLDS(control(set, EPOLL_CTL_ADD, fd[1]) == EEXIST &&
		control(set, EPOLL_CTL_ADD, plain) == EPERM);
	HOLDS(control(set, EPOLL_CTL_ADD, fd[2]) == 0);
	HOLDS(control(set, EPOLL_CTL_DEL, fd[2]) == 0);
	/* Less than there are. */
	HOLDS(set_limit("1") == 0 && limit() == 1);
	HOLDS(control(set, EPOLL_CTL_DEL, fd[1]) == 0 &&
		control(set, EPOLL_CTL_ADD, fd[1]) == ENOSPC);
	HOLDS(set_limit("2") == 0 && control(set, EPOLL_CTL_ADD, fd[1]) == 0);
}

/* Who made the set pays, whoever uses it. */
static void another_user(int set, const int *fd)
{
	int mine;

	HOLDS(setuid(1000) == 0);
	mine = epoll_create1(0);
	HOLDS(control(set, EPOLL_CTL_ADD, fd[2]) == ENOSPC);
	HOLDS(control(mine, EPOLL_CTL_ADD, fd[0]) == 0 && control(mine, EPOLL_CTL_ADD, fd[1]) == 0);
	HOLDS(control(mine, EPOLL_CTL_ADD, fd[2]) == ENOSPC);
	HOLDS(set_limit("100") == EACCES);
}

int main(void)
{
	int set = epoll_create1(0), fd[3], status;
	long before = limit();

	for (int i = 0; i < 3; i++)
		fd[i] = eventfd(0, 0);
	HOLDS(before > 1000);
	HOLDS(set_limit("-1") == EINVAL && set_limit("many") == EINVAL && limit() == before);
	HOLDS(set_limit("2\n") == 0 && limit() == 2);
	one_user(set, fd);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		another_user(set, fd);
		fflush(stdout);
		_exit(bad != 0);
	}
	HOLDS(waitpid(child, &status, 0) == child && status == 0);
	printf("%s\n", bad ? "wrong" : "watches counted");
	return bad != 0;
}
