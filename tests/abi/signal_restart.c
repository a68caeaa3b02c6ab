// summary: what a signal does to a call that sleeps: with SA_RESTART, without, stopped and continued
// quick: most
//
// Seen to fail: with a sleep that is restarted by its own number (ERESTART_ALWAYS in kernel/sys/time.c).
#include "abi.h"
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
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

/* What the calls sleep for at most, by themselves: long enough for a busy machine to send a signal meanwhile. */
#define LONG_MS 2000

static long do_read(void)
{
	char c;
	return read(pipes[0], &c, 1);
}

static struct timespec left;

static long do_nanosleep(void)
{
	struct timespec t = {LONG_MS / 1000, LONG_MS % 1000 * ms};
	left.tv_nsec = 77;
	/* The C library's is clock_nanosleep(). */
	return syscall(SYS_nanosleep, &t, &left);
}

static long do_clock_nanosleep(void)
{
	struct timespec t = {LONG_MS / 1000, LONG_MS % 1000 * ms};
	left.tv_nsec = 77;
	errno = clock_nanosleep(CLOCK_REALTIME, 0, &t, &left);
	return errno ? -1 : 0;
}

static long do_clock_nanosleep_until(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += LONG_MS / 1000;
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
	struct timespec t = {LONG_MS / 1000, LONG_MS % 1000 * ms};
	return syscall(SYS_ppoll, &p, 1, &t, NULL, 8);
}

static long do_select(void)
{
	fd_set s;
	struct timeval t = {LONG_MS / 1000, LONG_MS % 1000 * 1000};
	FD_ZERO(&s);
	FD_SET(pipes[0], &s);
	/* The C library's is pselect6(). */
	return syscall(SYS_select, pipes[0] + 1, &s, NULL, NULL, &t);
}

static long do_pselect(void)
{
	fd_set s;
	struct timespec t = {LONG_MS / 1000, LONG_MS % 1000 * ms};
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
	struct timespec t = {LONG_MS / 1000, LONG_MS % 1000 * ms};
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0);
}

static long do_futex_bitset(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += LONG_MS / 1000;
	return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &t, NULL, 1);
}

static long do_futex_requeue(void)
{
	static unsigned other;
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += LONG_MS / 1000;
	return syscall(SYS_futex, &word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, &t, &other, 0);
}

