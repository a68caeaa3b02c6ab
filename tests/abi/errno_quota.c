// summary: what limits refuse to an unprivileged user: processes, descriptors, signals that wait, priorities
//
// Seen to fail: with an execve(2) that counts the user's processes each time, not only after the user was changed.
#include "schedattr.h"
#include "users.h"

#include <linux/sched.h>
#include <time.h>

static void set_limit(int which, rlim_t n)
{
	struct rlimit r = {n, n};

	if (setrlimit(which, &r))
		printf("limit %d: %s\n", which, error_name(errno));
}

static long try_fork(long number)
{
	long child = syscall(number, 0, 0, 0, 0, 0);

	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid((pid_t)child, NULL, 0);
	return child > 0 ? 0 : child;
}

static long try_clone3(unsigned long flags)
{
	struct clone_args a = {.flags = flags, .exit_signal = SIGCHLD};
	int pidfd = -1;

	a.pidfd = (uintptr_t)&pidfd;
	long child = syscall(SYS_clone3, &a, sizeof(a));
	if (child == 0)
		_exit(0);
	if (child < 0)
		return child;
	waitpid((pid_t)child, NULL, 0);
	close(pidfd);
	return 0;
}

static void as_many_processes(char *self)
{
	set_limit(RLIMIT_NPROC, 1);
	SHOW(try_fork(SYS_fork));
	SHOW(try_clone3(0));
	become(100000 + getpid() % 100000);
	SHOW(try_fork(SYS_fork));
	SHOW(try_fork(SYS_clone));
	SHOW(try_clone3(0));
	/* A program that starts is asked only if the user was changed to one who had too many. */
	set_limit(RLIMIT_NPROC, 0);
	execl(self, self, "started", NULL);
	SHOW(errno);
}

static void as_many_programs(char *self, int user)
{
	char *const argv[] = {self, "started", NULL};

	set_limit(RLIMIT_NPROC, 1);
	become(user);
	SHOW(execve(self, argv, NULL));
	SHOW(syscall(SYS_execveat, AT_FDCWD, self, argv, NULL, 0));
	/* What was asked once is not asked again. */
	SHOW(execve(self, argv, NULL));
}

/* A user of our own, who has two more processes. */
static void programs_of_user(char *self)
{
	int user = 100000 + getpid() % 100000;
	pid_t others[] = {sleeper(user), sleeper(user)};

	SHOW_CHILD(as_many_programs(self, user));
	SHOW_CHILD({
		struct rlimit r = {4, 4};
		setrlimit(RLIMIT_NPROC, &r);
		become(user);
		execl(self, self, "started", NULL);
	});
	end(others[0]);
	end(others[1]);
}

static void as_many_descriptors(void)
{
	set_limit(RLIMIT_NOFILE, 3);
	SHOW(syscall(SYS_pidfd_open, getpid(), 0));
	SHOW(syscall(SYS_pidfd_open, getpid(), 1));
	SHOW(syscall(SYS_pidfd_open, 999999999, 0));
	SHOW(try_clone3(CLONE_PIDFD));
	SHOW(try_clone3(0));
}

static void as_many_signals(void)
{
	siginfo_t info = {.si_signo = SIGRTMIN, .si_code = SI_QUEUE};
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	pid_t me = getpid();
	sigset_t set;
	int timer;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	become(100000 + me % 100000);
	set_limit(RLIMIT_SIGPENDING, 2);
	for (int i = 0; i < 3; i++)
		SHOW(syscall(SYS_rt_sigqueueinfo, me, SIGRTMIN, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, me, me, SIGRTMIN, &info));
	SHOW(syscall(SYS_tkill, me, SIGRTMIN));
	SHOW(syscall(SYS_tgkill, me, me, SIGRTMIN));
	SHOW(syscall(SYS_pidfd_send_signal, syscall(SYS_pidfd_open, me, 0), SIGRTMIN, &info, 0));
	/* A signal that only happens or not needs no memory. */
	SHOW(syscall(SYS_tkill, me, SIGUSR1));
	SHOW(kill(me, SIGRTMIN));
	SHOW(kill(me, SIGUSR2));
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &timer));
	set_limit(RLIMIT_SIGPENDING, 0);
	SHOW(syscall(SYS_tkill, me, SIGRTMAX));
	SHOW(syscall(SYS_tgkill, me, me, SIGRTMAX));
	SHOW(sigqueue(me, SIGRTMAX, (union sigval){0}));
	SHOW(kill(me, SIGRTMAX));
}

static void higher_limits(void)
{
	struct rlimit r;

	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_NICE, 0);
	set_limit(RLIMIT_RTPRIO, 0);
	become(NOBODY);
	SHOW(setrlimit(RLIMIT_CORE, &(struct rlimit){1, 1}));
	SHOW(setrlimit(RLIMIT_CORE, &(struct rlimit){1, 0}));
	SHOW(setrlimit(99, &(struct rlimit){1, 1}));
	SHOW(getrlimit(99, &r));
	SHOW(syscall(SYS_prlimit64, 0, RLIMIT_CORE, &(struct rlimit){0, 1}, &r));
	SHOW(setpriority(PRIO_PROCESS, 0, -5));
	SHOW(setpriority(PRIO_PROCESS, 0, 5));
	SHOW(setpriority(PRIO_PROCESS, 0, 0));
	SHOW(setpriority(3, 0, 0));
	SHOW(getpriority(-1, 0));
	SHOW(setpriority(PRIO_PGRP, 999999999, 0));
	SHOW(setpriority(PRIO_USER, 123456789, 0));
	SHOW(getpriority(PRIO_USER, 123456789));
	SHOW(sched_setscheduler(0, SCHED_RR, &(struct sched_param){1}));
	SHOW(sched_setscheduler(0, SCHED_RR, &(struct sched_param){100}));
	SHOW(sched_setscheduler(0, SCHED_RR, &(struct sched_param){0}));
	SHOW(sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){0}));
	SHOW(sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0}));
	struct attr a = {.size = sizeof(a), .nice = -3};
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	a.size = sizeof(a) + 8;
	char larger[sizeof(a) + 8] = {0};
	memcpy(larger, &a, sizeof(a));
	SHOW(syscall(SYS_sched_setattr, 0, larger, 0));
	larger[sizeof(a)] = 1;
	SHOW(syscall(SYS_sched_setattr, 0, larger, 0));
	a.size = 47;
	SHOW(syscall(SYS_sched_setattr, 0, &a, 0));
	SHOW(syscall(SYS_sched_getattr, 0, &a, 47, 0));
	SHOW(syscall(SYS_sched_getattr, 0, &a, 5000, 0));
	SHOW(syscall(SYS_sched_getattr, 0, &a, 48, 1));
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		puts("started");
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	SHOW_CHILD(as_many_processes(argv[0]));
	programs_of_user(argv[0]);
	SHOW_CHILD(as_many_descriptors());
	SHOW_CHILD(as_many_signals());
	SHOW_CHILD(higher_limits());
	return 0;
}
