/*
 * Limits that end in a refusal: processes of a user, descriptors, stack, CPU time.
 *
 * quick: most
 *
 * Seen to fail: with the comparison in join_user() left out, "processes"; with user_leave() left out
 * of process_exit_thread(), the second round.
 */
#include "proc.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>

static void *sleeper(void *arg)
{
	for (;;)
		pause();
	return arg;
}

/* Users that nobody else is, not even in another run of this test. */
static uid_t user, other_user;

/* As such a user: it has one process, and so many more. */
static void processes(void)
{
	for (int limit = 1; limit <= 6; limit++) {
		SHOW_CHILD({
			struct rlimit r = {(rlim_t)limit, (rlim_t)limit};
			setrlimit(RLIMIT_NPROC, &r);
			if (setresuid(user, user, user))
				_exit(9);
			int made = 0;
			pid_t children[10];
			while (made < 10) {
				children[made] = CHILD(sleeper(NULL));
				if (children[made] < 0)
					break;
				made++;
			}
			printf("limit %d: %d, then %s\n", limit, made, error_name(errno));
			pthread_t t;
			printf("thread: %d\n", pthread_create(&t, NULL, sleeper, NULL) == EAGAIN);
			if (made > 0) {
				kill(children[0], SIGKILL);
				waitpid(children[0], NULL, 0);
				children[0] = CHILD(sleeper(NULL));
				printf("one for one: %s\n",
					children[0] > 0 ? "ok" : error_name(errno));
			}
			for (int i = 0; i < made; i++) {
				kill(children[i], SIGKILL);
				waitpid(children[i], NULL, 0);
			}
		});
	}
	/* Root is not bound. */
	SHOW_CHILD({
		struct rlimit r = {1, 1};
		setrlimit(RLIMIT_NPROC, &r);
		SHOW_CHILD(_exit(1));
	});
}

/* setuid(2) does not fail, execve(2) does. */
static void exec_over_limit(char *self)
{
	SHOW_CHILD({
		struct rlimit r = {0, 0};
		char *argv[] = {self, "exit", NULL};
		setrlimit(RLIMIT_NPROC, &r);
		SHOW(setresuid(other_user, other_user, other_user));
		SHOW(execve(self, argv, NULL));
	});
	SHOW_CHILD({
		struct rlimit r = {1, 1};
		char *argv[] = {self, "exit", NULL};
		setrlimit(RLIMIT_NPROC, &r);
		SHOW(setresuid(other_user, other_user, other_user));
		SHOW(execve(self, argv, NULL));
	});
}

static void descriptors(void)
{
	SHOW_CHILD({
		struct rlimit r = {20, 100};
		SHOW(setrlimit(RLIMIT_NOFILE, &r));
		int fd = open("/dev/null", O_RDONLY);
		SHOW(dup2(fd, 19));
		SHOW(dup2(fd, 20));
		SHOW(dup2(fd, 100));
		SHOW(fcntl(fd, F_DUPFD, 19) < 0);
		SHOW(fcntl(fd, F_DUPFD, 20));
		while (dup(fd) >= 0)
			;
		printf("%s\n", error_name(errno));
		SHOW_CHILD({
			SHOW(dup(fd));
			r.rlim_cur = 21;
			SHOW(setrlimit(RLIMIT_NOFILE, &r));
			SHOW(dup(fd));
			SHOW(dup(fd));
		});
		/* The child's limit was the child's. */
		SHOW(dup(fd));
		/* A table that is larger than the limit stays. */
		r.rlim_cur = 3;
		setrlimit(RLIMIT_NOFILE, &r);
		SHOW(fcntl(19, F_GETFD));
		SHOW(dup(19));
		SHOW(close(19));
	});
}

static void cpu_time(void)
{
	SHOW_CHILD({
		struct rlimit r = {1, RLIM_INFINITY};
		setrlimit(RLIMIT_CPU, &r);
		for (;;)
			;
	});
	SHOW_CHILD({
		struct rlimit r = {1, 2};
		signal(SIGXCPU, SIG_IGN);
		setrlimit(RLIMIT_CPU, &r);
		for (;;)
			;
	});
	/* Inherited, but each counts its own. */
	SHOW_CHILD({
		struct rlimit r = {1, 1};
		setrlimit(RLIMIT_CPU, &r);
		SHOW_CHILD(for (;;););
		_exit(5);
	});
	SHOW_CHILD({
		struct rlimit r = {0, 1};
		setrlimit(RLIMIT_CPU, &r);
		for (;;)
			;
	});
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return 33;
	user = 100000 + 2 * (uid_t)getpid();
	other_user = user + 1;
	processes();
	exec_over_limit(argv[0]);
	descriptors();
	cpu_time();
	return 0;
}
