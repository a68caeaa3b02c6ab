// summary: timer_create and its family: clocks, notification, overrun, what is left, errors
//
// Seen to fail: where it looked whether the signal of a deleted timer is still pending.
#include "abi.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static volatile int count, code, value, overrun, tid_ok;
static volatile pid_t ran_in;

static void on_timer(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	count++;
	code = info->si_code;
	value = info->si_value.sival_int;
	overrun = info->si_overrun;
	ran_in = gettid();
}

static void set(int number)
{
	struct sigaction a = {.sa_flags = SA_SIGINFO};
	a.sa_sigaction = on_timer;
	sigaction(number, &a, NULL);
}

static int create(int clock, int notify, int number, int value_)
{
	struct sigevent e = {.sigev_notify = notify, .sigev_signo = number};
	int id;
	e.sigev_value.sival_int = value_;
	e._sigev_un._tid = gettid();
	return syscall(SYS_timer_create, clock, &e, &id) ? -1 : id;
}

static int settime(int id, int flags, long ns, long interval, struct itimerspec *old)
{
	struct itimerspec v = {
		{interval / 1000000000, interval % 1000000000}, {ns / 1000000000, ns % 1000000000}};
	return syscall(SYS_timer_settime, id, flags, &v, old);
}

static long left(int id)
{
	struct itimerspec v;
	if (syscall(SYS_timer_gettime, id, &v))
		return -1;
	return v.it_value.tv_sec * 1000000000 + v.it_value.tv_nsec;
}

static const long ms = 1000000;

static long now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

static void clock_of(const char *name, int clock, int spin)
{
	int id = create(clock, SIGEV_SIGNAL, SIGUSR1, 1234);
	printf("%s:\n", name);
	if (id < 0) {
		printf("  %s\n", error_name(errno));
		return;
	}
	SHOW(left(id));
	count = 0;
	SHOW(settime(id, 0, 100000 * ms, 0, NULL));
	HOLDS(left(id) > 0 && left(id) <= 100000 * ms);
	SHOW(settime(id, 0, 30 * ms, 0, NULL));
	while (!count)
		if (!spin)
			usleep(1000);
	printf("  code %d, value %d, overrun %d, left %ld, %ld\n", code, value, overrun, left(id),
		syscall(SYS_timer_getoverrun, id));
	count = 0;
	SHOW(settime(id, 0, 5 * ms, 5 * ms, NULL));
	while (count < 5)
		if (!spin)
			usleep(1000);
	HOLDS(left(id) > 0 && left(id) <= 5 * ms);
	struct itimerspec old;
	SHOW(settime(id, 0, 0, 0, &old));
	HOLDS(old.it_interval.tv_nsec == 5 * ms && old.it_value.tv_nsec > 0);
	count = 0;
	usleep(20000);
	printf("  after it was switched off: %d, left %ld\n", count, left(id));
	/* A time that has passed. */
	count = 0;
	SHOW(settime(id, TIMER_ABSTIME, 1, 0, NULL));
	while (!count)
		if (!spin)
			usleep(1000);
	printf("  in the past: %d\n", count);
	struct timespec now;
	clock_gettime(clock, &now);
	count = 0;
	long ns = now.tv_sec * 1000000000 + now.tv_nsec;
	SHOW(settime(id, TIMER_ABSTIME, ns + 100000 * ms, 0, NULL));
	HOLDS(left(id) > 0 && left(id) <= 100000 * ms);
	SHOW(settime(id, TIMER_ABSTIME, ns + 20 * ms, 0, NULL));
	while (!count)
		if (!spin)
			usleep(1000);
	struct timespec then;
	clock_gettime(clock, &then);
	HOLDS((then.tv_sec - now.tv_sec) * 1000000000 + then.tv_nsec - now.tv_nsec >= 20 * ms);
	SHOW(syscall(SYS_timer_delete, id));
	SHOW(syscall(SYS_timer_delete, id));
}

static void overruns(void)
{
	sigset_t s, pending;
	struct timespec none = {0, 0};
	siginfo_t info;
	int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 7);
	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	sigprocmask(SIG_BLOCK, &s, NULL);
	long from = now_ns();
	settime(id, 0, 10 * ms, 10 * ms, NULL);
	usleep(105000);
	/* The CPU whose timer it is may be late. */
	do
		sigpending(&pending);
	while (!sigismember(&pending, SIGUSR1));
	HOLDS(sigtimedwait(&s, &info, &none) == SIGUSR1);
	HOLDS(info.si_overrun >= 8 && info.si_overrun < (now_ns() - from) / (10 * ms));
	HOLDS(info.si_overrun == syscall(SYS_timer_getoverrun, id));
	HOLDS(info.si_timerid == id);
	printf("overrun of a blocked one: code %d, value %d\n", info.si_code,
		info.si_value.sival_int);
	/* The next one does not count those again. */
	from = now_ns();
	HOLDS(sigtimedwait(&s, &info, NULL) == SIGUSR1);
	HOLDS(info.si_overrun <= (now_ns() - from) / (10 * ms) + 1);
	/* Deleted with its signal pending: the signal goes, too. */
	do {
		usleep(1000);
		sigpending(&pending);
	} while (!sigismember(&pending, SIGUSR1));
	SHOW(syscall(SYS_timer_delete, id));
	printf("deleted: ");
	SHOW(sigtimedwait(&s, NULL, &none));
	/* Two timers, one signal: a standard one is there once. */
	int a = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 40, 1),
	    b = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 40, 2);
	sigaddset(&s, 40);
	sigprocmask(SIG_BLOCK, &s, NULL);
	settime(a, 0, 1 * ms, 0, NULL);
	while (left(a))
		usleep(1000);
	settime(b, 0, 1 * ms, 0, NULL);
	while (left(b))
		usleep(1000);
	for (int i = 0; i < 3; i++) {
		int r = sigtimedwait(&s, &info, &none);
		printf("real-time: %d %d\n", r, r > 0 ? info.si_value.sival_int : 0);
	}
	syscall(SYS_timer_delete, a);
	syscall(SYS_timer_delete, b);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
}

