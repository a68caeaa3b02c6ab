// summary: poll, select and futex: what is ready, what times out and after how long
//
// Seen to fail: with POLLNVAL not counted (kernel/sys/pollset.c), and with the deadline of FUTEX_WAIT
// taken as absolute (kernel/sys/futex.c).
#include "abi.h"
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <time.h>

#define MS 1000000L

static long now(int clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static struct timespec in(long ns)
{
	return (struct timespec){ns / 1000000000L, ns % 1000000000L};
}

/* How long a call took: at least so many milliseconds? More is no wonder: the machine may be busy. */
static const char *took(long start, long milliseconds)
{
	long ns = now(CLOCK_MONOTONIC) - start;
	if (ns < milliseconds * MS)
		return ns < 5 * MS ? "at once" : "too short";
	return milliseconds ? "the time" : "at once";
}

#define TIMED(milliseconds, call)                                                              \
	do {                                                                                   \
		long start = now(CLOCK_MONOTONIC);                                             \
		errno = 0;                                                                     \
		long result = (long)(call);                                                    \
		printf("%s: %ld %s, %s\n", #call, result, result < 0 ? error_name(errno) : "", \
			took(start, milliseconds));                                            \
	} while (0)

/* The same for one with an absolute time. */
#define TIMED_UNTIL(clock, t, call)                                                            \
	do {                                                                                   \
		errno = 0;                                                                     \
		long result = (long)(call);                                                    \
		printf("%s: %ld %s, %s\n", #call, result, result < 0 ? error_name(errno) : "", \
			now(clock) >= (t).tv_sec * 1000000000L + (t).tv_nsec ? "the time"      \
									     : "too short");   \
	} while (0)

static void polling(int fd, int null, int dir, int path)
{
	struct pollfd p[] = {{fd, POLLIN | POLLOUT | POLLPRI, 0}, {null, POLLIN, 0},
		{-1, POLLIN, 7}, {999, 0, 0}, {dir, POLLIN, 0}, {fd, 0, 9}, {path, POLLIN, 0}};
	int n = sizeof(p) / sizeof(p[0]);
	SHOW(poll(p, n, -1));
	for (int i = 0; i < n; i++)
		printf("%d: %#x\n", i, p[i].revents);
	struct pollfd nothing = {-5, POLLIN, 3};
	TIMED(30, poll(&nothing, 1, 30));
	printf("%#x\n", nothing.revents);
	TIMED(30, poll(NULL, 0, 30));
	TIMED(0, poll(NULL, 0, 0));
	struct timespec t = in(30 * MS);
	TIMED(30, ppoll(NULL, 0, &t, NULL));
	struct timespec left = in(50 * MS);
	TIMED(50, syscall(SYS_ppoll, NULL, 0, &left, NULL, 0));
	printf("left %ld.%09ld\n", (long)left.tv_sec, left.tv_nsec);
	sigset_t set, before;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	t = in(MS);
	SHOW(ppoll(NULL, 0, &t, &set));
	sigprocmask(SIG_BLOCK, NULL, &before);
	printf("mask after: %d\n", sigismember(&before, SIGUSR1));
}

static void show_set(const char *name, int n, fd_set *set)
{
	printf("%s:", name);
	for (int i = 0; i < n; i++)
		if (FD_ISSET(i, set))
			printf(" %d", i);
	puts("");
}

static void selecting(int fd, int null)
{
	fd_set in_set, out_set, except;
	FD_ZERO(&in_set);
	FD_ZERO(&out_set);
	FD_ZERO(&except);
	FD_SET(fd, &in_set);
	FD_SET(null, &in_set);
	FD_SET(null, &out_set);
	FD_SET(fd, &except);
	struct timeval t = {0, 30000};
	SHOW(select(20, &in_set, &out_set, &except, &t));
	show_set("in", 20, &in_set);
	show_set("out", 20, &out_set);
	show_set("except", 20, &except);
	FD_ZERO(&in_set);
	t = (struct timeval){0, 30000};
	TIMED(30, select(20, &in_set, NULL, NULL, &t));
	printf("left %ld.%06ld\n", (long)t.tv_sec, (long)t.tv_usec);
	t = (struct timeval){0, 0};
	TIMED(0, select(0, NULL, NULL, NULL, &t));
	FD_SET(1000, &in_set);
	SHOW(select(1001, &in_set, NULL, NULL, &t));
	FD_ZERO(&except);
	FD_SET(fd, &except);
	t = (struct timeval){0, 30000};
	TIMED(30, select(20, NULL, NULL, &except, &t));
	struct timespec ts = in(30 * MS);
	TIMED(30, pselect(0, NULL, NULL, NULL, &ts, NULL));
}

static int word;

static long futex(int op, int value, const struct timespec *t, unsigned bits)
{
	return syscall(SYS_futex, &word, op, value, t, NULL, bits);
}

static void futexes(void)
{
	struct timespec t = in(30 * MS);
	TIMED(30, futex(FUTEX_WAIT, 0, &t, 0));
	TIMED(30, futex(FUTEX_WAIT_PRIVATE, 0, &t, 0));
	TIMED(0, futex(FUTEX_WAIT_PRIVATE, 1, &t, 0));
	TIMED(0, futex(FUTEX_WAIT_PRIVATE, 1, NULL, 0));
	t = in(now(CLOCK_MONOTONIC) + 30 * MS);
	TIMED_UNTIL(CLOCK_MONOTONIC, t, futex(FUTEX_WAIT_BITSET_PRIVATE, 0, &t, 1));
	TIMED(0, futex(FUTEX_WAIT_BITSET_PRIVATE, 0, &t, 1));
	t = in(now(CLOCK_REALTIME) + 30 * MS);
	TIMED_UNTIL(CLOCK_REALTIME, t,
		futex(FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &t, 1));
	t = in(0);
	TIMED(0, futex(FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &t, 1));
	TIMED(0, futex(FUTEX_WAIT_PRIVATE, 0, &t, 0));
	SHOW(futex(FUTEX_WAKE_PRIVATE, 1000, NULL, 0));
	SHOW(futex(FUTEX_WAKE_BITSET_PRIVATE, 1000, NULL, 4));
}

int main(int argc, char **argv)
{
	(void)argc;
	int fd = open(argv[0], O_RDONLY);
	int null = open("/dev/null", O_RDWR);
	int dir = open("/", O_RDONLY | O_DIRECTORY);
	int path = open("/", O_PATH);
	HOLDS(fd >= 0 && null >= 0 && dir >= 0 && path >= 0);
	polling(fd, null, dir, path);
	selecting(fd, null);
	futexes();
	return 0;
}
