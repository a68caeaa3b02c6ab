/*
 * Processes and threads beginning and ending against each other, for some seconds, each round one of
 * the races below with random delays. Every round knows how it must end; what ends otherwise is
 * said and makes the status 1.
 *
 *     proc_storm SEED SECONDS [RACE]
 *
 * It must be called by its absolute path, for it executes itself.
 */
// flags: -pthread
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *self;
static unsigned long seed;
static int failures;

static unsigned random_below(unsigned n)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(seed >> 33) % n;
}

static void spin(unsigned n)
{
	for (volatile unsigned i = 0; i < n; i++)
		;
}

#define FAIL(...)                                   \
	do {                                        \
		printf("%s: ", __func__);           \
		printf(__VA_ARGS__);                \
		printf(" (%s)\n", strerror(errno)); \
		fflush(stdout);                     \
		failures++;                         \
	} while (0)

/* -- wait against exit -- */

static void *waiter(void *arg)
{
	atomic_int *got = arg;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, 0)) > 0) {
		if (!WIFEXITED(status) || WEXITSTATUS(status) >= 32)
			atomic_fetch_add(got, 1000);
		atomic_fetch_add(got, 1);
	}
	return NULL;
}

/* Several threads wait for many children: each is found once. */
static void race_wait(void)
{
	unsigned n = 1 + random_below(20);
	atomic_int got = 0;
	pthread_t t[3];

	for (unsigned i = 0; i < n; i++) {
		unsigned delay = random_below(3000);
		pid_t child = fork();
		if (child == 0) {
			spin(delay);
			_exit((int)i);
		}
		if (child < 0)
			FAIL("fork");
	}
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, waiter, &got);
	waiter(&got);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	if (got != (int)n)
		FAIL("%d of %u", got, n);
}

/* -- exec against exit of threads -- */

static atomic_int started;

static void *short_lived(void *arg)
{
	atomic_fetch_add(&started, 1);
	spin((unsigned)(unsigned long)arg);
	return NULL;
}

/* One after the other: their stacks are used again, so that it is threads that come and go and not
 * memory. */
static void *make_threads(void *arg)
{
	for (;;) {
		pthread_t t;
		if (pthread_create(&t, NULL, short_lived, arg) == 0)
			pthread_join(t, NULL);
		atomic_fetch_add(&started, 1);
	}
	return NULL;
}

static void *exec_now(void *arg)
{
	spin((unsigned)(unsigned long)arg);
	execl(self, self, "exit", "7", NULL);
	_exit(99);
}

static void run_threads(unsigned makers, unsigned executors, unsigned delay)
{
	pthread_t t;

	for (unsigned i = 0; i < makers; i++)
		pthread_create(&t, NULL, make_threads, (void *)(unsigned long)random_below(2000));
	while (atomic_load(&started) < (int)makers)
		sched_yield();
	for (unsigned i = 0; i < executors; i++)
		pthread_create(&t, NULL, exec_now, (void *)(unsigned long)random_below(5000));
	spin(delay);
}

static void expect(pid_t child, int status_wanted, const char *what)
{
	int status = -1;
	pid_t got = waitpid(child, &status, 0);

	if (got != child || status != status_wanted) {
		printf("%s: child %d, got %d, status %#x, not %#x\n", what, child, got, status,
			status_wanted);
		fflush(stdout);
		failures++;
	}
}

/* Some threads make threads, several call execve: one wins, the others end. */
static void race_exec(void)
{
	unsigned makers = random_below(3), executors = 1 + random_below(3);
	unsigned delay = random_below(20000);
	pid_t child = fork();

	if (child == 0) {
		run_threads(makers, executors, delay);
		for (;;)
			pause();
	}
	expect(child, 7 << 8, "exec");
}

/* -- clone against exit_group, and against a kill -- */

static void race_exit_group(void)
{
	unsigned makers = 1 + random_below(3), delay = random_below(30000);
	pid_t child = fork();

	if (child == 0) {
		run_threads(makers, 0, delay);
		_exit(9);
	}
	expect(child, 9 << 8, "exit_group");
}