static void silent(void)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);
	SHOW(settime(id, 0, 100000 * ms, 0, NULL));
	HOLDS(left(id) > 0);
	SHOW(settime(id, 0, 10 * ms, 0, NULL));
	usleep(20000);
	SHOW(left(id));
	SHOW(settime(id, 0, 10 * ms, 10 * ms, NULL));
	usleep(35000);
	HOLDS(left(id) > 0 && left(id) <= 10 * ms);
	SHOW(syscall(SYS_timer_delete, id));
}

static volatile pid_t thread_id;

static void *thread(void *arg)
{
	(void)arg;
	thread_id = gettid();
	for (;;)
		usleep(1000);
	return NULL;
}

static void to_thread(void)
{
	pthread_t t;
	pthread_create(&t, NULL, thread, NULL);
	while (!thread_id)
		usleep(1000);
	struct sigevent e = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
	int id;
	e._sigev_un._tid = thread_id;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	count = 0;
	SHOW(settime(id, 0, 1 * ms, 0, NULL));
	while (!count)
		usleep(1000);
	HOLDS(ran_in == thread_id);
	SHOW(syscall(SYS_timer_delete, id));
	e._sigev_un._tid = getppid();
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e._sigev_un._tid = 0;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e._sigev_un._tid = -1;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
}

static void errors(char *self)
{
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec v = {{0, 0}, {100, 0}};
	int id;
	SHOW(syscall(SYS_timer_create, 99, &e, &id));
	SHOW(syscall(SYS_timer_create, -7, &e, &id));
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, 1, &id));
	SHOW(syscall(SYS_timer_create, 99, 1, &id));
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, 1));
	e.sigev_signo = 65;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_signo = 0;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_signo = -1;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	e.sigev_signo = SIGUSR1;
	e.sigev_notify = 99;
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC_RAW, NULL, &id));
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC_COARSE, NULL, &id));
	SHOW(syscall(SYS_timer_create, CLOCK_REALTIME_COARSE, NULL, &id));
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id));
	SHOW(syscall(SYS_timer_settime, id, 0, NULL, NULL));
	SHOW(syscall(SYS_timer_settime, id, 0, 1, NULL));
	SHOW(syscall(SYS_timer_settime, -1, 0, 1, NULL));
	SHOW(syscall(SYS_timer_settime, 12345, 0, &v, NULL));
	SHOW(syscall(SYS_timer_settime, id, 0, &v, 1));
	HOLDS(left(id) > 0);
	SHOW(syscall(SYS_timer_settime, id, 0xff00, &v, NULL));
	v.it_value.tv_nsec = 1000000000;
	SHOW(syscall(SYS_timer_settime, id, 0, &v, NULL));
	v.it_value.tv_nsec = -1;
	SHOW(syscall(SYS_timer_settime, id, 0, &v, NULL));
	v.it_value.tv_nsec = 0;
	v.it_value.tv_sec = -1;
	SHOW(syscall(SYS_timer_settime, id, 0, &v, NULL));
	v.it_value.tv_sec = 0;
	v.it_interval.tv_nsec = 1000000000;
	SHOW(syscall(SYS_timer_settime, id, 0, &v, NULL));
	SHOW(syscall(SYS_timer_gettime, id, 1));
	SHOW(syscall(SYS_timer_gettime, 12345, 1));
	SHOW(syscall(SYS_timer_gettime, 12345, &v));
	SHOW(syscall(SYS_timer_getoverrun, 12345));
	SHOW(syscall(SYS_timer_getoverrun, -1));
	SHOW(syscall(SYS_timer_delete, 12345));
	SHOW(syscall(SYS_timer_delete, -1));
	/* Without an event: SIGALRM with the number. */
	set(SIGALRM);
	count = 0;
	SHOW(settime(id, 0, 1 * ms, 0, NULL));
	while (!count)
		usleep(1000);
	HOLDS(value == id && code == SI_TIMER);
	fflush(stdout);
	/* A child has none of them; nor has a new program. */
	pid_t child = fork();
	if (child == 0) {
		SHOW(left(id));
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	child = fork();
	if (child == 0) {
		int other;
		syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &other);
		settime(other, 0, 20 * ms, 0, NULL);
		char text[20];
		snprintf(text, sizeof(text), "%d", other);
		execl(self, self, text, NULL);
		_exit(9);
	}
	int status;
	waitpid(child, &status, 0);
	printf("%x\n", status);
	SHOW(syscall(SYS_timer_delete, id));
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1) {
		usleep(50000);
		printf("after exec: %ld\n", left(atoi(argv[1])));
		return 0;
	}
	set(SIGUSR1);
	clock_of("monotonic", CLOCK_MONOTONIC, 0);
	clock_of("time of day", CLOCK_REALTIME, 0);
	clock_of("since boot", CLOCK_BOOTTIME, 0);
	clock_of("atomic time", CLOCK_TAI, 0);
	clock_of("process", CLOCK_PROCESS_CPUTIME_ID, 1);
	clock_of("thread", CLOCK_THREAD_CPUTIME_ID, 1);
	overruns();
	silent();
	to_thread();
	errors(argv[0]);
	return 0;
}
