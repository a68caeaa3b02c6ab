/*
 * wait4, waitid: every option, every kind of child, every error.
 *
 * Seen to fail: with WNOWAIT reaping all the same, dead(); with the filter on clone children left out
 * of child_matches(), living().
 */
#include "proc.h"

#include <sys/syscall.h>

static void show_info(const char *what, int result, const siginfo_t *i, pid_t child)
{
	if (result != 0) {
		printf("%s: %s", what, error_name(errno));
	} else {
		printf("%s: 0", what);
	}
	printf(" signo %d errno %d code %d pid %s status %d\n", i->si_signo, i->si_errno,
		i->si_code,
		i->si_pid == child ? "child"
		: i->si_pid	   ? "other"
				   : "0",
		i->si_status);
}

#define WAITID(type, id, options, child)                                                 \
	do {                                                                             \
		siginfo_t info_;                                                         \
		memset(&info_, 0x55, sizeof(info_));                                     \
		errno = 0;                                                               \
		int result_ = (int)syscall(SYS_waitid, type, id, &info_, options, NULL); \
		show_info("waitid " #type " " #options, result_, &info_, child);         \
	} while (0)

static pid_t sleeper(void)
{
	return CHILD(for (;;) pause());
}

static void errors(void)
{
	int status = 0x1234;

	SHOW(wait(&status));
	SHOW(waitpid(-1, &status, WNOHANG));
	SHOW(waitpid(getpid(), &status, 0));
	SHOW(waitpid(1, &status, 0));
	SHOW(waitpid(0, &status, WNOHANG));
	SHOW(waitpid(-getpgrp(), &status, WNOHANG));
	SHOW(waitpid(-999999, &status, 0));
	SHOW(waitpid(999999, &status, 0));
	SHOW(syscall(SYS_wait4, (int)0x80000000, &status, 0, NULL));
	printf("status untouched: %#x\n", status);
	for (unsigned bit = 0; bit < 32; bit++)
		printf("wait4 option %u: %s\n", bit,
			syscall(SYS_wait4, -1, &status, WNOHANG | (1u << bit), NULL) < 0
				? error_name(errno)
				: "ok");
	for (unsigned bit = 0; bit < 32; bit++)
		printf("waitid option %u: %s\n", bit,
			syscall(SYS_waitid, P_ALL, 0, NULL, WNOHANG | (1u << bit), NULL) < 0
				? error_name(errno)
				: "ok");
	WAITID(P_ALL, 0, WEXITED, 0);
	WAITID(P_ALL, 0, 0, 0);
	WAITID(P_ALL, 0, WNOHANG, 0);
	WAITID(P_ALL, 0, WNOWAIT, 0);
	WAITID(P_PID, 0, WEXITED, 0);
	WAITID(P_PID, -5, WEXITED, 0);
	WAITID(P_PID, 999999, WEXITED, 0);
	WAITID(P_PGID, -5, WEXITED, 0);
	WAITID(P_PGID, 0, WEXITED, 0);
	WAITID(P_PIDFD, -1, WEXITED, 0);
	WAITID(P_PIDFD, 999, WEXITED, 0);
	WAITID(P_PIDFD, 1, WEXITED, 0);
	WAITID(4, 0, WEXITED, 0);
	WAITID(-1, 0, WEXITED, 0);
}

static void bad_pointers(void)
{
	pid_t child = CHILD(_exit(3));
	int status;

	SHOW(waitpid(child, (int *)1, 0));
	/* It has been reaped all the same. */
	SHOW(waitpid(child, &status, 0));
	child = CHILD(_exit(3));
	SHOW(wait4(child, &status, 0, (void *)1));
	SHOW(wait4(child, &status, 0, NULL));
	child = CHILD(_exit(3));
	SHOW(syscall(SYS_waitid, P_PID, child, 1, WEXITED, NULL));
	SHOW(syscall(SYS_waitid, P_PID, child, NULL, WEXITED, NULL));
	child = CHILD(_exit(3));
	SHOW(syscall(SYS_waitid, P_PID, child, NULL, WEXITED, 1));
	SHOW(syscall(SYS_waitid, P_PID, child, NULL, WEXITED, NULL));
	child = CHILD(_exit(3));
	SHOW(syscall(SYS_waitid, P_PID, child, NULL, WEXITED, NULL));
	child = CHILD(_exit(3));
	HOLDS(syscall(SYS_wait4, child, NULL, 0, NULL) == child);
	child = CHILD(_exit(3));
	HOLDS(syscall(SYS_wait4, child, (char *)-8, 0, NULL) == -1 && errno == EFAULT);
}

static void living(void)
{
	pid_t child = sleeper();
	int status = 7;

	SHOW(waitpid(child, &status, WNOHANG));
	SHOW(waitpid(-1, &status, WNOHANG));
	SHOW(waitpid(0, &status, WNOHANG));
	SHOW(waitpid(-getpgrp(), &status, WNOHANG));
	SHOW(waitpid(child, &status, WNOHANG | WUNTRACED | WCONTINUED));
	WAITID(P_PID, child, WEXITED | WNOHANG, child);
	WAITID(P_ALL, 0, WEXITED | WSTOPPED | WCONTINUED | WNOHANG, child);
	WAITID(P_ALL, 0, WSTOPPED | WNOHANG, child);
	WAITID(P_ALL, 0, WEXITED | WNOHANG | __WCLONE, child);
	WAITID(P_ALL, 0, WEXITED | WNOHANG | __WALL, child);
	WAITID(P_ALL, 0, WEXITED | WNOHANG | __WNOTHREAD, child);
	SHOW(waitpid(child, &status, WNOHANG | __WCLONE));
	printf("status %d\n", status);
	kill(child, SIGTERM);
	show_end("terminated", child);
}

static void dead(void)
{
	pid_t child = CHILD(_exit(9));

	WAITID(P_PID, child, WEXITED | WNOWAIT, child);
	WAITID(P_PID, child, WEXITED | WNOWAIT, child);
	WAITID(P_ALL, 0, WEXITED | WNOWAIT, child);
	WAITID(P_PGID, 0, WEXITED | WNOWAIT, child);
	/* It is no hope for who does not want the dead. */
	WAITID(P_PID, child, WSTOPPED | WNOHANG, child);
	WAITID(P_PID, child, WCONTINUED, child);
	SHOW(kill(child, 0));
	SHOW(kill(child, SIGKILL));
	HOLDS(getpgid(child) == getpgrp());
	HOLDS(getsid(child) == getsid(0));
	WAITID(P_PID, child, WEXITED, child);
	WAITID(P_PID, child, WEXITED, child);
	SHOW(kill(child, 0));
	SHOW(getpgid(child));
	child = CHILD(kill(getpid(), SIGKILL));
	WAITID(P_PID, child, WEXITED, child);
	child = CHILD(kill(getpid(), SIGUSR1));
	WAITID(P_PGID, getpgrp(), WEXITED, child);
	child = CHILD(_exit(0x1ff));
	WAITID(P_ALL, 0, WEXITED, child);
}

static void stopped(void)
{
	static const int signals[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};

	for (unsigned i = 0; i < 4; i++) {
		int status;
		pid_t child = sleeper();
		setpgid(child, child);
		/* A process whose group is orphaned does not stop for the last three; ours is not. */
		kill(child, signals[i]);
		waitpid(child, &status, WUNTRACED);
		printf("%d: %s\n", signals[i], status_text(status));
		SHOW(waitpid(child, &status, WUNTRACED | WNOHANG));
		SHOW(waitpid(child, &status, WCONTINUED | WNOHANG));
		kill(child, SIGCONT);
		waitpid(child, &status, WCONTINUED);
		printf("%d: %s\n", signals[i], status_text(status));
		SHOW(waitpid(child, &status, WCONTINUED | WNOHANG));
		kill(child, signals[i]);
		WAITID(P_PID, child, WSTOPPED | WNOWAIT, child);
		WAITID(P_PID, child, WSTOPPED | WEXITED, child);
		WAITID(P_PID, child, WSTOPPED | WEXITED | WNOHANG, child);
		kill(child, SIGCONT);
		WAITID(P_PID, child, WCONTINUED | WNOWAIT, child);
		WAITID(P_PID, child, WCONTINUED | WSTOPPED, child);
		WAITID(P_PID, child, WCONTINUED | WSTOPPED | WNOHANG, child);
		kill(child, signals[i]);
		waitpid(child, &status, WUNTRACED);
		kill(child, SIGKILL);
		waitpid(child, &status, WUNTRACED | WCONTINUED);
		printf("%d: %s\n", signals[i], status_text(status));
	}
}

static int run(void *arg)
{
	_exit(*(int *)arg);
}

static char stack[65536] __attribute__((aligned(16)));

/* Children with another signal, or none, are found only by who asks for them. */
static void clone_children(void)
{
	static const int signals[] = {0, SIGCHLD, SIGUSR1, SIGTERM, SIGWINCH};
	int status, code = 4;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	fflush(stdout);
	for (unsigned i = 0; i < 5; i++) {
		pid_t child = clone(run, stack + sizeof(stack), signals[i], &code);
		printf("exit signal %d\n", signals[i]);
		fflush(stdout);
		WAITID(P_PID, child, WEXITED | WNOWAIT | __WALL, child);
		SHOW_OK(waitpid(child, &status, WNOHANG));
		SHOW_OK(waitpid(child, &status, WNOHANG | __WCLONE));
		SHOW_OK(waitpid(child, &status, WNOHANG | __WALL));
		while (waitpid(-1, &status, __WALL) > 0)
			;
	}
	signal(SIGUSR1, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
}

static void groups(void)
{
	pid_t a = CHILD(setpgid(0, 0); _exit(1));
	pid_t b = CHILD(_exit(2));
	int status;

	setpgid(a, a);
	WAITID(P_PGID, a, WEXITED | WNOWAIT, a);
	HOLDS(waitpid(0, &status, 0) == b);
	HOLDS(waitpid(-a, &status, 0) == a);
	SHOW(waitpid(-a, &status, 0));
	SHOW(waitpid(0, &status, 0));
	/* The group's number is free only when no zombie is in it. */
	a = CHILD(setpgid(0, 0); _exit(1));
	WAITID(P_PID, a, WEXITED | WNOWAIT, a);
	HOLDS(getpgid(a) == a);
	HOLDS(kill(-a, 0) == 0);
	waitpid(a, NULL, 0);
	SHOW(kill(-a, 0));
}

/* Who ignores SIGCHLD, or says SA_NOCLDWAIT, has no zombies. */
static void no_zombies(void)
{
	struct sigaction sa = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
	int status;

	signal(SIGCHLD, SIG_IGN);
	CHILD(_exit(1));
	SHOW(wait(&status));
	CHILD(_exit(1));
	CHILD(_exit(2));
	SHOW(waitpid(-1, &status, 0));
	sigaction(SIGCHLD, &sa, NULL);
	CHILD(_exit(1));
	SHOW(wait(&status));
	signal(SIGCHLD, SIG_DFL);
	pid_t child = CHILD(_exit(1));
	WAITID(P_PID, child, WEXITED | WNOWAIT, child);
	/* A zombie that is there stays. */
	signal(SIGCHLD, SIG_IGN);
	HOLDS(wait(&status) == child);
	SHOW(wait(&status));
	signal(SIGCHLD, SIG_DFL);
}

static volatile int handled;

static void handler(int signal)
{
	handled++;
}

static void interrupted(void)
{
	struct sigaction sa = {.sa_handler = handler};
	int status;
	pid_t parent = getpid();

	sigaction(SIGUSR1, &sa, NULL);
	pid_t living = sleeper();
	pid_t killer = CHILD({
		until_state(parent, 'S');
		kill(parent, SIGUSR1);
		_exit(1);
	});
	SHOW(waitpid(living, &status, 0));
	waitpid(killer, &status, 0);
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	killer = CHILD({
		until_state(parent, 'S');
		kill(parent, SIGUSR1);
		until_state(parent, 'S');
		kill(living, SIGTERM);
		_exit(1);
	});
	HOLDS(waitpid(living, &status, 0) == living);
	printf("%s, %d\n", status_text(status), handled);
	waitpid(killer, &status, 0);
}

static void usage(void)
{
	struct rusage r;
	int status;
	pid_t child = CHILD({
		for (volatile int i = 0; i < 30000000; i++)
			;
	});

	memset(&r, 0x55, sizeof(r));
	HOLDS(wait4(child, &status, 0, &r) == child);
	HOLDS(r.ru_utime.tv_sec * 1000000 + r.ru_utime.tv_usec > 1000);
	HOLDS(r.ru_utime.tv_sec < 100);
	HOLDS(r.ru_maxrss > 0);
	HOLDS(r.ru_maxrss < 100000);
	struct rusage all;
	HOLDS(getrusage(RUSAGE_CHILDREN, &all) == 0);
	HOLDS(all.ru_utime.tv_sec * 1000000 + all.ru_utime.tv_usec >=
		r.ru_utime.tv_sec * 1000000 + r.ru_utime.tv_usec);
	HOLDS(all.ru_maxrss >= r.ru_maxrss);
}

int main(void)
{
	errors();
	bad_pointers();
	living();
	dead();
	stopped();
	clone_children();
	groups();
	no_zombies();
	interrupted();
	usage();
	return 0;
}
