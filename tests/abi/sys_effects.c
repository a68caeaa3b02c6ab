// summary: what a call has done although its result could not be stored, and what it has not
//
// EFAULT does not mean that nothing has happened: a signal that was taken is lost, a child that was waited for is gone, a timer runs.
// What a program finds afterwards is compared here; of files, in fs_effects.c.
//
// Seen to fail: with an rt_sigprocmask that looks at where the old mask goes before it changes the mask.
#include "effects.h"

#include <linux/capability.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

/* -- what can be read once -- */

static void events(void)
{
	int fd = eventfd(5, EFD_NONBLOCK);
	uint64_t value = 7;

	SHOW(read(fd, nowhere, 8));
	SHOW(read(fd, &value, 8));
	SHOW(write(fd, nowhere, 8));
	SHOW(read(fd, &value, 8));
	SHOW(read(fd, edge - 4, 8));
	close(fd);
	fd = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
	SHOW(read(fd, nowhere, 8));
	SHOW(read(fd, &value, 8));
	SHOW(read(fd, &value, 8));
	close(fd);
}

static void timer_ticks(void)
{
	struct itimerspec soon = {.it_value = {.tv_nsec = 1}}, left;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint64_t ticks;

	SHOW(timerfd_settime(fd, 0, &soon, NULL));
	SHOW(poll(&p, 1, -1));
	SHOW(read(fd, nowhere, 8));
	SHOW(read(fd, &ticks, 8));
	soon.it_value.tv_sec = 1000;
	TRY(timerfd_settime, fd, 0, &soon, nowhere);
	SHOW(timerfd_gettime(fd, &left));
	HOLDS(left.it_value.tv_sec > 900);
	TRY(timerfd_settime, fd, 0, nowhere, NULL);
	SHOW(timerfd_gettime(fd, &left));
	HOLDS(left.it_value.tv_sec > 900);
	TRY(timerfd_gettime, fd, nowhere);
	close(fd);
}

/* -- signals -- */

static sigset_t usr1, none, pending;

static void show_pending(void)
{
	sigpending(&pending);
	printf("USR1 pending: %d, USR2: %d\n", sigismember(&pending, SIGUSR1),
		sigismember(&pending, SIGUSR2));
}

static void show_blocked(void)
{
	sigset_t now;

	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("USR1 blocked: %d, USR2: %d\n", sigismember(&now, SIGUSR1),
		sigismember(&now, SIGUSR2));
}

static void signals_taken(void)
{
	static const struct timespec at_once;

	raise(SIGUSR1);
	show_pending();
	TRY(rt_sigtimedwait, &usr1, nowhere, &at_once, 8);
	show_pending();
	raise(SIGUSR1);
	TRY(rt_sigtimedwait, &usr1, NULL, nowhere, 8);
	TRY(rt_sigtimedwait, nowhere, NULL, &at_once, 8);
	TRY(rt_sigpending, nowhere, 8);
	show_pending();
	int fd = signalfd(-1, &usr1, SFD_NONBLOCK);
	SHOW(read(fd, nowhere, 128));
	show_pending();
	SHOW(read(fd, buffer, 128));
	raise(SIGUSR1);
	SHOW(read(fd, edge - 64, 128));
	show_pending();
	close(fd);
	TRY(signalfd4, -1, nowhere, 8, 0);
}

static void signals_set(void)
{
	sigset_t usr2;
	struct sigaction old;
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} ignore = {.handler = SIG_IGN};
	stack_t stack = {.ss_sp = buffer, .ss_size = 8192}, was;

	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	TRY(rt_sigprocmask, SIG_BLOCK, &usr2, nowhere, 8);
	show_blocked();
	TRY(rt_sigprocmask, SIG_UNBLOCK, nowhere, NULL, 8);
	show_blocked();
	TRY(rt_sigprocmask, SIG_UNBLOCK, &usr2, nowhere, 8);
	show_blocked();
	TRY(rt_sigaction, SIGUSR2, &ignore, nowhere, 8);
	SHOW(sigaction(SIGUSR2, NULL, &old));
	HOLDS(old.sa_handler == SIG_IGN || old.sa_handler == SIG_DFL);
	printf("USR2 ignored: %d\n", old.sa_handler == SIG_IGN);
	TRY(rt_sigaction, SIGUSR2, nowhere, NULL, 8);
	TRY(sigaltstack, &stack, nowhere);
	SHOW(sigaltstack(NULL, &was));
	printf("alternate stack: size %zu flags %d\n", was.ss_size, was.ss_flags);
	stack.ss_flags = SS_DISABLE;
	TRY(sigaltstack, &stack, nowhere);
	SHOW(sigaltstack(NULL, &was));
	printf("alternate stack: flags %d\n", was.ss_flags);
}

