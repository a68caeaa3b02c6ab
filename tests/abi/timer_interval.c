// summary: alarm and setitimer: all three clocks, what is left, errors, exec and fork
// quick: most
//
// Seen to fail: with alarm(2) returning more than 32 bits.
#include "abi.h"
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static volatile int count, code, only_one;

static void off(int which)
{
	struct itimerval none = {{0, 0}, {0, 0}};
	setitimer(which, &none, NULL);
}

static void on_alarm(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	count++;
	code = info->si_code;
	if (only_one)
		off(ITIMER_REAL);
}

static void set(int number, int flags)
{
	struct sigaction a = {.sa_flags = SA_SIGINFO | flags};
	a.sa_sigaction = on_alarm;
	sigaction(number, &a, NULL);
}

static long cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static long now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What alarm(2) says of so much: to the nearest second, but never 0. */
static long rounded(long us)
{
	return us <= 0 ? 0 : us < 1000000 ? 1 : (us + 500000) / 1000000;
}

/* What is left of a timer some time later: the rounding of what was set, less what has passed. */
static void tells(long us)
{
	struct itimerval v = {{0, 0}, {us / 1000000, us % 1000000}};
	long from = now_ms();
	setitimer(ITIMER_REAL, &v, NULL);
	long told = alarm(0), passed = (now_ms() - from + 1) * 1000;
	printf("of %ld us: %s\n", us,
		told <= rounded(us) && told >= rounded(us - passed) ? "rounded" : "WRONG");
}

static void alarms(void)
{
	struct itimerval old;
	set(SIGALRM, 0);
	SHOW(alarm(0));
	SHOW(alarm(1000));
	HOLDS(alarm(50) > 900);
	HOLDS(alarm(0) > 10);
	SHOW(alarm(0));
	SHOW(alarm(4000000000U));
	HOLDS(alarm(0) >= 3999999000U);
	tells(400000);
	tells(3900000);
	tells(3200000);
	tells(1499999);
	tells(20000000);
	SHOW(alarm(1000));
	HOLDS(alarm(100) > 900);
	SHOW(getitimer(ITIMER_REAL, &old));
	HOLDS(old.it_value.tv_sec <= 100 && old.it_value.tv_sec > 50 &&
		old.it_interval.tv_sec == 0);
	count = 0;
	long from = now_ms();
	HOLDS(alarm(1) > 10);
	while (!count)
		usleep(1000);
	HOLDS(now_ms() - from >= 999);
	printf("count %d, code %d\n", count, code);
}

static void intervals(void)
{
	struct itimerval v = {{0, 10000}, {0, 10000}}, old;
	set(SIGALRM, SA_RESTART);
	count = 0;
	long from = now_ms();
	SHOW(setitimer(ITIMER_REAL, &v, &old));
	while (count < 10)
		usleep(1000);
	HOLDS(now_ms() - from >= 99);
	SHOW(getitimer(ITIMER_REAL, &old));
	HOLDS(old.it_interval.tv_usec == 10000 && old.it_value.tv_usec <= 10000);
	/* Blocked for a while: one signal, however often it expired. The handler ends it. */
	sigset_t s, pending;
	sigemptyset(&s);
	sigaddset(&s, SIGALRM);
	sigprocmask(SIG_BLOCK, &s, NULL);
	usleep(60000);
	/* The CPU whose timer it is may be late. */
	do {
		usleep(1000);
		sigpending(&pending);
	} while (!sigismember(&pending, SIGALRM));
	count = 0;
	only_one = 1;
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	printf("blocked for a while: %d\n", count);
	only_one = 0;
	/* Once switched off it is off. */
	off(ITIMER_REAL);
	count = 0;
	usleep(30000);
	printf("off: %d\n", count);
	SHOW(getitimer(ITIMER_REAL, &old));
	printf("%ld %ld %ld %ld\n", old.it_value.tv_sec, old.it_value.tv_usec,
		old.it_interval.tv_sec, old.it_interval.tv_usec);
	/* An interval without a first time is none. */
	v.it_value.tv_usec = 0;
	SHOW(setitimer(ITIMER_REAL, &v, NULL));
	SHOW(getitimer(ITIMER_REAL, &old));
	printf("%ld %ld\n", old.it_value.tv_usec, old.it_interval.tv_usec);
	/* Not restarted, but cut short. */
	set(SIGALRM, 0);
	v.it_value.tv_usec = v.it_interval.tv_usec = 20000;
	setitimer(ITIMER_REAL, &v, NULL);
	struct timespec t = {50, 0};
	SHOW(nanosleep(&t, &t));
	HOLDS(t.tv_sec > 10 && t.tv_sec < 50);
	off(ITIMER_REAL);
}

