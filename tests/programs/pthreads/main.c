/* Parts one after the other, and what they share. */
#include "pthreads.h"

#include <fcntl.h>
#include <sched.h>

extern const struct part __start_parts[], __stop_parts[];

static int round_factor = 10;
static atomic_int failures;

int rounds(int n)
{
	int r = n * round_factor / 10;

	return r > 0 ? r : 1;
}

void failed(const char *file, int line, const char *what)
{
	/* One line is enough for a storm. */
	if (atomic_fetch_add(&failures, 1) < 20)
		printf("FAILED %s:%d: %s\n", strrchr(file, '/') ? strrchr(file, '/') + 1 : file,
			line, what);
}

const char *result_name(int error)
{
	return error ? strerrorname_np(error) : "0";
}

pthread_t start(void *(*run)(void *), void *arg)
{
	pthread_t t;
	int err = pthread_create(&t, NULL, run, arg);

	if (err) {
		printf("pthread_create: %s\n", result_name(err));
		exit(1);
	}
	return t;
}

void *join(pthread_t t)
{
	void *result = NULL;

	check(pthread_join(t, &result) == 0);
	return result;
}

void crowd(int n, void *(*run)(void *))
{
	pthread_t t[n];

	for (int i = 0; i < n; i++)
		t[i] = start(run, (void *)(long)i);
	for (int i = 0; i < n; i++)
		join(t[i]);
}

void until_asleep(pid_t tid)
{
	char path[60], text[300];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	for (;;) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		if (n <= 0)
			return;
		text[n] = 0;
		const char *name_end = strrchr(text, ')');
		if (name_end && name_end[2] == 'S')
			return;
		sched_yield();
	}
}

void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return p;
}

void unshared(void *p, size_t size)
{
	check(munmap(p, size) == 0);
}

pid_t child(void (*run)(void *), void *arg)
{
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		run(arg);
		fflush(stdout);
		_exit(atomic_load(&failures) != 0);
	}
	check(pid > 0);
	return pid;
}

int reap(pid_t pid)
{
	int status = -1;

	check(waitpid(pid, &status, 0) == pid);
	return status;
}

struct timespec in_ms(clockid_t clock, int ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000L;
	if (t.tv_nsec < 0) {
		t.tv_sec--;
		t.tv_nsec += 1000000000L;
	} else if (t.tv_nsec >= 1000000000L) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000L;
	}
	return t;
}

long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool wanted(const struct part *p, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], p->name) == 0)
			return true;
	return argc == 0;
}

int main(int argc, char **argv)
{
	int at = 1;

	if (argc > 1 && strcmp(argv[1], "nothing") == 0)
		return 7;
	if (argc > 2 && strcmp(argv[1], "-r") == 0) {
		round_factor = atoi(argv[2]);
		at = 3;
	}
	for (const struct part *p = __start_parts; p < __stop_parts; p++) {
		if (!wanted(p, argc - at, argv + at))
			continue;
		printf("%s\n", p->name);
		p->run();
		fflush(stdout);
	}
	printf("%d failures\n", atomic_load(&failures));
	return atomic_load(&failures) != 0;
}
