// summary: what a signal does to a call that sleeps: with SA_RESTART, without, stopped and continued
//
// Not yet seen to fail by a broken kernel.
#include "abi.h"
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>

static int pipes[2];
static volatile int calls;
static unsigned word;
static const int ms = 1000000;

static void handler(int number)
{
	(void)number;
	calls++;
}

static long elapsed(const struct timespec *from)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / ms;
}

/* What the calls sleep for at most, by themselves. */
#define LONG_MS 300

static long do_read(void)
{
	char c;
	return read(pipes[0], &c, 1);
}

static struct timespec left;

static long do_nanosleep(void)
{
	struct timespec t = {0, LONG_MS * ms};
	left.tv_nsec = 77;
	return nanosleep(&t, &left);
}

static long do_clock_nanosleep(void)
{
	struct timespec t = {0, LONG_MS * ms};
	left.tv_nsec = 77;
	errno = clock_nanosleep(CLOCK_REALTIME, 0, &t, &left);
	return errno ? -1 : 0;
}

static long do_clock_nanosleep_until(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += LONG_MS * ms;
	if (t.tv_nsec >= 1000 * ms) {
		t.tv_nsec -= 1000 * ms;
		t.tv_sec++;
	}
	left.tv_nsec = 77;
	errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &left);
	return errno ? -1 : 0;
}

static long do_poll(void)
{
	struct pollfd p = {pipes[0], POLLIN, 0};
	return poll(&p, 1, LONG_MS);
}

static long do_poll_forever(void)
{
	struct pollfd p = {pipes[0], POLLIN, 0};
	return poll(&p, 1, -1);
}

static long do_ppoll(void)
{
	struct pollfd p = {pipes[0], POLLIN, 0};
	struct timespec t = {0, LONG_MS * ms};
	return syscall(SYS_ppoll, &p, 1, &t, NULL, 8);
}

static long do_select(void)
{
	fd_set s;
	struct timeval t = {0, LONG_MS * 1000};
	FD_ZERO(&s);
	FD_SET(pipes[0], &s);
	return select(pipes[0] + 1, &s, NULL, NULL, &t);
}

static long do_pselect(void)
{
	fd_set s;
	struct timespec t = {0, LONG_MS * ms};
	FD_ZERO(&s);
	FD_SET(pipes[0], &s);
	return pselect(pipes[0] + 1, &s, NULL, NULL, &t, NULL);
}

static long do_futex(void)
{
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static long do_futex_timed(void)
{
	struct timespec t = {0, LONG_MS * ms};
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0);
}

static long do_futex_bitset(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec++;
	return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &t, NULL, 1);
}

static long do_pause(void)
{
	return pause();
}

static long do_sigsuspend(void)
{
	sigset_t none;
	sigemptyset(&none);
	return sigsuspend(&none);
}

static long do_wait(void)
{
	/* The child that sends ends a while after its signals. */
	return waitpid(-1, NULL, 0) > 0 ? 1 : -1;
}

static long do_sigtimedwait(void)
{
	struct timespec t = {0, LONG_MS * ms};
	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, 50);
	return sigtimedwait(&s, NULL, &t);
}

struct call {
	const char *name;
	long (*fn)(void);
	bool ends; /* by itself, after LONG_MS */
} calls_[] = {
	{"read", do_read, false},
	{"nanosleep", do_nanosleep, true},
	{"clock_nanosleep", do_clock_nanosleep, true},
	{"clock_nanosleep until", do_clock_nanosleep_until, true},
	{"poll", do_poll, true},
	{"poll forever", do_poll_forever, false},
	{"ppoll", do_ppoll, true},
	{"select", do_select, true},
	{"pselect", do_pselect, true},
	{"futex", do_futex, false},
	{"futex timed", do_futex_timed, true},
	{"futex bitset", do_futex_bitset, true},
	{"pause", do_pause, false},
	{"sigsuspend", do_sigsuspend, false},
	{"wait", do_wait, false},
	{"sigtimedwait", do_sigtimedwait, true},
};

