// summary: large areas with huge pages: whatever is done to a part of one, the rest stays as it was
// flags: -pthread
//
// Seen to fail: with the large pages that a range has a part of not cut (the neighbours go, too); with a shared one made writable
// though the child still has its frames; with PROT_NONE given to all of one.
#include "mmabi.h"

#include <linux/futex.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define MIB (1UL << 20)
#define HUGE (2 * MIB)
#define HUGE_PAGES (HUGE / PAGE)

static long faults(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_minflt;
}

/* An aligned area of n huge pages, in the middle of a larger one that stays empty, so that it has no neighbours. */
static char *huge_area(int n)
{
	char *p = mmap(NULL, (n + 2) * HUGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	char *q = (char *)(((uintptr_t)p + HUGE - 1) & ~(HUGE - 1)) + 0;

	if (p == MAP_FAILED || mprotect(q, n * HUGE, RW) || madvise(q, n * HUGE, MADV_HUGEPAGE))
		exit(2);
	return q;
}

static void fill(char *p, size_t pages, unsigned seed)
{
	for (size_t i = 0; i < pages; i++)
		*(unsigned *)(p + i * PAGE) = seed + i;
}

/* Pages of [from, to) that have what fill() gave them. */
static size_t good(const char *p, size_t from, size_t to, unsigned seed)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += *(const unsigned *)(p + i * PAGE) == seed + i &&
		     *(const unsigned *)(p + i * PAGE + PAGE - 4) == 0;
	return n;
}

static sigjmp_buf again;

static void caught(int number)
{
	(void)number;
	siglongjmp(again, 1);
}

static int readable(const char *p)
{
	if (sigsetjmp(again, 1))
		return 0;
	(void)*(const volatile char *)p;
	return 1;
}

static int writable(char *p)
{
	if (sigsetjmp(again, 1))
		return 0;
	*(volatile char *)p += 0;
	return 1;
}

static void unmapping(void)
{
	char *p = huge_area(3);

	fill(p, 3 * HUGE_PAGES, 1);
	SHOW(munmap(p + 5 * PAGE, PAGE));
	HOLDS(!readable(p + 5 * PAGE) && good(p, 0, 5, 1) == 5 &&
		good(p, 6, 3 * HUGE_PAGES, 1) == 3 * HUGE_PAGES - 6);
	SHOW(munmap(p + HUGE - 4 * PAGE, HUGE + 8 * PAGE));
	HOLDS(good(p, 6, HUGE_PAGES - 4, 1) == HUGE_PAGES - 10);
	HOLDS(!readable(p + HUGE) && !readable(p + 2 * HUGE + 3 * PAGE));
	HOLDS(good(p, 2 * HUGE_PAGES + 4, 3 * HUGE_PAGES, 1) == HUGE_PAGES - 4);
	munmap(p, 3 * HUGE);
}

static void protecting(void)
{
	char *p = huge_area(2);

	fill(p, 2 * HUGE_PAGES, 7);
	SHOW(mprotect(p, HUGE, PROT_READ));
	HOLDS(readable(p + 9 * PAGE) && !writable(p + 9 * PAGE) && writable(p + HUGE));
	SHOW(mprotect(p + 8 * PAGE, PAGE, RW));
	HOLDS(!writable(p + 7 * PAGE) && writable(p + 8 * PAGE) && !writable(p + 9 * PAGE));
	SHOW(mprotect(p, 2 * HUGE, PROT_NONE));
	HOLDS(!readable(p) && !readable(p + HUGE) && !readable(p + 2 * HUGE - 1));
	SHOW(mprotect(p + HUGE, PAGE, PROT_READ));
	HOLDS(readable(p + HUGE) && !readable(p + HUGE + PAGE));
	SHOW(mprotect(p, 2 * HUGE, RW));
	HOLDS(good(p, 0, 2 * HUGE_PAGES, 7) == 2 * HUGE_PAGES);
	fill(p, 2 * HUGE_PAGES, 8);
	HOLDS(good(p, 0, 2 * HUGE_PAGES, 8) == 2 * HUGE_PAGES);
	munmap(p, 2 * HUGE);
}

