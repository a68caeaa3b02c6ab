// summary: timerfd: clocks, absolute and relative, periods, reading, poll and epoll, errors, fdinfo
// flags: -pthread
//
// Seen to fail: with a period that goes on from the time of the read rather than from the expiration (kernel/ipc/timerfd.c:
// catch_up_locked()), and with TFD_TIMER_ABSTIME ignored.
#include "epoll.h"
#include <sys/time.h>
#include <sys/timerfd.h>

static long ms_left(const struct itimerspec *s)
{
	return s->it_value.tv_sec * 1000 + s->it_value.tv_nsec / 1000000;
}

static struct itimerspec spec(long value_ms, long interval_ms)
{
	return (struct itimerspec){{interval_ms / 1000, interval_ms % 1000 * 1000000},
		{value_ms / 1000, value_ms % 1000 * 1000000}};
}

static int set(int fd, int flags, long value_ms, long interval_ms)
{
	struct itimerspec s = spec(value_ms, interval_ms);
	return timerfd_settime(fd, flags, &s, NULL);
}

static void get(int fd)
{
	uint64_t n = 99;
	errno = 0;
	ssize_t r = read(fd, &n, 8);
	printf("read %zd %s: %ld\n", r, r < 0 ? error_name(errno) : "", r < 0 ? 0 : (long)n);
}

/* However late a busy machine lets the timer be. */
static void until_expired(int fd)
{
	struct pollfd p = {fd, POLLIN, 0};
	poll(&p, 1, -1);
}

static void create(void)
{
	int fd;
	const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM,
		CLOCK_BOOTTIME_ALARM, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
		CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_TAI, 12,
		-1, 100};
	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		fd = timerfd_create(clocks[i], 0);
		printf("clock %d: %s\n", clocks[i], fd < 0 ? error_name(errno) : "ok");
		if (fd >= 0) {
			SHOW(set(fd, 0, 5, 0));
			get(fd);
			close(fd);
		}
	}
	SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
	SHOW(timerfd_create(CLOCK_MONOTONIC, -1));
	SHOW(timerfd_create(99, 1));
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	SHOW(fcntl(fd, F_GETFD));
	HOLDS((fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == (O_RDWR | O_NONBLOCK));
	get(fd);
	uint64_t n = 1;
	SHOW(write(fd, &n, 8));
	SHOW(read(fd, &n, 7));
	SHOW(lseek(fd, 1, SEEK_SET));
	SHOW(ioctl(fd, FIONREAD, &n));
	SHOW(polled(fd));
	char path[64], name[64] = "";
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	HOLDS(readlink(path, name, sizeof(name) - 1) > 0);
	puts(name);
	close(fd);
}

static void errors(const char *self)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), file = open(self, O_RDONLY);
	struct itimerspec s = spec(100000, 0), old;
	SHOW(timerfd_settime(-1, 0, &s, NULL));
	SHOW(timerfd_settime(999, 0, &s, NULL));
	SHOW(timerfd_settime(file, 0, &s, NULL));
	SHOW(timerfd_settime(fd, 4, &s, NULL));
	SHOW(timerfd_settime(fd, -1, &s, NULL));
	SHOW(timerfd_settime(999, 4, &s, NULL));
	SHOW(timerfd_settime(fd, 0, NULL, NULL));
	SHOW(timerfd_settime(fd, 0, (void *)8, NULL));
	SHOW(timerfd_settime(999, 4, (void *)8, NULL));
	SHOW(timerfd_settime(fd, 0, &s, (void *)8));
	HOLDS(timerfd_gettime(fd, &old) == 0 && ms_left(&old) > 0);
	s.it_value.tv_nsec = 1000000000;
	SHOW(timerfd_settime(fd, 0, &s, NULL));
	s.it_value.tv_nsec = -1;
	SHOW(timerfd_settime(fd, 0, &s, NULL));
	s = spec(100000, 0);
	s.it_value.tv_sec = -1;
	SHOW(timerfd_settime(fd, 0, &s, NULL));
	s = spec(100000, 0);
	s.it_interval.tv_nsec = 1000000000;
	SHOW(timerfd_settime(fd, 0, &s, NULL));
	s.it_value.tv_sec = s.it_value.tv_nsec = 0;
	SHOW(timerfd_settime(fd, 0, &s, NULL));
	s.it_interval.tv_nsec = 0;
	s.it_interval.tv_sec = -5;
	SHOW(timerfd_settime(fd, 0, &s, NULL));
	SHOW(timerfd_gettime(-1, &old));
	SHOW(timerfd_gettime(999, (void *)8));
	SHOW(timerfd_gettime(file, &old));
	SHOW(timerfd_gettime(fd, NULL));
	SHOW(timerfd_gettime(fd, (void *)8));
	SHOW(set(fd, 0, 1, 0));
	until_expired(fd);
	SHOW(read(fd, (void *)8, 8));
	get(fd);
	close(file);
	close(fd);
}