/* -- children -- */

static pid_t zombie(int status)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		_exit(status);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	return pid;
}

#define AFTERWARDS(pid)                                   \
	do {                                              \
		int status = -1;                          \
		SHOW_OK(waitpid(pid, &status, 0));        \
		printf("status %#x\n", (unsigned)status); \
	} while (0)
#define WAITED(call, ...)                                    \
	do {                                                 \
		pid_t pid = zombie(3);                       \
		SHOW_OK(syscall(SYS_##call, ##__VA_ARGS__)); \
		AFTERWARDS(pid);                             \
	} while (0)

static void children(void)
{
	WAITED(wait4, pid, nowhere, 0, NULL);
	WAITED(wait4, pid, NULL, 0, nowhere);
	WAITED(wait4, pid, nowhere, 0, buffer);
	WAITED(wait4, pid, nowhere, WNOHANG, NULL);
	WAITED(waitid, P_PID, pid, nowhere, WEXITED, NULL);
	WAITED(waitid, P_PID, pid, nowhere, WEXITED | WNOWAIT, NULL);
	WAITED(waitid, P_PID, pid, buffer, WEXITED, nowhere);
	WAITED(waitid, P_PID, pid, nowhere, WEXITED | WNOHANG, NULL);
}

static void births(void)
{
	struct clone_args_first {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	} args = {.flags = CLONE_PIDFD, .pidfd = (uint64_t)nowhere, .exit_signal = SIGCHLD};

	TRY(clone, CLONE_PIDFD | SIGCHLD, 0, nowhere, 0, 0);
	TRY(clone3, &args, sizeof(args));
	TRY(clone3, nowhere, sizeof(args));
	SHOW(waitpid(-1, NULL, 0));
	long pid = syscall(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, 0, nowhere, 0, 0);
	if (pid == 0)
		_exit(4);
	HOLDS(pid > 0);
	AFTERWARDS((pid_t)pid);
	pid = syscall(
		SYS_clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, 0, nowhere, 0);
	if (pid == 0)
		_exit(5);
	AFTERWARDS((pid_t)pid);
	int next = dup(0);
	printf("the next descriptor is %d\n", next);
	close(next);
}

/* -- timers and limits -- */

static void timers(void)
{
	struct itimerval later = {.it_value = {.tv_sec = 1000}}, left;
	struct itimerspec far = {.it_value = {.tv_sec = 1000}}, is;
	static const struct itimerval off;
	int id = -1, next = -1;

	TRY(setitimer, ITIMER_REAL, &later, nowhere);
	SHOW(getitimer(ITIMER_REAL, &left));
	HOLDS(left.it_value.tv_sec > 900);
	TRY(setitimer, ITIMER_REAL, nowhere, &left);
	TRY(getitimer, ITIMER_REAL, nowhere);
	SHOW(setitimer(ITIMER_REAL, &off, &left));
	HOLDS(left.it_value.tv_sec > 900);
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id));
	TRY(timer_create, CLOCK_MONOTONIC, NULL, nowhere);
	TRY(timer_create, CLOCK_MONOTONIC, nowhere, &next);
	TRY(timer_settime, id, 0, &far, nowhere);
	SHOW(syscall(SYS_timer_gettime, id, &is));
	HOLDS(is.it_value.tv_sec > 900);
	TRY(timer_settime, id, 0, nowhere, NULL);
	TRY(timer_gettime, id, nowhere);
	SHOW(syscall(SYS_timer_delete, id));
}