static void discarding(void)
{
	char *p = huge_area(2);
	unsigned char vec[4];

	fill(p, 2 * HUGE_PAGES, 3);
	SHOW(madvise(p + 100 * PAGE, 50 * PAGE, MADV_DONTNEED));
	HOLDS(good(p, 0, 100, 3) == 100 && good(p, 150, 2 * HUGE_PAGES, 3) == 2 * HUGE_PAGES - 150);
	SHOW(mincore(p + 98 * PAGE, 4 * PAGE, vec));
	printf("%d%d%d%d\n", vec[0] & 1, vec[1] & 1, vec[2] & 1, vec[3] & 1);
	HOLDS(p[100 * PAGE] == 0 && p[149 * PAGE + 5] == 0);
	SHOW(madvise(p, 2 * HUGE, MADV_DONTNEED));
	SHOW(mincore(p + HUGE, 4 * PAGE, vec));
	printf("%d%d%d%d\n", vec[0] & 1, vec[1] & 1, vec[2] & 1, vec[3] & 1);
	HOLDS(p[0] == 0 && p[2 * HUGE - 1] == 0);
	fill(p, 2 * HUGE_PAGES, 4);
	HOLDS(good(p, 0, 2 * HUGE_PAGES, 4) == 2 * HUGE_PAGES);
	munmap(p, 2 * HUGE);
}

