// summary: every pointer argument of every call that one process can make, wrong in nine ways
//
// Each line: the call, which argument was wrong and how, and what came of it. The others are right.
//
// Seen to fail: with the check of the vectors' ranges taken out (kernel/sys/args.c).
#include "pointers.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

static int fd, directory;

/* Where the file stands must not depend on what was tried. */
static void go_back(void)
{
	lseek(fd, 0, SEEK_SET);
	lseek(directory, 0, SEEK_SET);
}

static void path_0(void)
{
	strcpy((char *)pages[0], "/");
}

static void path_1(void)
{
	strcpy((char *)pages[1], "/");
}

static void vector(void)
{
	struct iovec *v = (struct iovec *)pages[1];
	v[0] = (struct iovec){pages[5], 3};
	v[1] = (struct iovec){pages[5] + 100, 4};
}

static void no_wait_0(void)
{
	struct timespec t = {0, 1};
	memcpy(pages[0], &t, sizeof(t));
}

static void no_wait_2(void)
{
	struct timespec t = {0, 1};
	memcpy(pages[2], &t, sizeof(t));
}

static void no_wait_3(void)
{
	struct timespec t = {0, 1};
	memcpy(pages[3], &t, sizeof(t));
}

static void no_wait_4(void)
{
	struct timespec t = {0, 1};
	memcpy(pages[4], &t, sizeof(t));
}

static void rlimit_2(void)
{
	struct rlimit r = {RLIM_INFINITY, RLIM_INFINITY};
	memcpy(pages[2], &r, sizeof(r));
}

static void name_1(void)
{
	strcpy((char *)pages[1], "a name");
}

static void cpu_2(void)
{
	pages[2][0] = 1;
}

static void files(void)
{
	TRY(read, NULL, fd, P(1), 100);
	TRY(write, NULL, 1, P(1), 0);
	TRY(write, NULL, fd, P(1), 10);
	TRY(pread64, NULL, fd, P(1), 100, 3);
	TRY(readv, vector, fd, P(1), 2);
	TRY(preadv, vector, fd, P(1), 2, 5);
	TRY(preadv2, vector, fd, P(1), 2, 5, 0, 0);
	TRY(open, path_0, P(0), O_RDONLY);
	TRY(openat, path_1, AT_FDCWD, P(1), O_RDONLY);
	TRY(stat, path_0, P(0), P(1));
	TRY(lstat, path_0, P(0), P(1));
	TRY(fstat, NULL, fd, P(1));
	TRY(newfstatat, path_1, AT_FDCWD, P(1), P(2), 0);
	TRY(statx, path_1, AT_FDCWD, P(1), 0, STATX_BASIC_STATS, P(4));
	TRY(access, path_0, P(0), R_OK);
	TRY(faccessat, path_1, AT_FDCWD, P(1), R_OK);
	TRY(faccessat2, path_1, AT_FDCWD, P(1), R_OK, 0);
	TRY(readlink, path_0, P(0), P(1), 10);
	TRY(readlinkat, path_1, AT_FDCWD, P(1), P(2), 10);
	TRY(chdir, path_0, P(0));
	TRY(getcwd, NULL, P(0), 100);
	TRY(getdents64, NULL, directory, P(1), 4096);
	TRY(sendfile, NULL, fd, fd, P(2), 10);
}

static void memory(void)
{
	TRY(arch_prctl, NULL, 0x1003, P(1));
	TRY(arch_prctl, NULL, 0x1004, P(1));
	TRY(set_robust_list, NULL, P(0), 24);
	TRY(getrandom, NULL, P(0), 16, 0);
	TRY(futex, NULL, P(0), FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, 0, 0, 0);
	TRY(futex, no_wait_3, P(0), FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, T(3), 0, 0);
	TRY(futex, no_wait_3, P(0), FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, T(3), 0, 1);
}

static void identity(void)
{
	TRY(uname, NULL, P(0));
	TRY(sysinfo, NULL, P(0));
	TRY(getgroups, NULL, 0, P(1));
	TRY(getresuid, NULL, P(0), P(1), P(2));
	TRY(getresgid, NULL, P(0), P(1), P(2));
	TRY(getrlimit, NULL, RLIMIT_CPU, P(1));
	TRY(prlimit64, rlimit_2, 0, RLIMIT_RTTIME, P(2), 0);
	TRY(prlimit64, NULL, 0, RLIMIT_RTTIME, 0, P(3));
	TRY(getrusage, NULL, RUSAGE_SELF, P(1));
	TRY(times, NULL, P(0));
	TRY(getcpu, NULL, P(0), P(1), 0);
	TRY(sched_getaffinity, NULL, 0, 128, P(2));
	TRY(sched_setaffinity, cpu_2, 0, 8, P(2));
	TRY(prctl, name_1, PR_SET_NAME, P(1));
	TRY(prctl, NULL, PR_GET_NAME, P(1));
	TRY(prctl, NULL, PR_GET_TID_ADDRESS, P(1));
}

static void clocks(void)
{
	TRY(clock_gettime, NULL, CLOCK_MONOTONIC, P(1));
	TRY(clock_getres, NULL, CLOCK_MONOTONIC, P(1));
	TRY(gettimeofday, NULL, P(0), P(1));
	TRY(time, NULL, P(0));
	TRY(nanosleep, no_wait_0, P(0), P(1));
	TRY(clock_nanosleep, no_wait_2, CLOCK_MONOTONIC, 0, P(2), P(3));
	TRY(poll, NULL, P(0), 2, 0);
	TRY(ppoll, no_wait_2, P(0), 2, T(2), P(3), 8);
	TRY(select, no_wait_4, 0, 0, 0, 0, T(4));
	TRY(select, no_wait_4, 64, P(1), P(2), P(3), T(4));
	TRY(pselect6, no_wait_4, 64, P(1), P(2), P(3), T(4), P(5));
}

static void signals(void)
{
	TRY(rt_sigaction, NULL, SIGUSR1, P(1), P(2), 8);
	TRY(rt_sigprocmask, NULL, SIG_BLOCK, P(1), P(2), 8);
	TRY(rt_sigpending, NULL, P(0), 8);
	TRY(sigaltstack, NULL, 0, P(1));
}

/* A vector whose second range is wrong: what comes before it is moved. */
static void ranges(void)
{
	for (size_t b = 0; b < sizeof(bad) / sizeof(bad[0]); b++) {
		struct iovec v[3] = {{pages[0], 3}, {(void *)bad[b].address, 4}, {pages[1], 5}};
		printf("second range %s: ", bad[b].name);
		SHOW(readv(fd, v, 3));
		lseek(fd, 0, SEEK_SET);
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	pointers_begin();
	pointers_after = go_back;
	fd = open(argv[0], O_RDONLY);
	directory = open("/", O_RDONLY | O_DIRECTORY);
	HOLDS(fd >= 0 && directory >= 0);
	files();
	memory();
	identity();
	clocks();
	signals();
	ranges();
	return 0;
}
