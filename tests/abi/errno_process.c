// summary: calls about processes: what another user may not do to them, what limits refuse, and other errors of the manual pages
//
// Seen to fail: with a pidfd_send_signal() that asks whether it may before it looks whether the process is there.
#include "proc.h"

#include <asm/prctl.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <time.h>

#define NOBODY 65534
#define OTHER 65533

/* The kernel's own structure; the C library's header for it does not go together with others. */
struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static void become(int id)
{
	if (setresgid(id, id, id) || setresuid(id, id, id))
		printf("become %d: %s\n", id, error_name(errno));
	/* Linux forbids to look at a process that has changed its ids. */
	prctl(PR_SET_DUMPABLE, 1);
}

/* A process that waits to be killed, of a user. */
static pid_t sleeper(int id)
{
	int told[2];
	char byte;

	if (pipe(told))
		exit(1);
	pid_t child = CHILD({
		if (id)
			become(id);
		close(told[1]);
		for (;;)
			pause();
	});
	close(told[1]);
	/* Its end of the pipe is closed when it is ready. */
	while (read(told[0], &byte, 1) > 0)
		;
	close(told[0]);
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* -- another's process -- */

static void signals_to(pid_t pid, int pidfd)
{
	siginfo_t info = {.si_signo = SIGCONT, .si_code = SI_QUEUE};

	SHOW(kill(pid, 0));
	SHOW(kill(pid, SIGCONT));
	SHOW(kill(pid, 65));
	SHOW(syscall(SYS_tkill, pid, 0));
	SHOW(syscall(SYS_tkill, pid, SIGCONT));
	SHOW(syscall(SYS_tkill, pid, 65));
	SHOW(syscall(SYS_tgkill, pid, pid, 0));
	SHOW(syscall(SYS_tgkill, pid, pid, SIGCONT));
	SHOW(syscall(SYS_rt_sigqueueinfo, pid, SIGCONT, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGCONT, &info));
	info.si_code = SI_USER;
	SHOW(syscall(SYS_rt_sigqueueinfo, pid, SIGCONT, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGCONT, &info));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, 65, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, &info, 0));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, NULL, 1U << 30));
}

static void scheduling_of(pid_t pid)
{
	struct sched_param p = {0};
	struct attr a = {.size = sizeof(a)};
	struct timespec t;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	SHOW(getpriority(PRIO_PROCESS, (id_t)pid));
	SHOW(setpriority(PRIO_PROCESS, (id_t)pid, 5));
	SHOW(setpriority(PRIO_PROCESS, (id_t)pid, 0));
	SHOW(sched_getscheduler(pid));
	SHOW(sched_setscheduler(pid, SCHED_OTHER, &p));
	SHOW(sched_setscheduler(pid, SCHED_BATCH, &p));
	SHOW(sched_setscheduler(pid, SCHED_IDLE, &p));
	SHOW(sched_setscheduler(pid, 99, &p));
	SHOW(sched_getparam(pid, &p));
	SHOW(sched_setparam(pid, &p));
	p.sched_priority = 1;
	SHOW(sched_setparam(pid, &p));
	SHOW(sched_setscheduler(pid, SCHED_FIFO, &p));
	SHOW(syscall(SYS_sched_setattr, pid, &a, 0));
	SHOW(syscall(SYS_sched_setattr, pid, &a, 1));
	a.policy = 77;
	SHOW(syscall(SYS_sched_setattr, pid, &a, 0));
	SHOW(syscall(SYS_sched_getattr, pid, &a, sizeof(a), 0));
	SHOW_OK(syscall(SYS_sched_getaffinity, pid, sizeof(set), &set));
	SHOW(sched_setaffinity(pid, sizeof(set), &set));
	SHOW(sched_rr_get_interval(pid, &t));
}

static void rest_of(pid_t pid)
{
	struct rlimit r;
	void *head;
	size_t length;
	char here[8], there[8];
	struct iovec l = {here, 8}, v = {there, 8};

	SHOW(syscall(SYS_prlimit64, pid, RLIMIT_CORE, NULL, &r));
	SHOW(syscall(SYS_prlimit64, pid, RLIMIT_CORE, &r, NULL));
	SHOW(syscall(SYS_prlimit64, pid, 99, NULL, &r));
	SHOW(syscall(SYS_get_robust_list, pid, &head, &length));
	SHOW(process_vm_readv(pid, &l, 1, &v, 1, 0));
	SHOW(process_vm_writev(pid, &l, 1, &v, 1, 0));
	SHOW_OK(getpgid(pid));
	SHOW_OK(getsid(pid));
	SHOW(setpgid(pid, 0));
	SHOW(wait4(pid, NULL, WNOHANG, NULL));
	SHOW(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOHANG));
	SHOW(ptrace(PTRACE_PEEKDATA, pid, 0, 0));
	SHOW(ptrace(PTRACE_SEIZE, pid, 0, 0));
	SHOW(ptrace(PTRACE_DETACH, pid, 0, 0));
	SHOW(ptrace(PTRACE_ATTACH, pid, 0, 0));
}

