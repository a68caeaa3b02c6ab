// summary: kill: processes, groups, everybody; who may; what a parent learns of a child's end
//
// Seen to fail: with kill(2) that knew processes only by their own number ("kill(tids[1], 0)").
#include "abi.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static volatile int count;
static siginfo_t last;

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	count++;
	last = *info;
}

static void set(int number, int flags)
{
	struct sigaction a = {.sa_flags = SA_SIGINFO | flags};
	a.sa_sigaction = on_signal;
	sigaction(number, &a, NULL);
}

static pid_t sleeper(pid_t group, int uid)
{
	int p[2];
	char c;
	if (pipe(p))
		exit(1);
	pid_t child = fork();
	if (child == 0) {
		if (group >= 0)
			setpgid(0, group);
		if (uid > 0 && setresuid(uid, uid, uid))
			_exit(99);
		(void)!write(p[1], "x", 1);
		for (;;)
			pause();
	}
	close(p[1]);
	(void)!read(p[0], &c, 1);
	close(p[0]);
	return child;
}

static void ended(const char *what, pid_t child)
{
	int status = 0;
	pid_t r;
	while ((r = waitpid(child, &status, 0)) < 0 && errno == EINTR)
		;
	printf("%s: %s %x\n", what, r == child ? "ended" : error_name(errno), status);
}

static void each_death(void)
{
	/* Those that end a process, with the status that tells so. */
	for (int i = 1; i <= 64; i++) {
		if (i == SIGCHLD || i == SIGCONT || i == SIGURG || i == SIGWINCH || i == SIGSTOP ||
			i == SIGTSTP || i == SIGTTIN || i == SIGTTOU)
			continue;
		pid_t child = sleeper(-1, 0);
		kill(child, i);
		int status = 0;
		while (waitpid(child, &status, 0) < 0)
			;
		/* Whether there is a core file is the host's affair. */
		printf("signal %d: %x\n", i, status & ~0x80);
	}
}

static void child_info(void)
{
	set(SIGCHLD, 0);
	count = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(42);
	while (!count)
		usleep(1000);
	printf("child: code %d, status %d, pid %d, uid %d, errno %d\n", last.si_code,
		last.si_status, last.si_pid == child, last.si_uid == getuid(), last.si_errno);
	ended("exit", child);
	count = 0;
	child = sleeper(-1, 0);
	kill(child, SIGTERM);
	while (!count)
		usleep(1000);
	printf("child: code %d, status %d, pid %d, uid %d\n", last.si_code, last.si_status,
		last.si_pid == child, last.si_uid == getuid());
	ended("SIGTERM", child);
	/* No zombies. */
	set(SIGCHLD, SA_NOCLDWAIT);
	count = 0;
	child = fork();
	if (child == 0)
		_exit(1);
	while (!count)
		usleep(1000);
	ended("SA_NOCLDWAIT", child);
	signal(SIGCHLD, SIG_IGN);
	child = fork();
	if (child == 0)
		_exit(1);
	ended("ignored", child);
	signal(SIGCHLD, SIG_DFL);
}

static void groups(void)
{
	pid_t a = sleeper(0, 0), b = sleeper(a, 0), c = sleeper(-1, 0);
	SHOW(kill(-a, 0));
	SHOW(kill(-c, 0));
	SHOW(kill(-a, SIGUSR1));
	ended("a", a);
	ended("b", b);
	SHOW(kill(c, 0));
	SHOW(kill(c, SIGKILL));
	ended("c", c);
	SHOW(kill(-a, 0));
	/* Its own group: itself, too. */
	pid_t d = fork();
	if (d == 0) {
		setpgid(0, 0);
		pid_t e = sleeper(-1, 0);
		set(SIGUSR1, 0);
		count = 0;
		SHOW(kill(0, SIGUSR1));
		printf("own group: %d\n", count);
		ended("e", e);
		fflush(stdout);
		_exit(0);
	}
	ended("d", d);
	/* A zombie takes signals without a word. */
	pid_t z = fork();
	if (z == 0)
		_exit(3);
	until_state(z, 'Z');
	SHOW(kill(z, 0));
	SHOW(kill(z, SIGTERM));
	SHOW(kill(z, SIGKILL));
	SHOW(syscall(SYS_tgkill, z, z, SIGTERM));
	ended("zombie", z);
	SHOW(kill(z, 0));
}

