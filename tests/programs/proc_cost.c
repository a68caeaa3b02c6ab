/*
 * What processes and threads cost, in nanoseconds, which under --icount are instructions: one line
 * for each figure. For `airlock bench`.
 *
 *     proc_cost [ALIVE [threads]]      with so many other processes, or threads of one other, which sleep
 */
// flags: -pthread
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WARM 20
#define ROUNDS 200

static char *self;
static long self_id;

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static int fork_exit_wait(void)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid(child, &status, 0);
	return status;
}

static int vfork_exec_wait(void)
{
	int status = -1;
	pid_t child = vfork();

	if (child == 0) {
		execl(self, self, "exit", NULL);
		_exit(1);
	}
	if (child > 0)
		waitpid(child, &status, 0);
	return status;
}

static void *nothing(void *arg)
{
	return arg;
}

static int thread_create_join(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, nothing, NULL) || pthread_join(t, NULL);
}

static void handler(int number)
{
	(void)number;
}

static int signal_and_return(void)
{
	return syscall(SYS_tgkill, self_id, self_id, SIGUSR1) != 0;
}

static volatile int turn;

static void turn_wait(int not_yet)
{
	while (turn == not_yet)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, not_yet, NULL, NULL, 0);
}

static void turn_give(int to)
{
	turn = to;
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *partner(void *rounds)
{
	for (long i = 0; i < (long)rounds; i++) {
		turn_wait(0);
		turn_give(0);
	}
	return NULL;
}

static int futex_there_and_back(void)
{
	turn_give(1);
	turn_wait(1);
	return 0;
}

static int measure(const char *name, int (*fn)(void))
{
	int failed = 0;

	for (int i = 0; i < WARM; i++)
		failed |= fn();
	long begin = now();
	for (int i = 0; i < ROUNDS; i++)
		failed |= fn();
	printf("%s %ld\n", name, (now() - begin) / ROUNDS);
	fflush(stdout);
	return failed;
}

static int make_sleepers(int n)
{
	for (int i = 0; i < n; i++) {
		pid_t child = fork();
		if (child == 0)
			for (;;)
				pause();
		if (child < 0) {
			perror("fork");
			return 1;
		}
	}
	return 0;
}

static void *sleep_for_ever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void sleep_with_threads(int n, int ready)
{
	pthread_attr_t small;
	pthread_t t;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	for (int i = 0; i < n; i++) {
		errno = pthread_create(&t, &small, sleep_for_ever, NULL);
		if (errno) {
			perror("pthread_create");
			_exit(1);
		}
	}
	if (write(ready, "", 1) != 1)
		_exit(1);
	sleep_for_ever(NULL);
}

/* In a process of their own: fork copies what they have. */
static int make_sleeping_threads(int n)
{
	int ready[2];
	char c;

	if (pipe(ready))
		return 1;
	if (fork() == 0)
		sleep_with_threads(n, ready[1]);
	close(ready[1]);
	return read(ready[0], &c, 1) != 1;
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1 && !strcmp(argv[1], "exit"))
		return 0;
	int alive = argc > 1 ? atoi(argv[1]) : 0;
	if (argc > 2 ? make_sleeping_threads(alive) : make_sleepers(alive))
		return 1;
	int failed = 0;
	failed |= measure("fork", fork_exit_wait);
	failed |= measure("exec", vfork_exec_wait);
	failed |= measure("thread", thread_create_join);
	self_id = getpid();
	signal(SIGUSR1, handler);
	failed |= measure("signal", signal_and_return);
	/* So that neither takes the CPU from the other before it sleeps: two switches and four calls each time. */
	failed |= sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0});
	pthread_t other;
	failed |= pthread_create(&other, NULL, partner, (void *)(WARM + ROUNDS));
	failed |= measure("futex", futex_there_and_back);
	failed |= pthread_join(other, NULL);
	return failed != 0;
}
