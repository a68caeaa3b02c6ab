/* What the tests of epoll and its event files share. */
#ifndef ABI_EPOLL_H
#define ABI_EPOLL_H

#include "abi.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#pragma GCC diagnostic ignored "-Wnonnull"

static inline int ctl(int ep, int op, int fd, unsigned events, int data)
{
	struct epoll_event e = {events, {.u64 = (uint64_t)data}};

	return epoll_ctl(ep, op, fd, &e);
}

/* What is ready now, at most so many, in the order given. */
static inline void wait_and_show(int ep, int max)
{
	struct epoll_event got[32];
	int n = epoll_wait(ep, got, max, 0);

	if (n < 0)
		printf("wait: %s\n", error_name(errno));
	else
		printf("wait: %d:", n);
	for (int i = 0; i < n; i++)
		printf(" %#x of %d", got[i].events, (int)got[i].data.u64);
	if (n >= 0)
		puts("");
}

/* Takes all that a non-blocking descriptor has. */
static inline void drain(int fd)
{
	char some[4096];

	while (read(fd, some, sizeof(some)) > 0)
		;
}

static inline int polled(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDNORM, 0};

	poll(&p, 1, 0);
	return p.revents;
}

static inline long clock_ms(int clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void sleep_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

/* SIGALRM every so often, from then on; 0: no more. */
static inline void alarm_every(long milliseconds)
{
	struct timeval t = {0, milliseconds * 1000};
	struct itimerval v = {t, t};
	int e = errno;
	setitimer(ITIMER_REAL, &v, NULL);
	errno = e;
}

/* A call that SIGALRM is to end. A single one could come before the call has begun, which would then never end. */
#define ALARMED(call)                  \
	({                             \
		alarm_every(30);       \
		long result_ = (call); \
		alarm_every(0);        \
		result_;               \
	})

#endif