static void race_kill(void)
{
	unsigned makers = 1 + random_below(3);
	int *ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork();

	if (child == 0) {
		*(volatile int *)ready = 1;
		run_threads(makers, 0, 1000);
		for (;;)
			pause();
	}
	while (!*(volatile int *)ready)
		sched_yield();
	spin(random_below(100000));
	kill(child, SIGKILL);
	expect(child, SIGKILL, "kill");
	munmap(ready, 4096);
}

/* -- fork against a signal to the group -- */

/* Children that end, that stay, and that have a child themselves. */
static void fork_for_ever(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (int n = 0;; n++) {
		if (fork() != 0)
			continue;
		if (n % 3 == 0)
			_exit(0);
		if (n % 3 == 1)
			fork();
		for (;;)
			pause();
	}
}

/* A group that forks as fast as it can is killed at once: nobody is left. */
static void race_group_kill(void)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGINT};
	int signal = signals[random_below(3)];
	pid_t leader = fork();

	if (leader == 0) {
		setpgid(0, 0);
		fork_for_ever();
	}
	setpgid(leader, leader);
	usleep(random_below(3000));
	kill(-leader, signal);
	expect(leader, signal, "group");
	/* Those whose parent went are ours now. */
	while (waitpid(-leader, NULL, 0) > 0)
		;
	if (kill(-leader, 0) == 0 || errno != ESRCH)
		FAIL("the group is still there");
}

/* -- reparenting against the end of the new parent -- */

/* Never returns: each process of the tree ends here. */
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static void tree(unsigned depth)
{
	if (depth == 0) {
		spin(random_below(5000));
		_exit(0);
	}
	for (int i = 0; i < 2; i++) {
		random_below(2);
		if (fork() == 0)
			tree(depth - 1);
	}
	if (random_below(3) == 0)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	spin(random_below(8000));
	if (random_below(2))
		wait(NULL);
	_exit(0);
}

static void race_orphans(void)
{
	unsigned depth = 1 + random_below(4);

	if (fork() == 0)
		tree(depth);
	while (wait(NULL) > 0)
		;
	if (errno != ECHILD)
		FAIL("wait");
}

/* -- vfork against a kill of either side -- */

static void race_vfork(void)
{
	int *ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned delay = random_below(60000);
	pid_t parent = fork();

	if (parent == 0) {
		*(volatile int *)ready = 1;
		for (;;) {
			pid_t child = vfork();
			if (child == 0) {
				spin(2000);
				execl(self, self, "exit", "3", NULL);
				_exit(1);
			}
			waitpid(child, NULL, 0);
		}
	}
	while (!*(volatile int *)ready)
		sched_yield();
	spin(delay);
	kill(parent, SIGKILL);
	expect(parent, SIGKILL, "vfork");
	while (wait(NULL) > 0)
		;
	munmap(ready, 4096);
}

/* -- stop and continue against exit and wait -- */

static void race_stop(void)
{
	unsigned delay = random_below(20000);
	pid_t child = fork();
	int status;

	if (child == 0) {
		spin(delay);
		_exit(4);
	}
	for (int i = 0; i < 10; i++) {
		kill(child, SIGSTOP);
		spin(random_below(3000));
		kill(child, SIGCONT);
	}
	do {
		if (waitpid(child, &status, WUNTRACED | WCONTINUED) != child) {
			FAIL("waitpid");
			return;
		}
	} while (WIFSTOPPED(status) || WIFCONTINUED(status));
	if (status != 4 << 8)
		FAIL("status %#x", status);
}

static void (*const races[])(void) = {race_wait, race_exec, race_exit_group, race_kill,
	race_group_kill, race_orphans, race_vfork, race_stop};
#define RACES (sizeof(races) / sizeof(races[0]))

int main(int argc, char **argv)
{
	struct timespec begin, now;
	unsigned long rounds = 0;

	self = argv[0];
	if (argc > 2 && !strcmp(argv[1], "exit"))
		return atoi(argv[2]);
	if (argc < 3)
		return 2;
	seed = strtoul(argv[1], NULL, 0) * 2654435761UL + 1;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		unsigned race = argc > 3 ? (unsigned)atoi(argv[3]) : random_below(RACES);
		races[race % RACES]();
		rounds++;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec - begin.tv_sec < atoi(argv[2]) && failures < 10);
	printf("proc_storm seed %s: %s %lu rounds\n", argv[1], failures ? "FAILED" : "ok", rounds);
	return failures != 0;
}
