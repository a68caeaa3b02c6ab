/*
 * failing_seeds [-r] [-l] [-k KINDS] FIRST LAST PROB SECONDS PROGRAM [ARG...]: runs the program once for each seed, with one allocation or request in PROB
 * failing, in a folder that is emptied afterwards. However the program ends: when it has, and its children have, all memory must be back, and it must end within the time.
 * KINDS are what fail= takes, "all" if nothing is said. Ends with status 1 if something was not so. With -r all files are read first: a program that fails here and there reads other files each
 * time, whose pages stay. With -l a program that is not over in time is ended, and no failure: a shell whose wait4(2) could not store the
 * status waits for ever for the child that it does not know to be gone, on Linux, too. docs/fault-injection.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "/seeds"
#define SETTLES_MS 2000
/* What stays from a first time, in the whole system, is there after so many. */
#define FIRST_TIMES 3

static int fail_fd, memory_fd;
static int wrong, killed, failures, late_count;
static int may_be_late;
static const char *kinds = "all";

/* With copies among the kinds the write itself may be what fails. */
static ssize_t write_all(int fd, const char *text)
{
	ssize_t n;

	do
		n = pwrite(fd, text, strlen(text), 0);
	while (n < 0 && errno == EFAULT);
	return n;
}

static void configure(const char *text)
{
	if (write_all(fail_fd, text) != (ssize_t)strlen(text)) {
		printf("FAIL /proc/airlock-fail does not take '%s'\n", text);
		exit(2);
	}
}

/* To the kernel's search for leaks. */
static void tell(const char *word)
{
	if (write_all(memory_fd, word) < 0)
		printf("FAIL /proc/airlock-memory does not take '%s'\n", word);
}

static void read_all(int fd, char *to, size_t size)
{
	ssize_t n = pread(fd, to, size - 1, 0);

	to[n > 0 ? n : 0] = '\0';
}

static void on_alarm(int number)
{
	(void)number;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	return place->level ? remove(path) : 0;
}

/* Ends what is left of it, and takes down how it ended. */
static int await(pid_t pid, unsigned long seed, int seconds)
{
	int status = 0;

	alarm((unsigned)seconds);
	int late = waitpid(pid, &status, 0) < 0 && errno == EINTR;
	alarm(0);
	configure("all");
	late_count += late;
	if (late && !may_be_late) {
		printf("FAIL seed %lu is not over after %d seconds\n", seed, seconds);
		wrong++;
	}
	/* Everything that it started is in its group, or an orphan of ours. */
	kill(-pid, SIGKILL);
	if (late)
		waitpid(pid, &status, 0);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	nftw(FOLDER, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return status;
}

static int run(unsigned long seed, const char *prob, int seconds, char **argv)
{
	char text[96];
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		snprintf(text, sizeof(text), "%s,prob:%s,seed:%lu", kinds, prob, seed);
		if (chdir(FOLDER))
			_exit(126);
		configure(text);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0) {
		printf("FAIL fork: %s\n", strerror(errno));
		exit(2);
	}
	return await(pid, seed, seconds);
}

/* The same, but for a line that differs and need not count: each CPU keeps the last address space that it had. */
static int agrees(const char *before, const char *after)
{
	static const char spaces[] = "slab:mm ";
	const char *a = strstr(before, spaces), *b = strstr(after, spaces);

	if (!a || !b || a - before != b - after || strncmp(before, after, (size_t)(a - before)))
		return 0;
	long more = atol(b + sizeof(spaces) - 1) - atol(a + sizeof(spaces) - 1);
	return labs(more) <= sysconf(_SC_NPROCESSORS_ONLN) &&
	       !strcmp(strchr(a, '\n'), strchr(b, '\n'));
}

/* Whether what is in use is what it was; in `text` what it is. */
static int settles(const char *before, char *text, size_t size)
{
	for (int i = 0; i < SETTLES_MS; i++) {
		read_all(memory_fd, text, size);
		if (agrees(before, text))
			return 1;
		usleep(1000);
	}
	return 0;
}

static void judge(unsigned long seed, const char *before, const char *after)
{
	printf("FAIL seed %lu leaves something:\n", seed);
	while (*before && *after) {
		size_t n = strcspn(before, "\n"), m = strcspn(after, "\n");

		if (n != m || strncmp(before, after, n))
			printf("  before '%.*s', after '%.*s'\n", (int)n, before, (int)m, after);
		before += n + (before[n] == '\n');
		after += m + (after[m] == '\n');
	}
	/* The log has who allocated it. */
	tell("report");
	wrong++;
}

/* A run that takes another way than those before it reads files for the first time, whose pages stay: so what it leaves counts only
 * if it does so each time. */
static void try_seed(unsigned long seed, const char *prob, int seconds, char **argv)
{
	static char before[8192], after[8192];

	for (int i = 0; i < FIRST_TIMES; i++) {
		read_all(memory_fd, before, sizeof(before));
		tell("mark");
		int status = run(seed, prob, seconds, argv);

		killed += WIFSIGNALED(status);
		failures += WIFEXITED(status) && WEXITSTATUS(status) != 0;
		if (settles(before, after, sizeof(after)))
			return;
	}
	judge(seed, before, after);
}

/* A byte of each page. */
static int read_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
	char byte;

	(void)place;
	int fd = type == FTW_F && S_ISREG(st->st_mode) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return 0;
	for (off_t at = 0; at < st->st_size; at += 4096)
		if (pread(fd, &byte, 1, at) != 1)
			break;
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	static char figures[128];
	struct sigaction a = {.sa_handler = on_alarm};
	int reads = 0, option;

	while ((option = getopt(argc, argv, "+rlk:")) != -1) {
		reads |= option == 'r';
		may_be_late |= option == 'l';
		if (option == 'k')
			kinds = optarg;
	}
	argc -= optind - 1;
	argv += optind - 1;

	if (argc < 6)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	fail_fd = open("/proc/airlock-fail", O_RDWR | O_CLOEXEC);
	memory_fd = open("/proc/airlock-memory", O_RDWR | O_CLOEXEC);
	if (fail_fd < 0 || memory_fd < 0) {
		printf("FAIL this kernel makes nothing fail\n");
		return 2;
	}
	mkdir(FOLDER, 0777);
	/* Our own pages are all there from now on. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	sigaction(SIGALRM, &a, NULL);
	/* What a signal needs is kept for the next. */
	raise(SIGALRM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (reads)
		nftw("/", read_one, 8, FTW_PHYS | FTW_MOUNT);
	unsigned long first = strtoul(argv[1], NULL, 10), last = strtoul(argv[2], NULL, 10);
	/* Nothing fails in these: their seeds are beside the point. */
	for (int i = 0; i < FIRST_TIMES; i++)
		run(0, "1000000000", 10 * atoi(argv[4]), argv + 5);
	for (unsigned long seed = first; seed <= last; seed++)
		try_seed(seed, argv[3], atoi(argv[4]), argv + 5);
	read_all(fail_fd, figures, sizeof(figures));
	printf("%lu seeds: %d ended by a signal, %d with another status than 0, %d not in time; %s sites; %d wrong\n",
		last - first + 1, killed, failures, late_count,
		strtok(strstr(figures, "failed"), "\n"), wrong);
	return wrong != 0;
}