static int child_does(void (*fn)(char *), char *p)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		fn(p);
		_exit(good(p, 0, 10, 5) == 10 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void reads_all(char *p)
{
	if (good(p, 0, 2 * HUGE_PAGES, 5) != 2 * HUGE_PAGES)
		_exit(9);
}

static void writes_some(char *p)
{
	fill(p + 300 * PAGE, 20, 77);
	munmap(p + 400 * PAGE, PAGE);
	mprotect(p + HUGE, HUGE, PROT_READ);
}

static void forking(void)
{
	char *p = huge_area(2);
	int ready[2], go[2];
	char c;

	fill(p, 2 * HUGE_PAGES, 5);
	SHOW(child_does(reads_all, p));
	SHOW(child_does(writes_some, p));
	HOLDS(good(p, 0, 2 * HUGE_PAGES, 5) == 2 * HUGE_PAGES);
	/* The parent writes while the child has it. */
	if (pipe(ready) || pipe(go))
		exit(2);
	pid_t pid = fork();
	if (pid == 0) {
		if (read(go[0], &c, 1) != 1)
			_exit(2);
		_exit(good(p, 0, 2 * HUGE_PAGES, 5) == 2 * HUGE_PAGES ? 0 : 1);
	}
	fill(p + 10 * PAGE, 1, 99);
	fill(p + HUGE, HUGE_PAGES, 100);
	int status = -1;
	HOLDS(write(go[1], "", 1) == 1 && waitpid(pid, &status, 0) == pid && status == 0);
	HOLDS(good(p + 10 * PAGE, 0, 1, 99) == 1 && good(p, 11, HUGE_PAGES, 5) == HUGE_PAGES - 11);
	HOLDS(good(p + HUGE, 0, HUGE_PAGES, 100) == HUGE_PAGES);
	fill(p, 2 * HUGE_PAGES, 6);
	HOLDS(good(p, 0, 2 * HUGE_PAGES, 6) == 2 * HUGE_PAGES);
	SHOW(madvise(p, HUGE, MADV_WIPEONFORK));
	SHOW(madvise(p + HUGE, HUGE, MADV_DONTFORK));
	pid = fork();
	if (pid == 0)
		_exit(p[0] == 0 && p[HUGE - PAGE] == 0 && !mapped(p + HUGE) ? 0 : 1);
	HOLDS(waitpid(pid, &status, 0) == pid && status == 0);
	HOLDS(good(p, 0, 2 * HUGE_PAGES, 6) == 2 * HUGE_PAGES);
	munmap(p, 2 * HUGE);
}

static void moving(void)
{
	char *p = huge_area(2), *to = huge_area(4);

	fill(p, 2 * HUGE_PAGES, 11);
	HOLDS(mremap(p, 2 * HUGE, 2 * HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	HOLDS(good(to, 0, 2 * HUGE_PAGES, 11) == 2 * HUGE_PAGES && !readable(p));
	HOLDS(mremap(to, 2 * HUGE, 2 * HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 3 * PAGE) ==
		p + 3 * PAGE);
	HOLDS(good(p + 3 * PAGE, 0, 2 * HUGE_PAGES, 11) == 2 * HUGE_PAGES);
	HOLDS(mremap(p + 3 * PAGE, 2 * HUGE, HUGE - PAGE, 0) == p + 3 * PAGE);
	HOLDS(good(p + 3 * PAGE, 0, HUGE_PAGES - 1, 11) == HUGE_PAGES - 1 &&
		!readable(p + HUGE + 2 * PAGE));
	munmap(p, 2 * HUGE + 3 * PAGE);
	munmap(to, 4 * HUGE);
}

static void *waits(void *p)
{
	while (__atomic_load_n((int *)p, __ATOMIC_SEQ_CST) == 0)
		syscall(SYS_futex, p, FUTEX_WAIT, 0, NULL, NULL, 0);
	return NULL;
}

static void others(void)
{
	char *p = huge_area(2), buffer[64];
	pthread_t t;

	/* A futex whose huge page is cut under the waiter. */
	fill(p, HUGE_PAGES, 0);
	pthread_create(&t, NULL, waits, p + 8);
	munmap(p + 50 * PAGE, PAGE);
	__atomic_store_n((int *)(p + 8), 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, p + 8, FUTEX_WAKE, 1, NULL, NULL, 0);
	HOLDS(pthread_join(t, NULL) == 0);
	/* Another process looks into it and writes. */
	char *q = p + HUGE;
	fill(q, HUGE_PAGES, 21);
	struct iovec mine = {buffer, 8}, theirs = {q + 33 * PAGE - 4, 8};
	SHOW(process_vm_readv(getpid(), &mine, 1, &theirs, 1, 0));
	HOLDS(*(int *)(buffer + 4) == 21 + 33 && *(int *)buffer == 0);
	*(int *)(buffer + 4) = 5;
	SHOW(process_vm_writev(getpid(), &mine, 1, &theirs, 1, 0));
	HOLDS(*(int *)(q + 33 * PAGE) == 5 && good(q, 34, HUGE_PAGES, 21) == HUGE_PAGES - 34);
	int pipes[2];
	HOLDS(pipe(pipes) == 0 && write(pipes[1], q + 40 * PAGE - 2, 4) == 4 &&
		read(pipes[0], q + 50 * PAGE - 2, 4) == 4);
	HOLDS(q[50 * PAGE] == (char)(21 + 40) && q[50 * PAGE - 1] == 0);
	SHOW(mlock(q + 3 * PAGE, 2 * PAGE));
	SHOW(madvise(q, HUGE, MADV_DONTNEED));
	SHOW(munlock(q, HUGE));
	HOLDS(good(q, 60, HUGE_PAGES, 21) == HUGE_PAGES - 60 || q[60 * PAGE] == 0);
	munmap(p, 2 * HUGE);
}

static long touch(char *p)
{
	long before = faults();

	fill(p, HUGE_PAGES, 1);
	return faults() - before;
}

static void advice(void)
{
	char *p = huge_area(2);
	int fd = open("/proc/self/exe", O_RDONLY);
	char *file = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	char *shared = mmap(NULL, HUGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	SHOW(madvise(file, PAGE, MADV_HUGEPAGE));
	SHOW(madvise(file, PAGE, MADV_NOHUGEPAGE));
	SHOW(madvise(shared, HUGE, MADV_HUGEPAGE));
	SHOW(madvise(p + 1, PAGE, MADV_HUGEPAGE));
	SHOW(madvise(p, 0, MADV_HUGEPAGE));
	SHOW(madvise((void *)(HUGE * 5), PAGE, MADV_HUGEPAGE));
	SHOW(madvise(p, 3 * HUGE + HUGE * 1000000, MADV_NOHUGEPAGE));
	SHOW(madvise(p, 2 * HUGE, MADV_NOHUGEPAGE));
	HOLDS(touch(p) >= (long)HUGE_PAGES);
	munmap(p, 2 * HUGE);
	p = huge_area(2);
	SHOW(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	SHOW(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 1));
	SHOW(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	SHOW(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	SHOW(prctl(PR_GET_THP_DISABLE, 1, 0, 0, 0));
	HOLDS(touch(p) >= (long)HUGE_PAGES);
	pid_t pid = fork();
	if (pid == 0)
		_exit(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	int status = -1;
	waitpid(pid, &status, 0);
	HOLDS(WEXITSTATUS(status) == 1);
	SHOW(prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0));
	HOLDS(touch(p + HUGE) <= (long)HUGE_PAGES);
	munmap(p, 2 * HUGE);
	munmap(shared, HUGE);
	munmap(file, PAGE);
}

int main(void)
{
	signal(SIGSEGV, caught);
	signal(SIGBUS, caught);
	unmapping();
	protecting();
	discarding();
	forking();
	moving();
	others();
	advice();
	return 0;
}