static void once(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct itimerspec s = spec(10000, 0), old;
	SHOW(timerfd_gettime(fd, &old));
	HOLDS(ms_left(&old) == 0);
	SHOW(timerfd_settime(fd, 0, &s, &old));
	HOLDS(ms_left(&old) == 0);
	SHOW(timerfd_settime(fd, 0, &s, &old));
	HOLDS(ms_left(&old) > 9000 && ms_left(&old) <= 10000 && old.it_interval.tv_sec == 0);
	SHOW(set(fd, 0, 100000, 0));
	SHOW(polled(fd));
	get(fd);
	SHOW(set(fd, 0, 20, 0));
	until_expired(fd);
	SHOW(polled(fd));
	SHOW(timerfd_gettime(fd, &old));
	HOLDS(ms_left(&old) == 0 && old.it_interval.tv_sec == 0);
	SHOW(polled(fd));
	get(fd);
	get(fd);
	SHOW(set(fd, 0, 10, 0));
	until_expired(fd);
	/* A new setting forgets expirations. */
	SHOW(set(fd, 0, 10000, 0));
	get(fd);
	SHOW(set(fd, 0, 0, 0));
	HOLDS(timerfd_gettime(fd, &old) == 0 && ms_left(&old) == 0);
	SHOW(set(fd, TFD_TIMER_ABSTIME, 1, 0));
	until_expired(fd);
	get(fd);
	SHOW(set(fd, TFD_TIMER_ABSTIME, clock_ms(CLOCK_MONOTONIC) + 100000, 0));
	get(fd);
	SHOW(set(fd, TFD_TIMER_ABSTIME, clock_ms(CLOCK_MONOTONIC) + 30, 0));
	until_expired(fd);
	get(fd);
	struct itimerspec far = {{0, 0}, {INT64_MAX, 999999999}};
	SHOW(timerfd_settime(fd, 0, &far, NULL));
	SHOW(timerfd_gettime(fd, &old));
	HOLDS(old.it_value.tv_sec > 1000000000);
	get(fd);
	SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &far, NULL));
	get(fd);
	close(fd);
}

static void realtime(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	struct itimerspec old;
	SHOW(set(fd, TFD_TIMER_ABSTIME, clock_ms(CLOCK_REALTIME) + 100000, 0));
	HOLDS(timerfd_gettime(fd, &old) == 0 && ms_left(&old) <= 100000);
	get(fd);
	SHOW(set(fd, TFD_TIMER_ABSTIME, clock_ms(CLOCK_REALTIME) + 30, 0));
	HOLDS(timerfd_gettime(fd, &old) == 0 && ms_left(&old) <= 30);
	until_expired(fd);
	get(fd);
	SHOW(set(fd, TFD_TIMER_ABSTIME, 1000, 0));
	until_expired(fd);
	get(fd);
	SHOW(set(
		fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, clock_ms(CLOCK_REALTIME) + 30, 0));
	until_expired(fd);
	get(fd);
	SHOW(set(fd, TFD_TIMER_CANCEL_ON_SET, 10, 0));
	until_expired(fd);
	get(fd);
	close(fd);
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	SHOW(set(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, 1, 0));
	until_expired(fd);
	get(fd);
	close(fd);
}

