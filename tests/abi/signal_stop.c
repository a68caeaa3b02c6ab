// summary: stopping and continuing: who is told, what undoes what, orphans, threads
//
// Seen to fail: in a group of orphans, where SIGTSTP stops nobody (it hung).
#include "abi.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static volatile int told;
static volatile int codes[64], statuses[64];

static void on_child(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	if (told == 64)
		_exit(1);
	codes[told] = info->si_code;
	statuses[told] = info->si_status;
	told++;
}

static void noop(int number)
{
	(void)number;
}

static void show_told(void)
{
	/* Which, not how often. */
	printf("told:");
	for (int code = CLD_EXITED; code <= CLD_CONTINUED; code++)
		for (int i = 0; i < told; i++)
			if (codes[i] == code) {
				printf(" %d/%d", codes[i], statuses[i]);
				break;
			}
	printf("\n");
	told = 0;
}

/* Until the handler has seen n of them. A SIGCHLD may come a moment after the wait that told of the same; if the next one
 * came before it is handled, the two would be one. */
static void until_told(int code, int n, int flags)
{
	if (flags & SA_NOCLDSTOP)
		return;
	for (;;) {
		int seen = 0;
		for (int i = 0; i < told; i++)
			seen += codes[i] == code;
		if (seen >= n)
			return;
		usleep(1000);
	}
}

static void show(pid_t child, int options)
{
	int status = 0;
	pid_t r;
	while ((r = waitpid(child, &status, options)) < 0 && errno == EINTR)
		;
	printf("  wait: %s %x\n",
		r == child ? "child"
		: r == 0   ? "none"
			   : error_name(errno),
		status);
}

static pid_t sleeper(void (*before)(void))
{
	int p[2];
	char c;
	if (pipe(p))
		exit(1);
	pid_t child = fork();
	if (child == 0) {
		close(p[0]);
		if (before)
			before();
		(void)!write(p[1], "x", 1);
		for (;;)
			pause();
	}
	close(p[1]);
	(void)!read(p[0], &c, 1);
	close(p[0]);
	return child;
}

static void cycle(const char *what, int stop, void (*before)(void), int flags)
{
	struct sigaction a = {.sa_flags = SA_SIGINFO | flags};
	a.sa_sigaction = on_child;
	sigaction(SIGCHLD, &a, NULL);
	printf("%s\n", what);
	told = 0;
	pid_t child = sleeper(before);
	kill(child, stop);
	show(child, WUNTRACED);
	show(child, WUNTRACED | WNOHANG);
	until_told(CLD_STOPPED, 1, flags);
	kill(child, SIGCONT);
	show(child, WCONTINUED);
	until_told(CLD_CONTINUED, 1, flags);
	show(child, WCONTINUED | WUNTRACED | WNOHANG);
	/* Stopped, and killed while it is. */
	kill(child, stop);
	show(child, WUNTRACED);
	until_told(CLD_STOPPED, 2, flags);
	kill(child, SIGTERM);
	show(child, WNOHANG | WUNTRACED);
	kill(child, SIGKILL);
	show(child, 0);
	show_told();
}

static void ignore_cont(void)
{
	signal(SIGCONT, SIG_IGN);
}

static void block_cont(void)
{
	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, SIGCONT);
	sigprocmask(SIG_BLOCK, &s, NULL);
}

static void handle_cont(void)
{
	signal(SIGCONT, noop);
}

static void *spin(void *arg)
{
	(void)arg;
	for (;;)
		__asm__ volatile("pause");
	return NULL;
}

static void *sleep_long(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

static void with_threads(void)
{
	pthread_t t;
	pthread_create(&t, NULL, spin, NULL);
	pthread_create(&t, NULL, spin, NULL);
	pthread_create(&t, NULL, sleep_long, NULL);
}

/* A stop and a continue that are pending undo each other. */
static void undo(void)
{
	sigset_t s, pending;
	sigemptyset(&s);
	sigaddset(&s, SIGTSTP);
	sigaddset(&s, SIGTTIN);
	sigaddset(&s, SIGCONT);
	sigprocmask(SIG_BLOCK, &s, NULL);
	signal(SIGCONT, noop);
	raise(SIGTSTP);
	kill(getpid(), SIGTTIN);
	sigpending(&pending);
	printf("pending: %d %d %d\n", sigismember(&pending, SIGTSTP),
		sigismember(&pending, SIGTTIN), sigismember(&pending, SIGCONT));
	raise(SIGCONT);
	sigpending(&pending);
	printf("pending: %d %d %d\n", sigismember(&pending, SIGTSTP),
		sigismember(&pending, SIGTTIN), sigismember(&pending, SIGCONT));
	raise(SIGTSTP);
	sigpending(&pending);
	printf("pending: %d %d %d\n", sigismember(&pending, SIGTSTP),
		sigismember(&pending, SIGTTIN), sigismember(&pending, SIGCONT));
	raise(SIGCONT);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	printf("not stopped\n");
}

/* Nobody in its session could continue it: only SIGSTOP stops it. */
static void orphan(void)
{
	int all[] = {SIGTSTP, SIGTTIN, SIGTTOU};
	pid_t child = fork();
	if (child == 0) {
		setsid();
		for (int i = 0; i < 3; i++) {
			raise(all[i]);
			printf("orphan %s goes on\n", i == 0 ? "TSTP" : i == 1 ? "TTIN" : "TTOU");
		}
		fflush(stdout);
		raise(SIGSTOP);
		printf("orphan was stopped by SIGSTOP\n");
		fflush(stdout);
		_exit(0);
	}
	show(child, WUNTRACED);
	kill(child, SIGCONT);
	show(child, 0);
}

/* A group that becomes orphaned while a member is stopped gets SIGHUP and SIGCONT. */
static void orphaned(void)
{
	int p[2];
	char c = '-';
	if (pipe(p))
		exit(1);
	pid_t leader = fork();
	if (leader == 0) {
		setsid();
		pid_t parent = fork();
		if (parent == 0) {
			pid_t stopped = fork();
			if (stopped == 0) {
				setpgid(0, 0);
				raise(SIGTSTP);
				/* SIGHUP ends it before this. */
				(void)!write(p[1], "n", 1);
				_exit(0);
			}
			waitpid(stopped, NULL, WUNTRACED);
			_exit(0);
		}
		waitpid(parent, NULL, 0);
		usleep(50000);
		_exit(0);
	}
	waitpid(leader, NULL, 0);
	close(p[1]);
	long n = read(p[0], &c, 1);
	printf("orphaned while stopped: %ld %c\n", n, c);
	close(p[0]);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* So that the group is none of orphans: a parent in another group of the session. */
	pid_t child = fork();
	if (child) {
		int status;
		waitpid(child, &status, 0);
		return status;
	}
	setpgid(0, 0);
	cycle("SIGSTOP", SIGSTOP, NULL, 0);
	cycle("SIGTSTP", SIGTSTP, NULL, 0);
	cycle("SIGTTIN", SIGTTIN, NULL, SA_RESTART);
	cycle("SIGTTOU", SIGTTOU, NULL, 0);
	cycle("continue ignored", SIGSTOP, ignore_cont, 0);
	cycle("continue blocked", SIGSTOP, block_cont, 0);
	cycle("continue handled", SIGSTOP, handle_cont, 0);
	cycle("threads", SIGSTOP, with_threads, 0);
	cycle("SA_NOCLDSTOP", SIGSTOP, NULL, SA_NOCLDSTOP);
	signal(SIGCHLD, SIG_DFL);
	undo();
	fflush(stdout);
	orphan();
	orphaned();
	return 0;
}