static void limits(void)
{
	struct rlimit core = {.rlim_cur = 12345, .rlim_max = RLIM_INFINITY}, is;

	getrlimit(RLIMIT_CORE, &is);
	core.rlim_max = is.rlim_max;
	if (core.rlim_cur > core.rlim_max)
		core.rlim_cur = core.rlim_max;
	struct rlimit zero = {.rlim_max = is.rlim_max};
	setrlimit(RLIMIT_CORE, &zero);
	TRY(prlimit64, 0, RLIMIT_CORE, &core, nowhere);
	getrlimit(RLIMIT_CORE, &is);
	HOLDS(is.rlim_cur == core.rlim_cur);
	TRY(prlimit64, 0, RLIMIT_CORE, nowhere, &is);
	TRY(getrlimit, RLIMIT_CORE, nowhere);
	TRY(setrlimit, RLIMIT_CORE, nowhere);
}

/* -- waiting for descriptors -- */

static void selects(void)
{
	struct timeval *in_page = (struct timeval *)(edge - 64);
	fd_set set;
	int ends[2];

	pipe(ends);
	write(ends[1], "x", 1);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	/* The rest of the time can't be stored: that is no error. */
	*in_page = (struct timeval){.tv_sec = 1};
	mprotect(edge - PAGE, PAGE, PROT_READ);
	TRY(select, 10, &set, NULL, NULL, in_page);
	TRY(poll, edge - 64, 1, 0);
	TRY(select, 10, edge - 128, NULL, NULL, NULL);
	mprotect(edge - PAGE, PAGE, PROT_READ | PROT_WRITE);
	TRY(select, 10, nowhere, NULL, NULL, NULL);
	TRY(pselect6, 10, &set, NULL, NULL, nowhere, NULL);
	TRY(pselect6, 10, &set, NULL, NULL, NULL, nowhere);
	TRY(ppoll, nowhere, 1, NULL, NULL, 8);
	close(ends[0]);
	close(ends[1]);
}

static void epolls(void)
{
	struct epoll_event one = {.events = EPOLLIN | EPOLLONESHOT}, got[4];
	int set = epoll_create1(0), a = eventfd(1, 0), b = eventfd(1, 0);

	one.data.u64 = 1;
	TRY(epoll_ctl, set, EPOLL_CTL_ADD, a, nowhere);
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, a, &one));
	TRY(epoll_wait, set, nowhere, 4, 0);
	SHOW(epoll_wait(set, got, 4, 0));
	SHOW(epoll_wait(set, got, 4, 0));
	one.events = EPOLLIN | EPOLLET;
	SHOW(epoll_ctl(set, EPOLL_CTL_MOD, a, &one));
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, b, &one));
	TRY(epoll_wait, set, nowhere, 4, 0);
	/* Room for one. */
	TRY(epoll_wait, set, edge - sizeof(got[0]), 4, 0);
	SHOW(epoll_wait(set, got, 4, 0));
	SHOW(epoll_wait(set, got, 4, 0));
	TRY(epoll_ctl, set, EPOLL_CTL_MOD, a, nowhere);
	TRY(epoll_pwait, set, got, 4, 0, nowhere, 8);
	TRY(epoll_pwait2, set, got, 4, nowhere, NULL, 8);
	close(set);
	close(a);
	close(b);
}

/* -- futexes -- */

static void futexes(void)
{
	static uint32_t word;
	struct timespec soon = {.tv_nsec = 1};

	TRY(futex, nowhere, FUTEX_WAIT, 0, &soon);
	TRY(futex, &word, FUTEX_WAIT, 0, nowhere);
	TRY(futex, nowhere, FUTEX_WAKE, 1, NULL);
	TRY(futex, &word, FUTEX_WAKE_OP, 1, 1, nowhere, FUTEX_OP(FUTEX_OP_SET, 1, 0, 0));
	TRY(futex, &word, FUTEX_CMP_REQUEUE, 1, 1, nowhere, 0);
	TRY(futex, nowhere, FUTEX_CMP_REQUEUE, 1, 1, &word, 0);
	TRY(futex, nowhere, FUTEX_LOCK_PI, 0, NULL);
	TRY(futex, nowhere, FUTEX_UNLOCK_PI, 0, NULL);
	HOLDS(word == 0);
}

static void (*const parts[])(void) = {events, timer_ticks, signals_taken, signals_set, children,
	births, timers, limits, selects, epolls, futexes};

int main(void)
{
	make_places();
	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		parts[i]();
	return 0;
}
