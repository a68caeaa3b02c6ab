/* Calls about what is told through descriptors: epoll, timers, signals; memory files; capabilities. */
#include "failing.h"

#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static long epoll, event_fd, timer_fd;
static struct epoll_event wanted = {.events = EPOLLIN | EPOLLOUT};
static const struct timespec no_time;
static const struct itimerspec later = {.it_value = {.tv_sec = 1000}};
static uint64_t usr1 = 1UL << (SIGUSR1 - 1);

static void shut(long result)
{
	must(SYS_close, result);
}

static void make_epoll(void)
{
	epoll = must(SYS_epoll_create1, 0);
	event_fd = must(SYS_eventfd2, 1, 0);
}

static void make_watching(void)
{
	make_epoll();
	must(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, event_fd, &wanted);
}

static void unwatch(long result)
{
	(void)result;
	must(SYS_epoll_ctl, epoll, EPOLL_CTL_DEL, event_fd, NULL);
}

static void watch_again(long result)
{
	(void)result;
	must(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, event_fd, &wanted);
}

WAY(epoll_create, plain, .undo = shut)
{
	return kernel(SYS_epoll_create, 1);
}
WAY(epoll_create1, plain, .undo = shut)
{
	return kernel(SYS_epoll_create1, 0);
}
WAY(epoll_ctl, add, .prepare = make_epoll, .undo = unwatch)
{
	return kernel(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, event_fd, &wanted);
}
WAY(epoll_ctl, modify, .prepare = make_watching)
{
	return kernel(SYS_epoll_ctl, epoll, EPOLL_CTL_MOD, event_fd, &wanted);
}
WAY(epoll_ctl, remove, .prepare = make_watching, .undo = watch_again)
{
	return kernel(SYS_epoll_ctl, epoll, EPOLL_CTL_DEL, event_fd, NULL);
}
WAY(epoll_wait, plain, .prepare = make_watching)
{
	return kernel(SYS_epoll_wait, epoll, buffer, 10, 0);
}
WAY(epoll_pwait, plain, .prepare = make_watching)
{
	return kernel(SYS_epoll_pwait, epoll, buffer, 10, 0, NULL, 8);
}
WAY(epoll_pwait2, plain, .prepare = make_watching)
{
	return kernel(SYS_epoll_pwait2, epoll, buffer, 10, &no_time, NULL, 8);
}

static void make_timer(void)
{
	timer_fd = must(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
}

WAY(timerfd_create, plain, .undo = shut)
{
	return kernel(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
}
WAY(timerfd_settime, plain, .prepare = make_timer)
{
	return kernel(SYS_timerfd_settime, timer_fd, 0, &later, buffer);
}
WAY(timerfd_gettime, plain, .prepare = make_timer)
{
	return kernel(SYS_timerfd_gettime, timer_fd, buffer);
}
WAY(signalfd, plain, .undo = shut)
{
	return kernel(SYS_signalfd, -1, &usr1, 8);
}
WAY(signalfd4, plain, .undo = shut)
{
	return kernel(SYS_signalfd4, -1, &usr1, 8, 0);
}
WAY(memfd_create, plain, .undo = shut, .errors = {ENOMEM, ENOSPC})
{
	return kernel(SYS_memfd_create, "name", 0);
}

static struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

static void get_capabilities(void)
{
	must(SYS_capget, &header, buffer);
}

WAY(capget, plain)
{
	return kernel(SYS_capget, &header, buffer);
}
WAY(capset, plain, .prepare = get_capabilities)
{
	return kernel(SYS_capset, &header, buffer);
}
