// summary: stopping again before every thread has gone on, and what a wait finds right after SIGCONT
//
// Seen to fail: with threads that look only at whether the process is stopped when they wake: those that had not run since
// SIGCONT were never counted as stopped once more (it hung); and with a continue that the wait hears of only when a thread runs.
#include "abi.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define CYCLES 60

static void *sleep_long(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static void *spin(void *arg)
{
	(void)arg;
	for (;;)
		__asm__ volatile("pause");
	return NULL;
}

/* A child with so many threads besides the first; all of them are there. */
static pid_t child_with(int sleepers, int spinners)
{
	int p[2];
	char c = 0;
	if (pipe(p))
		exit(1);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		pthread_t t;
		close(p[0]);
		for (int i = 0; i < sleepers; i++)
			pthread_create(&t, NULL, sleep_long, NULL);
		for (int i = 0; i < spinners; i++)
			pthread_create(&t, NULL, spin, NULL);
		(void)!write(p[1], "x", 1);
		for (;;)
			pause();
	}
	close(p[1]);
	(void)!read(p[0], &c, 1);
	close(p[0]);
	return child;
}

/* What a wait says, in words. */
static const char *waited(pid_t child, int options)
{
	static char text[64];
	int status = 0;
	pid_t r = waitpid(child, &status, options);
	if (r < 0)
		return error_name(errno);
	if (r == 0)
		return "nothing";
	if (WIFSTOPPED(status))
		snprintf(text, sizeof(text), "stopped by %d", WSTOPSIG(status));
	else if (WIFCONTINUED(status))
		snprintf(text, sizeof(text), "continued");
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "killed by %d", WTERMSIG(status));
	else
		snprintf(text, sizeof(text), "status %x", (unsigned)status);
	return text;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	printf("  end: %s\n", waited(child, 0));
}

/* Each stop waits for every thread, also for those that have not run since the last one. */
static void cycles(int sleepers, int spinners, int count)
{
	pid_t child = child_with(sleepers, spinners);
	int stops = 0, continues = 0;

	printf("%d sleeping, %d spinning\n", sleepers, spinners);
	for (int i = 0; i < count; i++) {
		kill(child, SIGSTOP);
		stops += !strcmp(waited(child, WUNTRACED), "stopped by 19");
		kill(child, SIGCONT);
		continues += !strcmp(waited(child, WCONTINUED), "continued");
	}
	printf("  %d stops, %d continues\n", stops, continues);
	end(child);
}

/* The same without a wait for the continue. */
static void cycles_unheard(int sleepers, int count)
{
	pid_t child = child_with(sleepers, 0);
	int stops = 0;

	printf("%d sleeping, continues not waited for\n", sleepers);
	for (int i = 0; i < count; i++) {
		kill(child, SIGSTOP);
		stops += !strcmp(waited(child, WUNTRACED), "stopped by 19");
		kill(child, SIGCONT);
	}
	printf("  %d stops\n", stops);
	end(child);
}

/* SIGCONT is heard of at once, and takes the stop back. */
static void at_once(void)
{
	pid_t child = child_with(2, 0);

	printf("at once\n");
	for (int i = 0; i < 20; i++) {
		kill(child, SIGSTOP);
		printf("  %s", waited(child, WUNTRACED));
		kill(child, SIGCONT);
		printf(", %s", waited(child, WUNTRACED | WNOHANG));
		printf(", %s", waited(child, WCONTINUED | WNOHANG));
		printf(", %s\n", waited(child, WCONTINUED | WUNTRACED | WNOHANG));
	}
	end(child);
}

/* Looked at, but not taken. */
static void looked_at(void)
{
	pid_t child = child_with(1, 0);
	siginfo_t info = {0};

	printf("looked at\n");
	kill(child, SIGSTOP);
	SHOW(waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOWAIT));
	printf("  %d %d\n", info.si_code, info.si_status);
	SHOW(waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOWAIT | WNOHANG));
	printf("  %d %d\n", info.si_code, info.si_status);
	kill(child, SIGCONT);
	memset(&info, 0, sizeof(info));
	SHOW(waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOHANG));
	printf("  %d %d\n", info.si_code, info.si_status);
	SHOW(waitid(P_PID, (id_t)child, &info, WCONTINUED | WNOHANG | WNOWAIT));
	printf("  %d %d\n", info.si_code, info.si_status);
	kill(child, SIGSTOP);
	info.si_code = info.si_status = 0;
	SHOW(waitid(P_PID, (id_t)child, &info, WSTOPPED));
	printf("  %d %d\n", info.si_code, info.si_status);
	/* The stop was told, so the continue before it is none any more. */
	info.si_code = info.si_status = info.si_pid = 0;
	SHOW(waitid(P_PID, (id_t)child, &info, WCONTINUED | WNOHANG));
	printf("  %d %d\n", info.si_code, info.si_status);
	end(child);
}

/* A continue without a stop is none. */
static void nothing_to_continue(void)
{
	pid_t child = child_with(1, 0);

	printf("nothing to continue\n");
	kill(child, SIGCONT);
	printf("  %s\n", waited(child, WCONTINUED | WUNTRACED | WNOHANG));
	kill(child, SIGSTOP);
	printf("  %s\n", waited(child, WUNTRACED));
	kill(child, SIGSTOP);
	printf("  %s\n", waited(child, WUNTRACED | WNOHANG));
	kill(child, SIGCONT);
	printf("  %s\n", waited(child, WCONTINUED));
	kill(child, SIGCONT);
	printf("  %s\n", waited(child, WCONTINUED | WUNTRACED | WNOHANG));
	end(child);
}

static pid_t gettid_now(void)
{
	return (pid_t)syscall(SYS_gettid);
}

/* A timer's SIGKILL for one thread ends the process though it is stopped. */
static void killed_by_timer(int for_thread)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		struct sigevent e = {.sigev_signo = SIGKILL, .sigev_notify = SIGEV_SIGNAL};
		struct itimerspec when = {.it_value.tv_nsec = 100000000};
		timer_t timer;
		pthread_t t;
		pthread_create(&t, NULL, sleep_long, NULL);
		if (for_thread) {
			e.sigev_notify = SIGEV_THREAD_ID;
			e._sigev_un._tid = gettid_now();
		}
		if (timer_create(CLOCK_MONOTONIC, &e, &timer) ||
			timer_settime(timer, 0, &when, NULL))
			_exit(1);
		raise(SIGSTOP);
		for (;;)
			pause();
	}
	printf("timer, %s: %s, ", for_thread ? "one thread" : "process", waited(child, WUNTRACED));
	printf("%s\n", waited(child, WUNTRACED));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	cycles(0, 0, CYCLES);
	cycles(1, 0, CYCLES);
	cycles(8, 0, CYCLES);
	cycles(30, 0, CYCLES / 4);
	cycles(2, 2, 20);
	cycles_unheard(0, CYCLES);
	cycles_unheard(8, CYCLES);
	at_once();
	looked_at();
	nothing_to_continue();
	killed_by_timer(0);
	killed_by_timer(1);
	return 0;
}