static void cpu(int which, int number, const char *name)
{
	struct itimerval v = {{0, 20000}, {0, 20000}}, old;
	set(number, 0);
	count = 0;
	long from = cpu_ms(), begun = now_ms();
	setitimer(which, &v, NULL);
	/* Sleeping does not count. */
	usleep(50000);
	int expired = count;
	HOLDS(expired * 20 <= cpu_ms() - from + 20);
	while (count < 5)
		;
	/* Linux counts whole ticks, so this may be less than 100 ms of CPU time; but there are no more ticks than time. */
	HOLDS(now_ms() - begun >= 90);
	getitimer(which, &old);
	HOLDS(old.it_interval.tv_usec == 20000);
	HOLDS(old.it_value.tv_sec == 0 && old.it_value.tv_usec > 0);
	off(which);
	getitimer(which, &old);
	printf("%s off: %ld %ld\n", name, old.it_value.tv_usec, old.it_interval.tv_usec);
}

static void errors(void)
{
	struct itimerval v = {{0, 0}, {0, 0}};
	SHOW(syscall(SYS_setitimer, 3, &v, NULL));
	SHOW(syscall(SYS_setitimer, -1, &v, NULL));
	SHOW(syscall(SYS_setitimer, 0, 1, NULL));
	SHOW(syscall(SYS_setitimer, 3, 1, NULL));
	SHOW(syscall(SYS_setitimer, 0, NULL, NULL));
	SHOW(syscall(SYS_setitimer, 0, &v, 1));
	v.it_value.tv_usec = 1000000;
	SHOW(syscall(SYS_setitimer, 0, &v, NULL));
	v.it_value.tv_usec = -1;
	SHOW(syscall(SYS_setitimer, 0, &v, NULL));
	v.it_value.tv_usec = 0;
	v.it_value.tv_sec = -1;
	SHOW(syscall(SYS_setitimer, 0, &v, NULL));
	v.it_value.tv_sec = 0;
	v.it_interval.tv_usec = 1000000;
	SHOW(syscall(SYS_setitimer, 0, &v, NULL));
	v.it_interval.tv_usec = 0;
	v.it_interval.tv_sec = -1;
	SHOW(syscall(SYS_setitimer, 0, &v, NULL));
	v.it_interval.tv_sec = 0;
	v.it_value.tv_sec = INT64_MAX;
	SHOW(syscall(SYS_setitimer, 0, &v, NULL));
	HOLDS(alarm(0) > 0);
	SHOW(syscall(SYS_getitimer, 3, &v));
	SHOW(syscall(SYS_getitimer, -1, &v));
	SHOW(syscall(SYS_getitimer, 0, 1));
	SHOW(syscall(SYS_getitimer, 3, 1));
}

static void family(char *self)
{
	struct itimerval v = {{0, 0}, {50, 0}}, old;
	setitimer(ITIMER_REAL, &v, NULL);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		getitimer(ITIMER_REAL, &old);
		printf("in a child: %ld\n", old.it_value.tv_sec);
		setitimer(ITIMER_REAL, &v, NULL);
		fflush(stdout);
		execl(self, self, "after exec", NULL);
		_exit(9);
	}
	int status;
	waitpid(child, &status, 0);
	printf("%x\n", status);
	alarm(0);
	/* Without a handler it ends the process. */
	child = fork();
	if (child == 0) {
		signal(SIGALRM, SIG_DFL);
		v.it_value = (struct timeval){0, 10000};
		setitimer(ITIMER_REAL, &v, NULL);
		for (;;)
			usleep(1000);
	}
	waitpid(child, &status, 0);
	printf("%x\n", status);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1) {
		printf("%s: %d\n", argv[1], alarm(0) > 40);
		return 0;
	}
	alarms();
	intervals();
	cpu(ITIMER_VIRTUAL, SIGVTALRM, "virtual");
	cpu(ITIMER_PROF, SIGPROF, "prof");
	errors();
	family(argv[0]);
	return 0;
}
