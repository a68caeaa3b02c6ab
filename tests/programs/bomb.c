/*
 * As many processes or threads as there can be, and then what is left of the machine.
 *
 *     bomb fork|thread N     makes N, or until it is refused, says how many and how many a
 *                            user may have, ends them all, ROUNDS times: each round must come
 *                            as far as the first
 *     bomb bomb SECONDS      processes that all do nothing but fork; ends them and says so
 */
// flags: -pthread
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 3

static const char *name_of(int error)
{
	return error == EAGAIN	 ? "EAGAIN"
	       : error == ENOMEM ? "ENOMEM"
	       : error		 ? strerror(error)
				 : "all";
}

static void report(int made, const char *what, int error)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NPROC, &limit);
	printf("%d %s, then %s; limit %lu\n", made, what, name_of(error),
		(unsigned long)limit.rlim_cur);
	fflush(stdout);
}

static int fork_many(int wanted, int *error)
{
	int made = 0;

	*error = 0;
	while (made < wanted) {
		pid_t child = fork();
		if (child == 0) {
			for (;;)
				pause();
		}
		if (child < 0) {
			*error = errno;
			break;
		}
		made++;
	}
	return made;
}

static void fork_round(int wanted)
{
	int error, reaped = 0, wrong = 0, status;

	signal(SIGTERM, SIG_IGN);
	int made = fork_many(wanted, &error);
	/* The machine still answers. */
	report(made, "processes", error);
	kill(-1, SIGKILL);
	while (wait(&status) > 0) {
		reaped++;
		wrong += status != SIGKILL;
	}
	if (reaped != made || wrong)
		printf("FAILED: %d reaped, %d otherwise\n", reaped, wrong);
}

static volatile int go;

static void *sleeper(void *arg)
{
	while (!go)
		usleep(100000);
	return arg;
}

static void thread_round(int wanted)
{
	pthread_t *t = calloc((size_t)wanted, sizeof(*t));
	pthread_attr_t attr;
	int made = 0, error = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	go = 0;
	while (made < wanted && !error) {
		error = pthread_create(&t[made], &attr, sleeper, NULL);
		made += !error;
	}
	report(made, "threads", error);
	go = 1;
	for (int i = 0; i < made; i++)
		pthread_join(t[i], NULL);
	free(t);
}

/* Each child forks on; the group is ended from outside of it. */
static void bomb(unsigned seconds)
{
	pid_t leader = fork();

	if (leader == 0) {
		setpgid(0, 0);
		signal(SIGCHLD, SIG_IGN);
		for (;;)
			fork();
	}
	setpgid(leader, leader);
	sleep(seconds);
	kill(-leader, SIGKILL);
	while (waitpid(leader, NULL, 0) == 0)
		;
	while (wait(NULL) > 0)
		;
	printf("bomb: over, %s\n", kill(-leader, 0) < 0 && errno == ESRCH ? "ok" : "FAILED");
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "bomb")) {
		bomb((unsigned)atoi(argv[2]));
		return 0;
	}
	for (int i = 0; i < ROUNDS; i++)
		!strcmp(argv[1], "fork") ? fork_round(atoi(argv[2])) : thread_round(atoi(argv[2]));
	return 0;
}
