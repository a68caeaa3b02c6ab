/* Threads and what comes from outside of them: signals, timers, fork, exec. */
#include "pthreads.h"

#include <spawn.h>
#include <sys/syscall.h>

extern char **environ;

#define THREADS 6

static __thread volatile int got;
static atomic_int total;
static pthread_t threads[THREADS];
static atomic_int state[THREADS];

static void on_own(int number)
{
	(void)number;
	got++;
	atomic_fetch_add(&total, 1);
}

/* Waits for its signals in many ways. */
static void *hears(void *arg)
{
	long i = (long)arg;

	atomic_store(&state[i], 1);
	while (atomic_load(&state[i]) == 1) {
		if (i % 3 == 0)
			usleep(1000);
		else
			sched_yield();
	}
	return (void *)(long)got;
}

PART(thread_signals)
{
	struct sigaction sa = {.sa_handler = on_own, .sa_flags = SA_RESTART};

	sigaction(SIGUSR1, &sa, NULL);
	for (long i = 0; i < THREADS; i++)
		threads[i] = start(hears, (void *)i);
	for (int i = 0; i < THREADS; i++)
		while (!atomic_load(&state[i]))
			sched_yield();
	/* One at a time, so that none merges with another. */
	int sent = 0;
	for (int r = 0; r < rounds(30); r++)
		for (int i = 0; i < THREADS; i++) {
			check(pthread_kill(threads[i], SIGUSR1) == 0);
			sent++;
			while (atomic_load(&total) < sent)
				sched_yield();
		}
	for (int i = 0; i < THREADS; i++) {
		atomic_store(&state[i], 2);
		check((long)join(threads[i]) == rounds(30));
	}
	check(got == 0);
	printf("  each to its thread: %s\n", total == sent ? "yes" : "NO");
	show(pthread_kill(pthread_self(), 0));
	show(pthread_kill(pthread_self(), 65));
	show(pthread_sigmask(99, &sa.sa_mask, NULL));
}

static atomic_long queued_sum;
static atomic_int queued_count;

static void *takes_queued(void *arg)
{
	sigset_t set;
	siginfo_t info;
	int last[2] = {-1, -1};

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigaddset(&set, SIGRTMIN + 2);
	for (;;) {
		int n = sigwaitinfo(&set, &info);
		if (n < 0)
			continue;
		if (info.si_value.sival_int < 0)
			return NULL;
		/* In the order in which they were sent, for each taker. */
		int k = n == SIGRTMIN + 2;
		check(info.si_code == SI_QUEUE && info.si_pid == getpid());
		check(info.si_value.sival_int > last[k]);
		last[k] = info.si_value.sival_int;
		atomic_fetch_add(&queued_sum, info.si_value.sival_int);
		atomic_fetch_add(&queued_count, 1);
	}
}

