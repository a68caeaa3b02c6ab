/*
 * What a parent hears when a child ends, stops, goes on: the signal and its siginfo.
 */
#include "proc.h"

#include <sched.h>

static volatile int count;
static siginfo_t last;

static void handler(int signal, siginfo_t *info, void *context)
{
	count++;
	last = *info;
}

static void show(const char *what, pid_t child)
{
	printf("%s: %d signals, signo %d errno %d code %d pid %s uid %s status %d\n", what, count,
		last.si_signo, last.si_errno, last.si_code,
		last.si_pid == child ? "child" : "other",
		last.si_uid == getuid() ? "ours" : "other", last.si_status);
	count = 0;
	memset(&last, 0, sizeof(last));
}

/* Waits until the handler has run, without taking anything from the child. */
static void await(int n)
{
	while (count < n)
		usleep(1000);
}

static void ends(void)
{
	static const int statuses[] = {0, 1, 77, 255, 256 + 3};
	static const int signals[] = {SIGTERM, SIGKILL, SIGSEGV, SIGUSR1, 40, SIGABRT};

	for (int i = 0; i < 5; i++) {
		pid_t child = CHILD(_exit(statuses[i]));
		await(1);
		show("exit", child);
		waitpid(child, NULL, 0);
	}
	for (int i = 0; i < 6; i++) {
		pid_t child = CHILD(kill(getpid(), signals[i]));
		await(1);
		show("kill", child);
		waitpid(child, NULL, 0);
	}
}

static void stops(int flags)
{
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
	int status;

	sigaction(SIGCHLD, &sa, NULL);
	pid_t child = CHILD(for (;;) pause());
	kill(child, SIGSTOP);
	waitpid(child, &status, WUNTRACED);
	await(flags & SA_NOCLDSTOP ? 0 : 1);
	show("stop", child);
	kill(child, SIGCONT);
	waitpid(child, &status, WCONTINUED);
	await(flags & SA_NOCLDSTOP ? 0 : 1);
	show("continue", child);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	await(1);
	show("end", child);
}

static int end(void *arg)
{
	return 5;
}

static char stack[65536] __attribute__((aligned(16)));

/* The signal that clone(2) was told. */
static void other_signals(void)
{
	static const int signals[] = {SIGUSR1, SIGUSR2, SIGHUP, 34, 64};
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

	for (int i = 0; i < 5; i++) {
		sigaction(signals[i], &sa, NULL);
		fflush(stdout);
		pid_t child = clone(end, stack + sizeof(stack), signals[i], NULL);
		await(1);
		show("clone", child);
		waitpid(child, NULL, __WALL);
	}
}

static void waits_are_interrupted(void)
{
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

	sigaction(SIGCHLD, &sa, NULL);
	pid_t child = CHILD(until_state(getppid(), 'S'); _exit(6));
	SHOW(pause());
	show("pause", child);
	waitpid(child, NULL, 0);
	sa.sa_flags |= SA_NOCLDWAIT;
	sigaction(SIGCHLD, &sa, NULL);
	child = CHILD(_exit(7));
	await(1);
	show("no zombie", child);
	SHOW(waitpid(child, NULL, 0));
}

int main(void)
{
	struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

	sigaction(SIGCHLD, &sa, NULL);
	ends();
	stops(0);
	stops(SA_NOCLDSTOP);
	sigaction(SIGCHLD, &sa, NULL);
	other_signals();
	waits_are_interrupted();
	return 0;
}
