// summary: epoll: waiting: timeouts, signals, masks, several waiters, adding and closing beside a wait
// flags: -pthread
//
// Seen to fail: with a signal that is pending not looked at when the timeout is 0.
#include "epoll.h"
#include <stdatomic.h>
#include <sys/time.h>

static int p[2], ep;
static volatile int handled;

static void on_signal(int n)
{
	handled += n;
}

/* Milliseconds that a call took, as "at once" or "the time". */
static void timed(const char *what, long result, int err, long since, long expected)
{
	long took = clock_ms(CLOCK_MONOTONIC) - since;
	printf("%s: %ld %s, %s\n", what, result, result < 0 ? error_name(err) : "",
		took + 1 < expected	  ? "too short"
		: expected || took < 5000 ? "right"
					  : "too long");
}

#define TIMED(expected, call)                                   \
	do {                                                    \
		long since_ = clock_ms(CLOCK_MONOTONIC);        \
		errno = 0;                                      \
		long result_ = (call);                          \
		timed(#call, result_, errno, since_, expected); \
	} while (0)

static long pwait2(int fd, void *to, int max, void *time, void *mask, size_t size)
{
	return syscall(SYS_epoll_pwait2, fd, to, max, time, mask, size);
}

static void timeouts(void)
{
	struct epoll_event e[4];
	struct timespec t = {0, 30000000}, zero = {0, 0}, bad = {0, 1000000000}, past = {-1, 0};
	TIMED(0, epoll_wait(ep, e, 4, 0));
	TIMED(30, epoll_wait(ep, e, 4, 30));
	TIMED(30, pwait2(ep, e, 4, &t, NULL, 8));
	TIMED(0, pwait2(ep, e, 4, &zero, NULL, 8));
	SHOW(pwait2(ep, e, 4, &bad, NULL, 8));
	SHOW(pwait2(ep, e, 4, &past, NULL, 8));
	SHOW(pwait2(ep, e, 4, (void *)8, NULL, 8));
	SHOW(pwait2(ep, e, 0, &zero, NULL, 8));
	SHOW(pwait2(999, e, 4, &bad, NULL, 8));
	printf("%ld %ld\n", (long)t.tv_sec, t.tv_nsec);
	sigset_t set;
	sigfillset(&set);
	SHOW(pwait2(ep, e, 4, &zero, &set, 7));
	SHOW(pwait2(ep, e, 4, &zero, (void *)8, 8));
	SHOW(pwait2(999, e, 4, &zero, (void *)8, 8));
	SHOW(syscall(SYS_epoll_pwait, ep, e, 4, 0, &set, 16));
	SHOW(syscall(SYS_epoll_pwait, ep, e, 4, 0, NULL, 16));
	SHOW(syscall(SYS_epoll_pwait, ep, e, 4, 0, (void *)8, 8));
	SHOW(write(p[1], "x", 1));
	TIMED(0, epoll_wait(ep, e, 4, -1));
	TIMED(0, pwait2(ep, e, 4, NULL, NULL, 8));
	TIMED(0, pwait2(ep, e, 4, &past, NULL, 8));
	drain(p[0]);
}

/* Ended by a signal for good, whatever SA_RESTART says. */
static void signals(int flags)
{
	struct epoll_event e[4];
	struct sigaction a = {.sa_handler = on_signal, .sa_flags = flags};
	struct itimerval t = {{0, 0}, {0, 30000}};
	sigaction(SIGALRM, &a, NULL);
	handled = 0;
	SHOW(ALARMED(epoll_wait(ep, e, 4, -1)));
	SHOW(ALARMED(epoll_wait(ep, e, 4, 10000)));
	struct timespec long_time = {10, 0};
	SHOW(ALARMED(pwait2(ep, e, 4, &long_time, NULL, 8)));
	HOLDS(handled >= 3 * SIGALRM);
	a.sa_handler = SIG_IGN;
	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
	TIMED(60, epoll_wait(ep, e, 4, 60));
}

static void masks(void)
{
	struct epoll_event e[4];
	struct sigaction a = {.sa_handler = on_signal};
	sigset_t blocked, none, now;
	sigaction(SIGUSR1, &a, NULL);
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	handled = 0;
	raise(SIGUSR1);
	TIMED(0, epoll_wait(ep, e, 4, 0));
	printf("handled %d\n", handled);
	TIMED(0, epoll_pwait(ep, e, 4, 5000, &none));
	printf("handled %d\n", handled);
	sigprocmask(SIG_BLOCK, NULL, &now);
	HOLDS(sigismember(&now, SIGUSR1));
	/* An event comes before a signal: that stays for later. */
	raise(SIGUSR1);
	SHOW(write(p[1], "x", 1));
	TIMED(0, epoll_pwait(ep, e, 4, 5000, &none));
	printf("handled %d\n", handled);
	drain(p[0]);
	raise(SIGUSR1);
	TIMED(0, epoll_pwait(ep, e, 4, 0, &none));
	printf("handled %d\n", handled);
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	printf("handled %d\n", handled);
}

static atomic_int woken, waiter;

static void *wait_once(void *unused)
{
	struct epoll_event e[1];
	(void)unused;
	waiter = (int)syscall(SYS_gettid);
	if (epoll_wait(ep, e, 1, 10000) == 1)
		woken++;
	return NULL;
}

/* Level-triggered: every waiter gets it, one waking the next. Edge-triggered: one only. */
static void several(unsigned flags, int expected)
{
	pthread_t t[4];
	ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | flags, 1);
	woken = 0;
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, wait_once, NULL);
	sleep_ms(50);
	SHOW(write(p[1], "x", 1));
	for (int i = 0; i < 500 && woken < expected; i++)
		sleep_ms(10);
	sleep_ms(20);
	printf("woken %d\n", woken);
	for (int i = 0; i < 4 && woken < 4; i++) {
		int before = woken;
		if (write(p[1], "x", 1) != 1)
			puts("write failed");
		if (flags & EPOLLONESHOT)
			ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | flags, 1);
		for (int j = 0; j < 500 && woken == before; j++)
			sleep_ms(10);
	}
	printf("woken %d\n", woken);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	drain(p[0]);
	ctl(ep, EPOLL_CTL_MOD, p[0], EPOLLIN, 1);
}

