// summary: arguments other than pointers that are wrong, and which error comes first
//
// Seen to fail: with the test of the bits of prot left out of mprotect (kernel/sys/mem.c).
#include "abi.h"
#include <asm/prctl.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#define CALL(name, ...)                                              \
	do {                                                         \
		errno = 0;                                           \
		long call_result = syscall(SYS_##name, __VA_ARGS__); \
		printf(#name "(" #__VA_ARGS__ "): %s\n",             \
			call_result < 0 ? error_name(errno) : "ok"); \
	} while (0)
#define VALUE(name, ...) \
	printf(#name "(" #__VA_ARGS__ ") = %ld\n", syscall(SYS_##name, __VA_ARGS__))

static char page[8192] __attribute__((aligned(4096)));
static char *bad = (char *)1;

static void descriptors(int fd, int dir, int path)
{
	CALL(close, -1);
	CALL(close, 1000);
	CALL(close, 1UL << 32 | 1000);
	CALL(dup, 1000);
	CALL(dup2, 1000, 1000);
	CALL(dup2, fd, fd);
	CALL(dup2, fd, -1);
	CALL(dup2, fd, 1 << 20);
	CALL(dup2, 1000, -1);
	CALL(dup3, fd, fd, 0);
	CALL(dup3, fd, 50, 1);
	CALL(dup3, 1000, 50, 0);
	CALL(dup3, fd, 50, O_CLOEXEC);
	VALUE(fcntl, 50, F_GETFD);
	CALL(fcntl, 1000, F_GETFD);
	CALL(fcntl, fd, 12345);
	CALL(fcntl, fd, F_DUPFD, 1 << 20);
	CALL(fcntl, fd, F_DUPFD, -1);
	CALL(fcntl, path, F_SETFL, 0);
	CALL(fcntl, path, F_GETFD);
	CALL(fcntl, fd, F_SETFD, 0xffff);
	VALUE(fcntl, fd, F_GETFD);
	CALL(fcntl, fd, F_SETFD, 2);
	VALUE(fcntl, fd, F_GETFD);
	VALUE(fcntl, fd, F_GETFL);
	CALL(fcntl, fd, F_SETFL, O_APPEND | O_NONBLOCK | O_WRONLY | O_CREAT);
	VALUE(fcntl, fd, F_GETFL);
	CALL(fcntl, fd, F_SETFL, 0);
	CALL(ioctl, fd, TCGETS, page);
	CALL(ioctl, fd, TIOCGWINSZ, page);
	CALL(ioctl, 1000, TCGETS, page);
	CALL(ioctl, fd, FIOCLEX, 0);
	VALUE(fcntl, fd, F_GETFD);
	CALL(ioctl, fd, FIONCLEX, 0);
	CALL(ioctl, fd, FIONBIO, bad);
	CALL(ioctl, path, FIOCLEX, 0);
	CALL(ioctl, fd, 0xdeadbeef, 0);
	CALL(close_range, 5, 4, 0);
	CALL(close_range, 500, 600, 0xff);
	CALL(close_range, 500, 600, 0);
	CALL(close_range, 500, ~0U, 0);
	CALL(getdents64, fd, page, 100);
	CALL(getdents64, dir, page, 1);
	CALL(getdents64, dir, page, 0);
	CALL(getdents64, 1000, page, 100);
	CALL(getdents64, path, page, 100);
	CALL(fchdir, fd);
	CALL(fchdir, 1000);
	CALL(fchdir, path);
}

static void moving(int fd, int dir, int path, int write_only)
{
	CALL(read, dir, page, 10);
	CALL(read, dir, bad, 10);
	CALL(read, dir, page, 0);
	CALL(read, path, page, 0);
	CALL(read, fd, page, 0);
	CALL(read, fd, bad, 0);
	CALL(read, fd, page, -1L);
	CALL(read, fd, page, 1UL << 63);
	CALL(read, fd, 0xffff800000000000, 0);
	CALL(write, fd, page, 1);
	CALL(write, fd, bad, 1);
	CALL(write, 1000, bad, 1);
	CALL(read, write_only, page, 1);
	CALL(read, write_only, bad, 1);
	CALL(pread64, fd, page, 1, -1L);
	CALL(pread64, 1000, page, 1, -1L);
	CALL(pread64, fd, page, 1, 1L << 62);
	CALL(pread64, dir, page, 1, 0);
	CALL(pwrite64, fd, page, 1, -1L);
	CALL(pwrite64, fd, page, 1, 0);
	CALL(readv, fd, page, 0);
	CALL(readv, fd, page, 1025);
	CALL(readv, fd, page, -1);
	CALL(readv, 1000, bad, 1025);
	CALL(readv, write_only, bad, 1);
	CALL(readv, fd, bad, 1);
	CALL(readv, dir, page, 1);
	CALL(preadv, fd, page, 0, -1L, 0);
	CALL(preadv2, fd, page, 1, -1L, -1L, 0x1000);
	*(void **)page = page + 100;
	((size_t *)page)[1] = 1;
	CALL(preadv2, fd, page, 1, -1L, -1L, 0x1000);
	CALL(preadv2, fd, page, 1, 0, 0, RWF_NOWAIT);
	CALL(preadv2, fd, page, 1, 0, 0, RWF_HIPRI);
	CALL(preadv2, 1000, page, 1, 0, 0, 0x1000);
	memset(page, 0, sizeof(page));
	CALL(preadv2, fd, page, 1, -2L, -1L, 0);
	CALL(pwritev, fd, page, 1, 0, 0);
	CALL(lseek, fd, 0, 5);
	CALL(lseek, fd, 0, -1);
	CALL(lseek, fd, -1, SEEK_SET);
	CALL(lseek, fd, LONG_MAX, SEEK_END);
	CALL(lseek, fd, LONG_MIN, SEEK_CUR);
	CALL(lseek, 1000, 0, 5);
	CALL(lseek, path, 0, SEEK_SET);
	CALL(lseek, dir, 0, 99);
	CALL(sendfile, fd, fd, NULL, 10);
	CALL(sendfile, write_only, fd, bad, 10);
	CALL(sendfile, 1000, fd, NULL, 10);
	CALL(sendfile, write_only, 1000, NULL, 10);
	CALL(sendfile, write_only, write_only, NULL, 10);
	VALUE(sendfile, write_only, fd, NULL, 0);
	*(long *)page = -1;
	CALL(sendfile, write_only, fd, page, 10);
	memset(page, 0, sizeof(page));
}

static void paths(int fd, int dir)
{
	static char longer[PATH_MAX + 10];
	memset(longer, 'a', PATH_MAX);
	CALL(open, "", O_RDONLY);
	CALL(open, longer, O_RDONLY);
	CALL(open, "/nowhere/at/all", O_RDONLY);
	CALL(open, "/", O_WRONLY);
	CALL(open, "/", O_RDWR);
	CALL(openat, 1000, "x", O_RDONLY);
	CALL(openat, 1000, "/", O_RDONLY);
	CALL(openat, 1000, "", O_RDONLY);
	CALL(openat, fd, "x", O_RDONLY);
	CALL(openat, dir, ".", O_RDONLY);
	CALL(openat, dir, "..", O_RDONLY | O_DIRECTORY);
	CALL(openat, -100, "/", 3);
	CALL(newfstatat, dir, "", page, 0);
	CALL(newfstatat, dir, "", page, AT_EMPTY_PATH);
	CALL(newfstatat, 1000, "", page, AT_EMPTY_PATH);
	CALL(newfstatat, AT_FDCWD, "", page, AT_EMPTY_PATH);
	CALL(newfstatat, dir, ".", page, 0x10);
	CALL(newfstatat, fd, ".", page, 0);
	CALL(statx, dir, ".", 0, 0x80000000, page);
	CALL(statx, dir, ".", 0x6000, STATX_ALL, page);
	CALL(statx, dir, ".", 0x10, STATX_ALL, page);
	CALL(statx, dir, "", AT_EMPTY_PATH, STATX_ALL, page);
	CALL(statx, dir, "", 0, STATX_ALL, page);
	CALL(access, "/", 8);
	CALL(access, "/", -1);
	CALL(access, "", 0);
	CALL(faccessat, 1000, "x", 0);
	CALL(faccessat2, dir, ".", R_OK, 0x10);
	CALL(faccessat2, dir, "", R_OK, AT_EMPTY_PATH);
	CALL(faccessat2, fd, "", W_OK, AT_EMPTY_PATH);
	CALL(faccessat2, 1000, "", R_OK, AT_EMPTY_PATH);
	CALL(faccessat2, dir, ".", R_OK, AT_EACCESS);
	CALL(readlink, "/", page, 100);
	CALL(readlink, "/", page, 0);
	CALL(readlink, "/", page, -1);
	CALL(readlink, "", page, 100);
	CALL(readlink, "/nowhere", page, 0);
	CALL(readlinkat, 1000, "x", page, 100);
	CALL(chdir, "");
	CALL(chdir, "/nowhere");
	CALL(chdir, "/");
	CALL(getcwd, page, 0);
	CALL(getcwd, page, 1);
	VALUE(getcwd, page, 2);
	CALL(getcwd, bad, 1);
	CALL(umask, 0777777);
	VALUE(umask, 022);
}

static void memory(int fd, int dir, int write_only)
{
	CALL(munmap, page + 1, 4096);
	CALL(munmap, page, 0);
	CALL(munmap, page, -1L);
	CALL(munmap, 1UL << 63, 4096);
	CALL(munmap, 0x10000, 4096);
	CALL(mprotect, page + 1, 4096, 0);
	CALL(mprotect, page, 0, 0x7777);
	CALL(mprotect, page, 4096, 0x10);
	CALL(mprotect, page, -1L, PROT_READ);
	CALL(mprotect, 0x10000, 4096, PROT_READ);
	CALL(mprotect, 0x10000, 0, PROT_READ);
	CALL(mprotect, page, 4096, PROT_GROWSDOWN | PROT_GROWSUP);
	CALL(mprotect, page, 4096, PROT_READ | PROT_WRITE | 8);
	CALL(mprotect, 1UL << 63, 4096, PROT_READ);
	CALL(madvise, page, 4096, 999);
	CALL(madvise, page, 4096, -1);
	CALL(madvise, page + 1, 4096, MADV_NORMAL);
	CALL(madvise, page, -1L, MADV_NORMAL);
	CALL(madvise, page, -8192L, MADV_NORMAL);
	CALL(madvise, page, 0, MADV_NORMAL);
	CALL(madvise, page, 4096, MADV_WILLNEED);
	CALL(madvise, 0x10000, 4096, MADV_NORMAL);
	CALL(madvise, 0x10000, 4096, MADV_DONTNEED);
	CALL(madvise, 0x10000, 4096, MADV_WILLNEED);
	CALL(madvise, 0x10000, 4096, MADV_POPULATE_READ);
	CALL(madvise, page, 4096, MADV_POPULATE_WRITE);
	CALL(mmap, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	CALL(mmap, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 1);
	CALL(mmap, 0, 4096, PROT_READ, MAP_PRIVATE, dir, 0);
	CALL(mmap, 0, 4096, PROT_READ, MAP_PRIVATE, 1000, 0);
	CALL(mmap, 0, 4096, PROT_READ, MAP_PRIVATE, write_only, 0);
	CALL(mmap, 0, 4096, PROT_READ, MAP_SHARED, fd, 0);
	CALL(mmap, 0, 4096, PROT_WRITE, MAP_SHARED, fd, 0);
	CALL(mmap, 0, 4096, PROT_READ, MAP_SHARED_VALIDATE, fd, 0);
	CALL(mmap, 0, 4096, PROT_READ, MAP_SHARED_VALIDATE | 0x8000000, fd, 0);
	CALL(mmap, 0, 4096, PROT_READ, MAP_SHARED_VALIDATE | 0x200000, fd, 0);
	CALL(mmap, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, -4096L);
	CALL(mmap, 0, 4096, PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0);
	CALL(mmap, 0, 0, PROT_READ, MAP_PRIVATE, 1000, 0);
	CALL(mmap, 0, 4096, PROT_READ, 0, fd, 0);
	CALL(mmap, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, fd, 0);
	CALL(mmap, 0, 8192, PROT_READ, MAP_PRIVATE, fd, 0x7ffffffffffff000);
	CALL(mmap, 0, 8192, PROT_READ, MAP_PRIVATE, fd, -4096L);
	CALL(mmap, 0, 4096, 0xffffff00, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CALL(mmap, -4096L, 4096, 0, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CALL(mmap, 0, 1UL << 46, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *shared = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
	CALL(mprotect, shared, 4096, PROT_READ | PROT_WRITE);
	CALL(mprotect, shared, 4096, PROT_NONE);
	CALL(arch_prctl, ARCH_SET_FS, 1UL << 63);
	CALL(arch_prctl, ARCH_SET_GS, 0x7ffffffff000);
	CALL(arch_prctl, ARCH_SET_GS, 0x7fffffffefff);
	CALL(arch_prctl, ARCH_SET_GS, -1L);
	CALL(arch_prctl, ARCH_SET_GS, 0);
	CALL(arch_prctl, 0x9999, 0);
	CALL(arch_prctl, ARCH_GET_CPUID, 0);
}

static void clocks(void)
{
	static struct timespec wrong[] = {{-1, 0}, {0, -1}, {0, 1000000000}, {0, 1}};
	static const int ids[] = {-1, 10, 12, 13, 16, 99, INT_MIN, INT_MAX};
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		printf("clock %d: ", ids[i]);
		CALL(clock_gettime, ids[i], page);
		CALL(clock_getres, ids[i], page);
		CALL(clock_nanosleep, ids[i], 0, &wrong[3], NULL);
	}
	for (int i = 0; i < 12; i++) {
		if (i == 8 || i == 9 || i == 10)
			continue;
		CALL(clock_gettime, i, page);
		CALL(clock_getres, i, NULL);
		if (i != 2)
			CALL(clock_nanosleep, i, 0, &wrong[3], NULL);
	}
	for (int i = 0; i < 3; i++) {
		CALL(nanosleep, &wrong[i], NULL);
		CALL(clock_nanosleep, CLOCK_MONOTONIC, 0, &wrong[i], NULL);
		CALL(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &wrong[i], NULL);
		CALL(ppoll, NULL, 0, &wrong[i], NULL, 0);
		CALL(pselect6, 0, NULL, NULL, NULL, &wrong[i], NULL);
		CALL(futex, page, FUTEX_WAIT, 0, &wrong[i], NULL, 0);
	}
	CALL(clock_nanosleep, CLOCK_MONOTONIC, 0xff00, &wrong[3], NULL);
	CALL(ppoll, NULL, 0, &wrong[3], page, 4);
	CALL(ppoll, NULL, 0, &wrong[3], NULL, 4);
	CALL(poll, NULL, 100000, 0);
	CALL(poll, NULL, -1, 0);
	CALL(select, -1, NULL, NULL, NULL, &wrong[3]);
	CALL(select, 1 << 30, NULL, NULL, NULL, &wrong[3]);
	page[100 / 8] |= 1 << 100 % 8;
	CALL(select, 101, page, NULL, NULL, &wrong[3]);
	CALL(select, 100, page, NULL, NULL, &wrong[3]);
	memset(page, 0, sizeof(page));
	CALL(futex, page + 1, FUTEX_WAKE, 1, NULL, NULL, 0);
	CALL(futex, page, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0);
	CALL(futex, page, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0);
	CALL(futex, page, FUTEX_WAIT_BITSET, 0, &wrong[3], NULL, 0);
	CALL(futex, page, FUTEX_WAIT, 1, NULL, NULL, 0);
	CALL(futex, page, 77, 1, NULL, NULL, 0);
	CALL(futex, 0xffff800000000000, FUTEX_WAKE, 1, NULL, NULL, 0);
	VALUE(futex, page, FUTEX_WAKE, 0, NULL, NULL, 0);
	VALUE(futex, page, FUTEX_WAKE, -1, NULL, NULL, 0);
}

static void signals(void)
{
	CALL(rt_sigaction, 0, NULL, page, 8);
	CALL(rt_sigaction, 65, NULL, page, 8);
	CALL(rt_sigaction, -1, NULL, page, 8);
	CALL(rt_sigaction, SIGKILL, NULL, page, 8);
	CALL(rt_sigaction, SIGKILL, page, NULL, 8);
	CALL(rt_sigaction, SIGSTOP, page, NULL, 8);
	CALL(rt_sigaction, SIGUSR1, page, NULL, 7);
	CALL(rt_sigaction, 64, page, page, 8);
	CALL(rt_sigaction, 0, bad, NULL, 8);
	CALL(rt_sigprocmask, 3, page, NULL, 8);
	CALL(rt_sigprocmask, 3, NULL, page, 8);
	CALL(rt_sigprocmask, 0, page, NULL, 9);
	CALL(rt_sigprocmask, 3, bad, NULL, 8);
	CALL(rt_sigpending, page, 9);
	CALL(rt_sigpending, page, 1);
	CALL(kill, getpid(), 65);
	CALL(kill, getpid(), -1);
	CALL(kill, getpid(), 0);
	CALL(kill, 99999999, 0);
	CALL(kill, INT_MIN, 0);
	CALL(kill, 0, 65);
	CALL(tgkill, 0, 1, 0);
	CALL(tgkill, -1, 1, 0);
	CALL(tgkill, getpid(), getpid(), 0);
	CALL(tgkill, getpid(), getpid(), 65);
	CALL(tgkill, 99999999, 99999999, 0);
	CALL(tkill, 0, 0);
	CALL(tkill, gettid(), 65);
	CALL(tkill, gettid(), 0);
	CALL(tkill, 99999999, 0);
	stack_t s = {.ss_sp = page, .ss_size = 100};
	CALL(sigaltstack, &s, NULL);
	s.ss_size = 8192;
	s.ss_flags = 8;
	CALL(sigaltstack, &s, NULL);
	s.ss_flags = SS_DISABLE | SS_ONSTACK;
	CALL(sigaltstack, &s, NULL);
	s.ss_flags = SS_ONSTACK;
	CALL(sigaltstack, &s, NULL);
	CALL(sigaltstack, NULL, &s);
	printf("%d %zu\n", s.ss_flags, s.ss_size);
	s.ss_flags = SS_DISABLE;
	CALL(sigaltstack, &s, NULL);
	CALL(sigaltstack, NULL, &s);
	printf("%d %zu\n", s.ss_flags, s.ss_size);
}

static void system_calls(void)
{
	CALL(getrandom, page, 10, 8);
	CALL(getrandom, page, 10, GRND_RANDOM | 4);
	CALL(getrandom, page, 0, 0);
	CALL(getrandom, bad, 0, 0);
	CALL(getrlimit, 16, page);
	CALL(getrlimit, -1, page);
	CALL(setrlimit, 16, page);
	CALL(prlimit64, 99999999, RLIMIT_CPU, NULL, page);
	CALL(prlimit64, 0, 16, NULL, page);
	CALL(prlimit64, -1, RLIMIT_CPU, NULL, page);
	struct rlimit r = {5, 4};
	CALL(setrlimit, RLIMIT_CPU, &r);
	r.rlim_max = r.rlim_cur = 1UL << 40;
	CALL(setrlimit, RLIMIT_NOFILE, &r);
	CALL(getrusage, 5, page);
	CALL(getrusage, RUSAGE_CHILDREN, page);
	CALL(getrusage, RUSAGE_THREAD, page);
	CALL(getpriority, 3, 0);
	CALL(getpriority, -1, 0);
	CALL(getpriority, PRIO_PROCESS, 99999999);
	VALUE(getpriority, PRIO_PROCESS, 0);
	CALL(setpriority, 3, 0, 0);
	CALL(setpriority, PRIO_PROCESS, 99999999, 0);
	CALL(setpriority, PRIO_PROCESS, 0, 100);
	VALUE(getpriority, PRIO_PROCESS, 0);
	CALL(sched_getaffinity, 0, 1, page);
	CALL(sched_getaffinity, 0, 12, page);
	CALL(sched_getaffinity, 99999999, 8, page);
	CALL(sched_getaffinity, -1, 8, page);
	memset(page, 0, sizeof(page));
	CALL(sched_setaffinity, 0, 8, page);
	CALL(sched_setaffinity, 0, 0, page);
	CALL(sched_setaffinity, 99999999, 8, page);
	CALL(prctl, 0, 0, 0, 0, 0);
	CALL(prctl, 9999, 0, 0, 0, 0);
	CALL(prctl, PR_SET_DUMPABLE, 3, 0, 0, 0);
	CALL(prctl, PR_SET_DUMPABLE, 2, 0, 0, 0);
	VALUE(prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
	CALL(prctl, PR_CAPBSET_READ, 99, 0, 0, 0);
	CALL(prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
	CALL(prctl, PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0);
	CALL(prctl, PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0);
	CALL(prctl, PR_SET_NAME, "a name that is far too long", 0, 0, 0);
	CALL(prctl, PR_GET_NAME, page, 0, 0, 0);
	puts(page);
	CALL(getgroups, -1, page);
	CALL(setgroups, -1, page);
	CALL(setuid, -1);
	CALL(setgid, -1);
	CALL(getpgid, 99999999);
	CALL(getsid, 99999999);
	CALL(getpgid, -1);
	CALL(setpgid, 0, -1);
	CALL(setpgid, 99999999, 0);
	CALL(set_robust_list, page, 23);
}

int main(int argc, char **argv)
{
	(void)argc;
	/* Whoever started the tests may have been nice. */
	setpriority(PRIO_PROCESS, 0, 0);
	int fd = open(argv[0], O_RDONLY);
	int dir = open("/", O_RDONLY | O_DIRECTORY);
	int path = open("/", O_PATH);
	int write_only = open("/dev/null", O_WRONLY);
	HOLDS(fd >= 0 && dir >= 0 && path >= 0 && write_only >= 0);
	descriptors(fd, dir, path);
	moving(fd, dir, path, write_only);
	paths(fd, dir);
	memory(fd, dir, write_only);
	clocks();
	signals();
	system_calls();
	return 0;
}