/* What the child does to its parent. */
enum kind { HANDLER, RESTART, STOP, IGNORED, DEFAULT_IGNORED, KINDS };
static const char *const kinds[] = {
	"handler", "SA_RESTART", "stop and continue", "ignored", "ignored by default"};

static void one(const struct call *c, enum kind kind)
{
	struct sigaction a = {.sa_handler = kind == IGNORED ? SIG_IGN : handler,
		.sa_flags = kind == RESTART ? SA_RESTART : 0};
	int signal_ = kind == DEFAULT_IGNORED ? SIGURG : SIGUSR1;
	sigaction(SIGUSR1, &a, NULL);
	/* These never end but by a handler, and then not by restarting. */
	bool needs_end = !c->ends && (kind == STOP || kind == IGNORED || kind == DEFAULT_IGNORED ||
					     kind == RESTART);
	pid_t middle = fork();
	if (middle == 0) {
		/* The one that is interrupted is a child, so that it may be stopped. */
		pipe2(pipes, O_CLOEXEC);
		pid_t me = getpid();
		pid_t sender = fork();
		if (sender == 0) {
			usleep(60000);
			if (kind == STOP) {
				kill(me, SIGSTOP);
				usleep(60000);
				kill(me, SIGCONT);
			} else {
				kill(me, signal_);
			}
			usleep(60000);
			if (needs_end) {
				/* A byte for the pipe's readers; a handler for the rest. */
				(void)!write(pipes[1], "x", 1);
				if (c->fn == do_futex || c->fn == do_pause ||
					c->fn == do_sigsuspend)
					kill(me, SIGUSR2);
			}
			_exit(0);
		}
		struct sigaction b = {.sa_handler = handler};
		sigaction(SIGUSR2, &b, NULL);
		struct timespec from;
		clock_gettime(CLOCK_MONOTONIC, &from);
		errno = 0;
		calls = 0;
		long r = c->fn();
		int e = errno;
		long t = elapsed(&from);
		printf("%s, %s: %ld %s, calls %d", c->name, kinds[kind], r,
			r == -1 ? error_name(e) : "-", calls);
		if (c->fn == do_nanosleep || c->fn == do_clock_nanosleep ||
			c->fn == do_clock_nanosleep_until)
			printf(", told %s", left.tv_nsec == 77		  ? "nothing"
					    : left.tv_nsec < LONG_MS * ms ? "less"
									  : "more");
		/* A busy host may take longer, but never less. */
		if (c->ends && r == 0)
			printf(", in time %d", t >= LONG_MS && t < LONG_MS + 2000);
		printf("\n");
		fflush(stdout);
		kill(sender, SIGKILL);
		_exit(0);
	}
	while (waitpid(middle, NULL, 0) < 0)
		;
}

/* The time that is left after an interruption is written to where Linux writes it. */
static void remaining(void)
{
	struct sigaction a = {.sa_handler = handler};
	sigaction(SIGALRM, &a, NULL);
	struct timespec t = {0, 500 * ms};
	struct timeval v = {0, 500000};
	fd_set s;
	FD_ZERO(&s);
	pid_t child = fork();
	if (child == 0) {
		for (int i = 0; i < 2; i++) {
			usleep(100000);
			kill(getppid(), SIGALRM);
		}
		_exit(0);
	}
	SHOW(syscall(SYS_ppoll, NULL, 0, &t, NULL, 8));
	HOLDS(t.tv_nsec < 500 * ms && t.tv_nsec > 0);
	SHOW(select(0, &s, NULL, NULL, &v));
	HOLDS(v.tv_usec < 500000 && v.tv_usec > 0);
	waitpid(child, NULL, 0);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned i = 0; i < sizeof(calls_) / sizeof(calls_[0]); i++)
		for (int k = 0; k < KINDS; k++)
			one(&calls_[i], k);
	remaining();
	SHOW(syscall(SYS_restart_syscall));
	return 0;
}