PART(queued_signals)
{
	sigset_t set, old;
	pthread_t t[3];
	long sum = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigaddset(&set, SIGRTMIN + 2);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	for (int i = 0; i < 3; i++)
		t[i] = start(takes_queued, NULL);
	for (int i = 1; i <= rounds(300); i++) {
		union sigval v = {.sival_int = i};
		while (sigqueue(getpid(), SIGRTMIN + 1 + i % 2, v) != 0) {
			check(errno == EAGAIN);
			sched_yield();
		}
		sum += i;
	}
	while (atomic_load(&queued_count) < rounds(300))
		sched_yield();
	for (int i = 0; i < 3; i++) {
		union sigval v = {.sival_int = -1};
		check(pthread_sigqueue(t[i], SIGRTMIN + 1, v) == 0);
	}
	for (int i = 0; i < 3; i++)
		join(t[i]);
	printf("  taken: %s\n", queued_sum == sum ? "all, in order" : "NO");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static atomic_int stop_storm, storm_handled;
static pthread_mutex_t storm_lock = PTHREAD_MUTEX_INITIALIZER;
static long storm_count;

static void in_the_storm(int number)
{
	(void)number;
	atomic_fetch_add(&storm_handled, 1);
}

static void *works_in_the_storm(void *arg)
{
	double x = 1.0;

	/* As long as it takes until it has been struck often enough. */
	for (int i = 0; i < rounds(3000) || atomic_load(&storm_handled) < 50; i++) {
		pthread_mutex_lock(&storm_lock);
		storm_count += i < rounds(3000);
		pthread_mutex_unlock(&storm_lock);
		/* Registers of all kinds are kept. */
		x = x * 1.0000001 + (double)i;
		x -= (double)i;
	}
	check(x > 1.0 && x < 2.0);
	return arg;
}

static void *shoots(void *arg)
{
	unsigned seed = 3;

	while (!atomic_load(&stop_storm)) {
		pthread_kill(threads[draw(&seed) % 4], SIGUSR2);
		if (draw(&seed) % 4 == 0)
			sched_yield();
	}
	return arg;
}

PART(signal_storm)
{
	struct sigaction sa = {.sa_handler = in_the_storm};

	sigaction(SIGUSR2, &sa, NULL);
	for (int i = 0; i < 4; i++)
		threads[i] = start(works_in_the_storm, NULL);
	pthread_t s = start(shoots, NULL);
	/* Its targets are not joined before it has stopped: their names must stay good. */
	while (__atomic_load_n(&storm_count, __ATOMIC_RELAXED) < 4L * rounds(3000) ||
		atomic_load(&storm_handled) < 50)
		sched_yield();
	atomic_store(&stop_storm, 1);
	join(s);
	for (int i = 0; i < 4; i++)
		join(threads[i]);
	printf("  counted: %s\n", storm_count == 4L * rounds(3000) ? "all" : "NO");
}

/* -- timers -- */

static atomic_int fired, signalled;
static pthread_t main_thread;

static void fires(union sigval v)
{
	check(v.sival_int == 42);
	check(!pthread_equal(pthread_self(), main_thread));
	atomic_fetch_add(&fired, 1);
}

static void on_timer(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	check(info->si_code == SI_TIMER && info->si_value.sival_int == 43);
	check(!pthread_equal(pthread_self(), main_thread));
	atomic_fetch_add(&signalled, 1);
}

static void *has_a_timer(void *arg)
{
	struct sigevent e = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 4};
	struct itimerspec every = {{0, 1000000}, {0, 1000000}};
	timer_t t;

	e._sigev_un._tid = gettid();
	e.sigev_value.sival_int = 43;
	int before = atomic_load(&signalled);
	check(timer_create(CLOCK_MONOTONIC, &e, &t) == 0);
	check(timer_settime(t, 0, &every, NULL) == 0);
	while (atomic_load(&signalled) < before + 5)
		usleep(500);
	check(timer_delete(t) == 0);
	return arg;
}

PART(timers)
{
	struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = fires};
	struct itimerspec every = {{0, 1000000}, {0, 1000000}};
	timer_t t[3];

	main_thread = pthread_self();
	e.sigev_value.sival_int = 42;
	for (int i = 0; i < 3; i++) {
		check(timer_create(i == 1 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &e, &t[i]) == 0);
		check(timer_settime(t[i], 0, &every, NULL) == 0);
	}
	while (atomic_load(&fired) < rounds(30))
		usleep(1000);
	for (int i = 0; i < 3; i++)
		check(timer_delete(t[i]) == 0);
	printf("  threads were told\n");
	struct sigaction sa = {.sa_sigaction = on_timer, .sa_flags = SA_SIGINFO | SA_RESTART};
	sigaction(SIGRTMIN + 4, &sa, NULL);
	crowd(3, has_a_timer);
	printf("  a thread was sent signals\n");
}

/* -- fork and exec -- */

static pthread_mutex_t global = PTHREAD_MUTEX_INITIALIZER;
static long global_count;
static atomic_int prepared, in_parent, forks, stop_work;
static int in_child;

static void before(void)
{
	pthread_mutex_lock(&global);
	atomic_fetch_add(&prepared, 1);
}

