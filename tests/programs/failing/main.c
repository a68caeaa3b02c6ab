/*
 * failing [-c] [-v] [PATTERN...]: drives the ways whose names match (all) and says how many sites failed; status 1 if something was not as
 * it should be. Sites are allocations and requests to devices; with -c, copies from and to the program's memory, which are to be EFAULT.
 *
 * Each way has a process of its own. It makes the call once, so that what is made for a first time (pages, tables, buffers that
 * stay) is there; then with its first site failing, its second, and so on, until the call succeeds with a site to spare. A failed call
 * must give an error that Linux gives, give back all objects at once, and leave the process as it was. When the process has ended, all
 * memory must be back.
 *
 * Every call of the kernel's table must have a way.
 */
#include "drive.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is made for the first time in the whole system looks like a leak once. */
#define ROUNDS 3
/* What follows execve(2) has sites of its own, so success at one proves nothing yet. */
#define EXEC_SUCCESSES 8

extern const struct way __start_ways[], __stop_ways[];

char buffer[2 * BUFFER_SIZE];

struct figures *figures;
int verbose, copies;
const struct way *current;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	return place->level ? remove(path) : 0;
}

/* What the processes of a way have left. */
static void clean(const char *folder)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* How the process of a way ended, and the site at which the next one goes on; 0: all is done. */
static unsigned judge_end(const struct way *w, int status, unsigned *successes)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXEC_DONE && w->replaces)
		return ++*successes < EXEC_SUCCESSES ? figures->at + 1 : 0;
	*successes = 0;
	if ((w->replaces || (copies && w->ends_by_copy)) && WIFSIGNALED(status) &&
		WTERMSIG(status) == SIGSEGV && !figures->reached) {
		figures->killed++;
		figures->sites++;
		return figures->at + 1;
	}
	if (WIFSIGNALED(status)) {
		printf("FAIL %s: site %u: ended by signal %d\n", w->name, figures->at,
			WTERMSIG(status));
		figures->wrong++;
	}
	return 0;
}

static void drive_way(const struct way *w)
{
	unsigned site = 1, successes = 0;

	while (site) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			drive_process(w, site);
		waitpid(pid, &status, 0);
		/* Its children are ours now; all that are left are about to end. */
		while (waitpid(-1, NULL, 0) > 0)
			;
		site = judge_end(w, status, &successes);
	}
	clean(FOLDER);
}

static void drive(const struct way *w)
{
	struct figures before = *figures;
	const char *what = NULL;

	current = w;
	figures->ways++;
	for (int round = 0; round < ROUNDS; round++) {
		struct usage *usage = usage_take();
		unsigned long wrong = figures->wrong;

		drive_way(w);
		what = figures->wrong == wrong
			       ? usage_settles(usage, 1,
					 round < ROUNDS - 1 ? SETTLES_MS / 20 : SETTLES_MS)
			       : NULL;
		free(usage);
		if (!what)
			break;
		if (verbose)
			printf("    %s: in use afterwards, round %d:%s\n", w->name, round, what);
		fflush(stdout);
	}
	if (what) {
		printf("FAIL %s: leaked:%s\n", w->name, what);
		figures->wrong++;
	}
	if (verbose)
		printf("%s: %lu sites, %lu errors, %lu kills\n", w->name,
			figures->sites - before.sites, figures->errors - before.errors,
			figures->killed - before.killed);
	current = NULL;
	fflush(stdout);
}

/* -- the kernel's table -- */

static const struct {
	unsigned number;
	const char *name;
} calls[] = {
#define CALL(call) {__NR_##call, #call},
#define NONE(call)
#include "sys/table.def"
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

static void check_table(void)
{
	for (size_t i = 0; i < CALLS; i++) {
		const struct way *w = __start_ways;

		while (w < __stop_ways && w->number != calls[i].number)
			w++;
		if (w < __stop_ways)
			continue;
		printf("FAIL %s: nothing drives it: tests/programs/failing\n", calls[i].name);
		figures->wrong++;
	}
}

/* What is taken down about a process must not change it. */
static void grow_heap(void)
{
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	void *volatile room = malloc(1 << 20);
	free(room);
}

/* The library's restartable sequence is written whenever a thread has been switched away: copies that come at any time. */
static void drive_copies(void)
{
	char *area = (char *)__builtin_thread_pointer() + __rseq_offset;
	int fd = open("/proc/airlock-fail", O_WRONLY);

	copies = 1;
	if (fd < 0 || write(fd, "copy", 4) != 4)
		complain("this kernel makes no copies fail");
	close(fd);
	if (__rseq_size)
		must(SYS_rseq, area, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}

static int is_wanted(const struct way *w, char *const *patterns)
{
	if (!*patterns)
		return 1;
	while (*patterns && fnmatch(*patterns, w->name, 0))
		patterns++;
	return *patterns != NULL;
}

int main(int argc, char **argv)
{
	int option, with_copies = 0;

	while ((option = getopt(argc, argv, "cv")) != -1) {
		with_copies |= option == 'c';
		verbose += option == 'v';
	}
	figures = mmap(
		NULL, sizeof(*figures), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(buffer, 1, sizeof(buffer));
	grow_heap();
	usage_init();
	visit_processors();
	if (with_copies)
		drive_copies();
	must(SYS_mkdir, FOLDER, 0777);
	check_table();
	for (const struct way *w = __start_ways; w < __stop_ways; w++)
		if (is_wanted(w, argv + optind))
			drive(w);
	printf("%zu calls, %lu ways, %lu sites failed: %lu errors, %lu kills, %lu tolerated; %lu wrong\n",
		CALLS, figures->ways, figures->sites, figures->errors, figures->killed,
		figures->tolerated, figures->wrong);
	return figures->wrong != 0;
}