static void *poke(void *fd)
{
	sleep_ms(30);
	if (write((int)(intptr_t)fd, "\1\0\0\0\0\0\0\0", 8) != 8)
		puts("write failed");
	return NULL;
}

static void *add_later(void *fd)
{
	sleep_ms(30);
	ctl(ep, EPOLL_CTL_ADD, (int)(intptr_t)fd, EPOLLIN, 5);
	return NULL;
}

static void *modify_later(void *fd)
{
	sleep_ms(30);
	ctl(ep, EPOLL_CTL_MOD, (int)(intptr_t)fd, EPOLLIN, 6);
	return NULL;
}

static void beside(void)
{
	pthread_t t;
	struct epoll_event e[4];
	int fd = eventfd(0, EFD_NONBLOCK), ready = eventfd(1, EFD_NONBLOCK);
	ctl(ep, EPOLL_CTL_ADD, fd, EPOLLIN, 4);
	pthread_create(&t, NULL, poke, (void *)(intptr_t)fd);
	TIMED(0, epoll_wait(ep, e, 4, 10000));
	pthread_join(t, NULL);
	drain(fd);
	pthread_create(&t, NULL, add_later, (void *)(intptr_t)ready);
	TIMED(0, epoll_wait(ep, e, 4, 10000));
	printf("%d\n", e[0].data.fd);
	pthread_join(t, NULL);
	ctl(ep, EPOLL_CTL_MOD, ready, 0, 5);
	pthread_create(&t, NULL, modify_later, (void *)(intptr_t)ready);
	TIMED(0, epoll_wait(ep, e, 4, 10000));
	printf("%d\n", e[0].data.fd);
	pthread_join(t, NULL);
	/* A poll of the set, too. */
	close(ready);
	pthread_create(&t, NULL, poke, (void *)(intptr_t)fd);
	struct pollfd poll_fd = {ep, POLLIN, 0};
	TIMED(0, poll(&poll_fd, 1, 10000));
	pthread_join(t, NULL);
	close(fd);
	/* The set itself is closed while a thread waits for it: the wait goes on. */
	int other = epoll_create1(0), saved = ep;
	ep = other;
	woken = waiter = 0;
	pthread_create(&t, NULL, wait_once, NULL);
	while (!waiter)
		sleep_ms(1);
	until_state(waiter, 'S');
	int event = eventfd(0, 0);
	ctl(other, EPOLL_CTL_ADD, event, EPOLLIN, 1);
	close(other);
	sleep_ms(30);
	uint64_t n = 1;
	SHOW(write(event, &n, 8));
	pthread_join(t, NULL);
	printf("woken %d\n", woken);
	ep = saved;
	close(event);
}

/* A child has the set, too, and what it adds is there. */
static void shared(void)
{
	int fd = eventfd(3, 0);
	pid_t child = fork();
	if (child == 0)
		_exit(ctl(ep, EPOLL_CTL_ADD, fd, EPOLLIN, 77));
	waitpid(child, NULL, 0);
	wait_and_show(ep, 4);
	close(fd);
	wait_and_show(ep, 4);
}

int main(void)
{
	HOLDS(pipe2(p, O_NONBLOCK) == 0);
	ep = epoll_create1(0);
	ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 1);
	timeouts();
	signals(0);
	signals(SA_RESTART);
	masks();
	several(0, 4);
	several(EPOLLET, 1);
	several(EPOLLONESHOT, 1);
	beside();
	shared();
	return 0;
}
