/*
 * Sets the time of day while timers are armed for one: those for an absolute time come when it does, also when the clock is
 * set past it, with the expirations that were jumped over; those for a time from now don't care.
 * Not an ABI program: on the host it may not set the time.
 */
// flags: -pthread
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int bad;

#define HOLDS(c) ((c) ? 0 : (bad++, printf("line %d: %s\n", __LINE__, #c)))

static long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

/* The clock jumps by so many seconds. */
static void jump(long seconds)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += seconds;
	HOLDS(clock_settime(CLOCK_REALTIME, &t) == 0);
}

static timer_t armed(clockid_t clock, int flags, long seconds, long ns, long interval)
{
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	struct itimerspec when = {
		.it_value = {seconds, ns},
		.it_interval = {interval, 0},
	};
	timer_t t;

	HOLDS(timer_create(clock, &e, &t) == 0);
	HOLDS(timer_settime(t, flags, &when, NULL) == 0);
	return t;
}

/* What si_overrun says of the signal that comes within so many seconds; -1: none. */
static int signalled(long seconds)
{
	struct timespec limit = {seconds, seconds ? 0 : 20000000};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	return sigtimedwait(&set, &info, &limit) == SIGRTMIN ? info.si_overrun : -1;
}

static long left(timer_t t)
{
	struct itimerspec s;
	HOLDS(timer_gettime(t, &s) == 0);
	return s.it_value.tv_sec;
}

#define NEAR(is, wanted) HOLDS((is) <= (wanted) && (is) >= (wanted)-100)

static void absolute(clockid_t clock)
{
	timer_t t = armed(clock, TIMER_ABSTIME, now() + 3600, 0, 0);

	NEAR(left(t), 3600);
	jump(1800);
	NEAR(left(t), 1800);
	HOLDS(signalled(0) == -1);
	jump(-3600);
	NEAR(left(t), 5400);
	HOLDS(signalled(0) == -1);
	jump(7200);
	HOLDS(signalled(30) == 0);
	HOLDS(left(t) == 0);
	timer_delete(t);
}

static void repeated(void)
{
	timer_t t = armed(CLOCK_REALTIME, TIMER_ABSTIME, now() + 3600, 0, 600);

	/* At 3600, 4200, ... 7200: one and six more. */
	jump(7250);
	HOLDS(signalled(30) == 6);
	NEAR(left(t), 550);
	/* Back: the next one is where it was. */
	jump(-7250);
	NEAR(left(t), 7800);
	HOLDS(signalled(0) == -1);
	jump(7810);
	HOLDS(signalled(30) == 0);
	timer_delete(t);
}

static void from_now(clockid_t clock)
{
	timer_t t = armed(clock, 0, 3600, 0, 0);

	jump(7200);
	HOLDS(signalled(0) == -1);
	NEAR(left(t), 3600);
	jump(-7200);
	NEAR(left(t), 3600);
	timer_delete(t);
	t = armed(clock, 0, 0, 30000000, 0);
	jump(-3600);
	HOLDS(signalled(30) == 0);
	timer_delete(t);
}

/* Many, of which one comes; and none after they are gone. */
static void many(void)
{
	timer_t t[50];

	for (int i = 0; i < 50; i++)
		t[i] = armed(CLOCK_REALTIME, TIMER_ABSTIME, now() + 3600 + 1000 * i, 0, 0);
	jump(3600 + 500);
	HOLDS(signalled(30) == 0);
	HOLDS(signalled(0) == -1);
	for (int i = 0; i < 50; i++)
		timer_delete(t[i]);
	jump(100000);
	HOLDS(signalled(0) == -1);
}

static int timerfd(int flags, long in)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	struct itimerspec when = {.it_value.tv_sec = flags & TFD_TIMER_ABSTIME ? now() + in : in};

	HOLDS(timerfd_settime(fd, flags, &when, NULL) == 0);
	return fd;
}

/* What a read says: expirations, or -errno. */
static long told(int fd)
{
	uint64_t n;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? (long)n : -errno;
}

static void *read_slowly(void *fd)
{
	return (void *)told((int)(long)fd);
}

static void cancelled(void)
{
	int both = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	int fd = timerfd(both, 3600), plain = timerfd(TFD_TIMER_ABSTIME, 3600);
	int from_now = timerfd(TFD_TIMER_CANCEL_ON_SET, 3600);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct itimerspec when = {.it_value.tv_sec = 3600};
	void *result;
	pthread_t t;

	HOLDS(told(fd) == -EAGAIN && poll(&p, 1, 0) == 0);
	jump(10);
	HOLDS(poll(&p, 1, 0) == 1 && p.revents == POLLIN);
	HOLDS(told(fd) == -ECANCELED);
	/* Once for each time, whichever way the clock goes; the timer is still there. */
	HOLDS(told(fd) == -EAGAIN && poll(&p, 1, 0) == 0);
	HOLDS(timerfd_gettime(fd, &when) == 0);
	NEAR(when.it_value.tv_sec, 3590);
	jump(-10);
	jump(-10);
	HOLDS(told(fd) == -ECANCELED && told(fd) == -EAGAIN);
	HOLDS(told(plain) == -EAGAIN && told(from_now) == -EAGAIN);
	/* Setting it anew says so, too, and has an effect. */
	jump(20);
	when = (struct itimerspec){.it_value.tv_sec = now() + 7200};
	HOLDS(timerfd_settime(fd, both, &when, NULL) == -1 && errno == ECANCELED);
	HOLDS(timerfd_gettime(fd, &when) == 0);
	NEAR(when.it_value.tv_sec, 7200);
	/* Set past its time. */
	jump(10000);
	HOLDS(told(fd) == -ECANCELED);
	/* Its time has come, but the timer's interrupt may still be on its way. */
	p.fd = plain;
	HOLDS(poll(&p, 1, -1) == 1 && told(plain) == 1 && told(from_now) == -EAGAIN);
	/* A reader that sleeps. */
	close(fd);
	fd = timerfd(both, 3600);
	fcntl(fd, F_SETFL, 0);
	HOLDS(pthread_create(&t, NULL, read_slowly, (void *)(long)fd) == 0);
	jump(1);
	HOLDS(pthread_join(t, &result) == 0 && (long)result == -ECANCELED);
	close(fd);
	close(plain);
	close(from_now);
}

int main(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	absolute(CLOCK_REALTIME);
	absolute(CLOCK_TAI);
	repeated();
	from_now(CLOCK_REALTIME);
	from_now(CLOCK_MONOTONIC);
	many();
	cancelled();
	printf("%s\n", bad ? "wrong" : "timers follow");
	return bad != 0;
}