static void parent_after(void)
{
	atomic_fetch_add(&in_parent, 1);
	pthread_mutex_unlock(&global);
}

static void child_after(void)
{
	in_child = 1;
	pthread_mutex_unlock(&global);
}

static void *works(void *arg)
{
	while (!atomic_load(&stop_work)) {
		pthread_mutex_lock(&global);
		global_count++;
		char *p = malloc(100);
		p[0] = 1;
		pthread_mutex_unlock(&global);
		free(p);
	}
	return arg;
}

static void *adds(void *arg)
{
	pthread_mutex_lock(&global);
	global_count += (long)arg;
	pthread_mutex_unlock(&global);
	return NULL;
}

/* In the child there is one thread, and everything works. */
static int child_checks(void)
{
	if (!in_child)
		return 2;
	char *p = malloc(1000);
	memset(p, 1, 1000);
	free(p);
	long was = global_count;
	pthread_t t[3];
	for (long i = 0; i < 3; i++)
		t[i] = start(adds, (void *)(i + 1));
	for (int i = 0; i < 3; i++)
		join(t[i]);
	return global_count == was + 6 ? 0 : 3;
}

static void *forks_often(void *arg)
{
	for (int i = 0; i < rounds(8); i++) {
		pid_t pid = fork();
		if (pid == 0)
			_exit(child_checks());
		check(pid > 0);
		check(reap(pid) == 0);
		atomic_fetch_add(&forks, 1);
	}
	return arg;
}

static void *spawns_often(void *arg)
{
	char *argv[] = {"pthreads", "nothing", NULL};

	for (int i = 0; i < rounds(5); i++) {
		pid_t pid;
		check(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ) == 0);
		int status = reap(pid);
		check(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	}
	return arg;
}

static void *execs(void *arg)
{
	(void)arg;
	execl("/proc/self/exe", "pthreads", "nothing", NULL);
	return NULL;
}

static void becomes_another(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		start(works, NULL);
	start(execs, NULL);
	for (;;)
		pause();
}

static void *outlives(void *arg)
{
	join(*(pthread_t *)arg);
	exit(9);
}

static void main_ends_first(void *arg)
{
	static pthread_t self;

	(void)arg;
	self = pthread_self();
	start(outlives, &self);
	pthread_exit(NULL);
}

static void all_end_at_once(void *arg)
{
	(void)arg;
	for (int i = 0; i < 4; i++)
		start(works, NULL);
	_exit(5);
}

PART(forks_and_execs)
{
	pthread_t w[2], f[3], s[2];

	check(pthread_atfork(before, parent_after, child_after) == 0);
	for (int i = 0; i < 2; i++)
		w[i] = start(works, NULL);
	for (int i = 0; i < 3; i++)
		f[i] = start(forks_often, NULL);
	for (int i = 0; i < 2; i++)
		s[i] = start(spawns_often, NULL);
	for (int i = 0; i < 3; i++)
		join(f[i]);
	for (int i = 0; i < 2; i++)
		join(s[i]);
	printf("  forks: %s\n", atomic_load(&forks) == 3 * rounds(8) ? "all" : "NO");
	check(atomic_load(&prepared) == atomic_load(&in_parent));
	check(atomic_load(&prepared) == atomic_load(&forks));
	int seven = 0, nine = 0, five = 0;
	for (int i = 0; i < rounds(5); i++) {
		seven += reap(child(becomes_another, NULL)) == 7 << 8;
		nine += reap(child(main_ends_first, NULL)) == 9 << 8;
		five += reap(child(all_end_at_once, NULL)) == 5 << 8;
	}
	atomic_store(&stop_work, 1);
	for (int i = 0; i < 2; i++)
		join(w[i]);
	printf("  became another: %s, outlived: %s, ended at once: %s\n",
		seven == rounds(5) ? "yes" : "NO", nine == rounds(5) ? "yes" : "NO",
		five == rounds(5) ? "yes" : "NO");
}