static void periods(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct itimerspec old;
	uint64_t n = 0, sum = 0;
	long start = clock_ms(CLOCK_MONOTONIC);
	SHOW(set(fd, 0, 10, 20));
	sleep_ms(115);
	SHOW(timerfd_gettime(fd, &old));
	HOLDS(ms_left(&old) < 20 && old.it_interval.tv_nsec == 20000000);
	until_expired(fd);
	HOLDS(read(fd, &n, 8) == 8);
	long most = (clock_ms(CLOCK_MONOTONIC) - start + 15) / 20;
	HOLDS((long)n >= 5 && (long)n <= most + 1);
	while (sum < 5) {
		struct pollfd p = {fd, POLLIN, 0};
		if (poll(&p, 1, 5000) != 1 || read(fd, &n, 8) != 8)
			break;
		sum += n;
	}
	/* Neither drifts nor comes early: 10 + 20 * k after the start. */
	HOLDS(clock_ms(CLOCK_MONOTONIC) - start >= 115 + 4 * 20 - 5);
	SHOW(set(fd, 0, 0, 20));
	sleep_ms(50);
	get(fd);
	close(fd);
}

static volatile int handled;

static void on_alarm(int n)
{
	handled = n;
}

static void blocking(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	long start = clock_ms(CLOCK_MONOTONIC);
	SHOW(set(fd, 0, 50, 0));
	get(fd);
	HOLDS(clock_ms(CLOCK_MONOTONIC) - start >= 49);
	struct sigaction a = {.sa_handler = on_alarm};
	struct itimerval t = {{0, 0}, {0, 20000}};
	sigaction(SIGALRM, &a, NULL);
	uint64_t n;
	SHOW(ALARMED(read(fd, &n, 8)));
	HOLDS(handled == SIGALRM);
	a.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &a, NULL);
	SHOW(set(fd, 0, 60, 0));
	setitimer(ITIMER_REAL, &t, NULL);
	get(fd);
	int ep = epoll_create1(0);
	SHOW(ctl(ep, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET, 3));
	SHOW(set(fd, 0, 10, 0));
	struct epoll_event e;
	SHOW(epoll_wait(ep, &e, 1, 5000));
	SHOW(epoll_wait(ep, &e, 1, 0));
	get(fd);
	close(ep);
	close(fd);
}

static void told(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	char path[64], line[128];
	set(fd, TFD_TIMER_ABSTIME, 1, 0);
	until_expired(fd);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "mnt_id", 6) && strncmp(line, "ino", 3))
			fputs(line, stdout);
	if (f)
		fclose(f);
	close(fd);
}

/* Setting and reading from several threads at once: each expiration is had once. */
static int shared;

static void *settings(void *unused)
{
	(void)unused;
	for (int i = 0; i < 3000; i++)
		set(shared, 0, i % 3 == 0 ? 0 : 1, i % 2);
	return NULL;
}

static void races(void)
{
	pthread_t t[3];
	uint64_t n;
	shared = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, settings, NULL);
	for (int i = 0; i < 3000; i++)
		if (read(shared, &n, 8) == 8 && n == 0)
			puts("nothing was read");
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	SHOW(set(shared, 0, 1, 0));
	until_expired(shared);
	get(shared);
	get(shared);
	close(shared);
}

int main(int argc, char **argv)
{
	(void)argc;
	create();
	errors(argv[0]);
	once();
	realtime();
	periods();
	blocking();
	told();
	races();
	return 0;
}