static void permission(void)
{
	int p[2], numbers[2];
	if (pipe(p))
		exit(1);
	pid_t child = fork();
	if (child == 0) {
		pid_t root = sleeper(0, 0), other = sleeper(0, 1111), mixed = sleeper(root, 2222);
		if (setresuid(2222, 2222, 2222))
			_exit(1);
		SHOW(kill(root, 0));
		SHOW(kill(root, SIGTERM));
		SHOW(kill(root, SIGKILL));
		SHOW(kill(root, SIGCONT));
		SHOW(kill(root, 65));
		SHOW(kill(other, 0));
		SHOW(kill(other, SIGCONT));
		SHOW(kill(mixed, 0));
		SHOW(kill(-root, 0));
		SHOW(kill(-other, 0));
		SHOW(kill(-other, SIGCONT));
		SHOW(kill(getppid(), 0));
		SHOW(syscall(SYS_tkill, root, 0));
		SHOW(syscall(SYS_tgkill, root, root, SIGTERM));
		siginfo_t info = {.si_code = SI_QUEUE};
		SHOW(syscall(SYS_rt_sigqueueinfo, root, SIGTERM, &info));
		SHOW(syscall(SYS_rt_sigqueueinfo, root, 99, &info));
		SHOW(syscall(SYS_rt_tgsigqueueinfo, root, root, SIGTERM, &info));
		SHOW(kill(mixed, SIGKILL));
		ended("mixed", mixed);
		fflush(stdout);
		printf("%d %d\n", kill(root, 0), kill(other, 0));
		/* In another session SIGCONT is no exception. */
		pid_t far = fork();
		if (far == 0) {
			setsid();
			SHOW(kill(root, SIGCONT));
			fflush(stdout);
			_exit(0);
		}
		ended("far", far);
		fflush(stdout);
		numbers[0] = root;
		numbers[1] = other;
		(void)!write(p[1], numbers, sizeof(numbers));
		_exit(0);
	}
	ended("permissions", child);
	/* Those that could not be killed there. */
	close(p[1]);
	HOLDS(read(p[0], numbers, sizeof(numbers)) == sizeof(numbers));
	SHOW(kill(numbers[0], SIGKILL));
	SHOW(kill(numbers[1], SIGKILL));
	close(p[0]);
}

static volatile int thread_counts[4];
static pthread_t threads[4];
static volatile pid_t tids[4];

static void by_thread(int number)
{
	(void)number;
	for (int i = 0; i < 4; i++)
		if (pthread_self() == threads[i])
			thread_counts[i]++;
}

static int taken(void)
{
	return thread_counts[0] + thread_counts[1] + thread_counts[2] + thread_counts[3];
}

static void *thread(void *arg)
{
	long i = (long)arg;
	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	/* It was blocked when the thread was made. */
	if (i == 2)
		pthread_sigmask(SIG_UNBLOCK, &s, NULL);
	tids[i] = gettid();
	for (;;)
		pause();
	return NULL;
}

static void choice(void)
{
	sigset_t s, pending;
	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &s, NULL);
	signal(SIGUSR1, by_thread);
	signal(SIGUSR2, by_thread);
	for (long i = 0; i < 4; i++) {
		pthread_create(&threads[i], NULL, thread, (void *)i);
		while (!tids[i])
			usleep(1000);
	}
	/* Only one thread takes it. */
	for (int i = 0; i < 3; i++) {
		kill(getpid(), SIGUSR1);
		while (taken() <= i)
			usleep(1000);
	}
	printf("chosen: %d %d %d %d\n", thread_counts[0], thread_counts[1], thread_counts[2],
		thread_counts[3]);
	tgkill(getpid(), tids[3], SIGUSR2);
	while (taken() < 4)
		usleep(1000);
	printf("named: %d\n", thread_counts[3]);
	tgkill(getpid(), tids[0], SIGUSR1);
	usleep(20000);
	sigpending(&pending);
	printf("blocked by the named one: %d, pending here %d\n", thread_counts[0],
		sigismember(&pending, SIGUSR1));
	SHOW(syscall(SYS_tgkill, getpid(), tids[1], 0));
	SHOW(syscall(SYS_tgkill, tids[1], tids[1], 0));
	SHOW(syscall(SYS_tkill, tids[1], 0));
	SHOW(kill(tids[1], 0));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	each_death();
	child_info();
	groups();
	if (getuid() == 0)
		permission();
	choice();
	return 0;
}