/* Nobody gives it back: it is our parent's, who only waits. */
static long do_futex_lock(void)
{
	static unsigned lock;
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += LONG_MS / 1000;
	lock = (unsigned)getppid();
	return syscall(SYS_futex, &lock, FUTEX_LOCK_PI, 0, &t, NULL, 0);
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

static long do_waitid(void)
{
	siginfo_t info;
	return waitid(P_ALL, 0, &info, WEXITED) ? -1 : 1;
}

static long do_sigtimedwait(void)
{
	struct timespec t = {LONG_MS / 1000, LONG_MS % 1000 * ms};
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
	{"futex requeue", do_futex_requeue, true},
	{"futex lock", do_futex_lock, true},
	{"pause", do_pause, false},
	{"sigsuspend", do_sigsuspend, false},
	{"wait", do_wait, false},
	{"waitid", do_waitid, false},
	{"sigtimedwait", do_sigtimedwait, true},
};

/* What the child does to its parent. */
enum kind { HANDLER, RESTART, STOP, IGNORED, DEFAULT_IGNORED, KINDS };
static const char *const kinds[] = {
	"handler", "SA_RESTART", "stop and continue", "ignored", "ignored by default"};

/* A byte for the pipe's readers; a handler for the rest. */
static void end_call(const struct call *c, pid_t who)
{
	(void)!write(pipes[1], "x", 1);
	if (c->fn == do_futex || c->fn == do_pause || c->fn == do_sigsuspend)
		kill(who, SIGUSR2);
}

/* Signals to `who`, each time that it sleeps. A call that ends by itself gets them all the time: it must end in time all
 * the same. */
static void send(const struct call *c, enum kind kind, pid_t who)
{
	int n = c->ends ? 40 : 1;

	for (int i = 0; i < n; i++) {
		until_state(who, 'S');
		if (kind == STOP) {
			kill(who, SIGSTOP);
			until_state(who, 'T');
			kill(who, SIGCONT);
		} else {
			kill(who, kind == DEFAULT_IGNORED ? SIGURG : SIGUSR1);
		}
		usleep(LONG_MS * 1000 / 8);
	}
}

static void one(const struct call *c, enum kind kind)
{
	struct sigaction a = {.sa_handler = kind == IGNORED ? SIG_IGN : handler,
		.sa_flags = kind == RESTART ? SA_RESTART : 0};
	struct sigaction b = {.sa_handler = handler};
	struct timespec from;

	sigaction(SIGUSR1, &a, NULL);
	sigaction(SIGUSR2, &b, NULL);
	if (pipe2(pipes, O_CLOEXEC))
		_exit(1);
	pid_t me = getpid(), sender = fork();
	if (sender == 0) {
		send(c, kind, me);
		/* These never end but by a handler, and then not by restarting. */
		if (!c->ends && kind != HANDLER) {
			until_state(me, 'S');
			end_call(c, me);
		}
		_exit(0);
	}
	clock_gettime(CLOCK_MONOTONIC, &from);
	errno = 0;
	calls = 0;
	long r = c->fn();
	int e = errno;
	long t = elapsed(&from);
	printf("%s, %s: %ld %s, handler %s", c->name, kinds[kind], r, r == -1 ? error_name(e) : "-",
		calls ? "ran" : "did not run");
	if (c->fn == do_nanosleep || c->fn == do_clock_nanosleep ||
		c->fn == do_clock_nanosleep_until)
		/* A sleep that has just begun has all of it left, and what the host's timer may be late. */
		printf(", told %s", left.tv_nsec == 77		     ? "nothing"
				    : left.tv_sec * 1000L <= LONG_MS ? "less"
								     : "more");
	/* Never less; and not once more from the beginning, for then it would never end. */
	if (c->ends && r == 0)
		printf(", in time %d", t >= LONG_MS && t < 5 * LONG_MS);
	printf("\n");
	fflush(stdout);
	kill(sender, SIGKILL);
	_exit(0);
}

/* So many at once, for they sleep most of the time; each tells through a pipe of its own, so the lines are in order. */
#define AT_ONCE (8 * KINDS)

static void many(unsigned first, unsigned end)
{
	int out[AT_ONCE][2];
	pid_t child[AT_ONCE];
	char line[200];

	for (unsigned i = first; i < end; i++) {
		if (pipe2(out[i - first], O_CLOEXEC))
			exit(1);
		/* The one that is interrupted is a child, so that it may be stopped. */
		child[i - first] = fork();
		if (child[i - first] == 0) {
			dup2(out[i - first][1], 1);
			one(&calls_[i / KINDS], (enum kind)(i % KINDS));
		}
		close(out[i - first][1]);
	}
	for (unsigned i = 0; i < end - first; i++) {
		ssize_t n = read(out[i][0], line, sizeof(line));
		if (n > 0)
			fwrite(line, 1, (size_t)n, stdout);
		close(out[i][0]);
		waitpid(child[i], NULL, 0);
	}
}

/* The time that is left after an interruption is written to where Linux writes it. */
static void remaining(void)
{
	struct sigaction a = {.sa_handler = handler};
	sigaction(SIGALRM, &a, NULL);
	struct timespec t = {50, 0};
	struct timeval v = {50, 0};
	volatile char *told =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork();
	if (child == 0) {
		for (int i = 0; i < 2; i++) {
			until_state(getppid(), 'S');
			kill(getppid(), SIGALRM);
			/* The first ends one call, the second the other. */
			while (i == 0 && !told[0])
				usleep(1000);
		}
		_exit(0);
	}
	SHOW(syscall(SYS_ppoll, NULL, 0, &t, NULL, 8));
	HOLDS(t.tv_sec < 50 && t.tv_sec > 10);
	told[0] = 1;
	SHOW(select(0, NULL, NULL, NULL, &v));
	HOLDS(v.tv_sec < 50 && v.tv_sec > 10);
	waitpid(child, NULL, 0);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	const unsigned all = sizeof(calls_) / sizeof(calls_[0]) * KINDS;
	for (unsigned i = 0; i < all; i += AT_ONCE)
		many(i, i + AT_ONCE < all ? i + AT_ONCE : all);
	remaining();
	SHOW(syscall(SYS_restart_syscall));
	return 0;
}