static void another_user(void)
{
	static const int users[] = {0, NOBODY, OTHER};

	for (int i = 0; i < 3; i++) {
		pid_t pid = sleeper(users[i]);
		int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

		printf("-- of %d\n", users[i]);
		SHOW_CHILD(become(NOBODY), signals_to(pid, pidfd));
		SHOW_CHILD(become(NOBODY), scheduling_of(pid));
		SHOW_CHILD(become(NOBODY), rest_of(pid));
		end(pid);
		/* The number is nobody's; the descriptor still says whom it meant. */
		SHOW_CHILD(
			become(NOBODY), signals_to(pid, pidfd), scheduling_of(pid), rest_of(pid));
		close(pidfd);
	}
}

/* -- limits -- */

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

/* -- children that are to wait for; groups and sessions -- */

static void waiting(void)
{
	siginfo_t info;

	SHOW(wait4(-1, NULL, 0, NULL));
	SHOW(wait4(999999999, NULL, 0, NULL));
	SHOW(wait4((pid_t)0x80000000, NULL, 0, NULL));
	SHOW(wait4(-1, NULL, 0x1000, NULL));
	SHOW(waitid(P_ALL, 0, &info, WEXITED));
	SHOW(waitid(P_ALL, 0, &info, 0));
	SHOW(waitid(P_ALL, 0, &info, WNOHANG));
	SHOW(waitid(P_ALL, 0, &info, WEXITED | 0x100));
	SHOW(waitid(9, 0, &info, WEXITED));
	SHOW(waitid(P_PID, 0, &info, WEXITED));
	SHOW(waitid(P_PID, (id_t)-1, &info, WEXITED));
	SHOW(waitid(P_PGID, (id_t)-1, &info, WEXITED));
	SHOW(waitid(P_PIDFD, (id_t)-1, &info, WEXITED));
	SHOW(waitid(P_PIDFD, 999, &info, WEXITED));
	SHOW(waitid(P_PIDFD, 0, &info, WEXITED));
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	SHOW(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED));
	close(pidfd);
	pid_t child = sleeper(0);
	pidfd = (int)syscall(SYS_pidfd_open, child, O_NONBLOCK);
	SHOW(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED));
	SHOW(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG));
	SHOW(wait4(child, NULL, WNOHANG, NULL));
	end(child);
	SHOW(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, 65, NULL, 0));
	close(pidfd);
}

static void groups(void)
{
	pid_t child = sleeper(0);

	SHOW(setpgid(child, child));
	SHOW(setpgid(child, 999999999));
	SHOW(setpgid(child, -1));
	SHOW(setpgid(-1, 0));
	SHOW(setpgid(999999999, 0));
	SHOW(getpgid(-1));
	SHOW(getsid(-1));
	SHOW_CHILD({
		SHOW_OK(setsid());
		SHOW(setsid());
		SHOW(setpgid(0, 0));
		SHOW(setpgid(0, getppid()));
	});
	SHOW_CHILD({
		SHOW(setpgid(0, 0));
		SHOW(setsid());
	});
	end(child);
}

/* -- what only this machine has -- */

static void machine(void)
{
	unsigned long value;

	/* Where CPUID can be made to fault there is nothing to refuse. */
	long r = syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
	HOLDS(r == 0 || errno == ENODEV);
	SHOW(syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0));
	SHOW(syscall(SYS_arch_prctl, ARCH_GET_FS, 8));
	SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 47));
	SHOW(syscall(SYS_arch_prctl, 0x7777, &value));
	SHOW(syscall(SYS_personality, 0xffffffff) < 0);
	SHOW(syscall(SYS_set_robust_list, &value, 23));
	SHOW(syscall(SYS_set_robust_list, 8, 25));
	SHOW(syscall(SYS_get_robust_list, -1, &value, &value));
	SHOW(syscall(SYS_get_robust_list, 999999999, &value, &value));
	SHOW(syscall(SYS_getrandom, &value, 8, 8));
	SHOW(syscall(SYS_getrandom, &value, 8, 6));
	SHOW(syscall(SYS_membarrier, 1 << 20, 0, 0));
	SHOW(syscall(SYS_membarrier, 0, 1, 0));
	SHOW(syscall(SYS_membarrier, 8, 0, 0));
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		puts("started");
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	another_user();
	SHOW_CHILD(as_many_processes(argv[0]));
	programs_of_user(argv[0]);
	SHOW_CHILD(as_many_descriptors());
	SHOW_CHILD(as_many_signals());
	SHOW_CHILD(higher_limits());
	waiting();
	groups();
	machine();
	return 0;
}
