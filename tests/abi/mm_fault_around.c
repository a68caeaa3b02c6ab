// summary: reads of mapped files fault once for many pages, and what is mapped early is no less right
//
// flags: -pthread
// Seen to fail: the counts before there was fault-around (one fault for each page), and before page faults were counted;
// the copies, with neighbours mapped writable in private areas.
#include "mmabi.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define PAGES 256

static long faults(int who)
{
	struct rusage r;

	getrusage(who, &r);
	return r.ru_minflt;
}

static int memory_file(const char *name, int pages)
{
	static char page[PAGE];
	int fd = (int)syscall(SYS_memfd_create, name, 0);

	for (int i = 0; i < pages; i++) {
		memset(page, 'a' + i % 26, PAGE);
		if (write(fd, page, PAGE) != (ssize_t)PAGE)
			exit(2);
	}
	return fd;
}

/* Faults while each page is read (or written) once. */
static long touch(volatile char *p, int pages, int write)
{
	long before = faults(RUSAGE_THREAD);

	for (int i = 0; i < pages; i++) {
		if (write)
			p[i * PAGE] = 'W';
		else
			(void)p[i * PAGE];
	}
	return faults(RUSAGE_THREAD) - before;
}

static int right(const char *p, int from, int to)
{
	int good = 1;

	for (int i = from; i < to; i++)
		good &= p[i * PAGE] == 'a' + i % 26 && p[i * PAGE + PAGE - 1] == 'a' + i % 26;
	return good;
}

static sigjmp_buf again;

static void bus(int number)
{
	(void)number;
	siglongjmp(again, 1);
}

static int reachable(const char *p)
{
	if (sigsetjmp(again, 1))
		return 0;
	(void)*(const volatile char *)p;
	return 1;
}

static void counts(void)
{
	int fd = memory_file("counts", PAGES);
	char *p = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	long n = touch(p, PAGES, 0);
	HOLDS(n >= 1 && n <= PAGES / 8);
	HOLDS(touch(p, PAGES, 0) == 0);
	HOLDS(right(p, 0, PAGES));
	munmap(p, PAGES * PAGE);

	p = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	n = touch(p, PAGES, 0);
	HOLDS(n >= 1 && n <= PAGES / 8);
	munmap(p, PAGES * PAGE);

	p = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE, fd, 0);
	HOLDS(touch(p, PAGES, 1) >= PAGES);
	munmap(p, PAGES * PAGE);

	p = fresh(PAGES, RW, ANON);
	HOLDS(touch(p, PAGES, 1) >= PAGES);
	munmap(p, PAGES * PAGE);
	close(fd);
}

/* Not a multiple of the neighbourhood: cut at both ends, and the file's place is another than the address'. */
static void borders(void)
{
	int fd = memory_file("borders", PAGES);
	char *p = fresh(40, PROT_NONE, ANON);

	for (int from = 0; from < 20; from += 3) {
		char *q = mmap(p + 7 * PAGE, 21 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd,
			from * (off_t)PAGE);
		int good = q == p + 7 * PAGE && reachable(q + 10 * PAGE);

		for (int i = 0; i < 21; i++)
			good &= q[i * PAGE] == 'a' + (from + i) % 26;
		printf("from %d: %s\n", from, good ? "right" : "WRONG");
		printf("before %d, behind %d\n", reachable(p + 6 * PAGE), reachable(p + 28 * PAGE));
	}
	munmap(p, 40 * PAGE);
	close(fd);
}

static void ends(void)
{
	int fd = memory_file("ends", 32);
	char *p = mmap(NULL, 64 * PAGE, PROT_READ, MAP_SHARED, fd, 0);

	HOLDS(reachable(p + 31 * PAGE));
	HOLDS(!reachable(p + 32 * PAGE));
	SHOW(ftruncate(fd, 5 * PAGE + 100));
	HOLDS(reachable(p + 5 * PAGE) && p[5 * PAGE + 99] == 'f' && p[5 * PAGE + 100] == 0);
	HOLDS(!reachable(p + 6 * PAGE));
	HOLDS(!reachable(p + 31 * PAGE));
	SHOW(ftruncate(fd, 32 * PAGE));
	HOLDS(reachable(p + 31 * PAGE) && p[31 * PAGE] == 0 && p[6 * PAGE] == 0);
	HOLDS(right(p, 0, 5));
	munmap(p, 64 * PAGE);
	close(fd);
}

static void holes(void)
{
	int fd = memory_file("holes", 32);
	char *p = mmap(NULL, 32 * PAGE, PROT_READ, MAP_SHARED, fd, 0);

	HOLDS(right(p, 0, 32));
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8 * PAGE, 8 * PAGE));
	HOLDS(right(p, 0, 8) && right(p, 16, 32));
	HOLDS(p[8 * PAGE] == 0 && p[15 * PAGE + 7] == 0);
	HOLDS(pwrite(fd, "x", 1, 9 * PAGE) == 1 && p[9 * PAGE] == 'x' && p[10 * PAGE] == 0);
	munmap(p, 32 * PAGE);
	close(fd);
}

static void copies(void)
{
	int fd = memory_file("copies", 32);
	char *p = mmap(NULL, 32 * PAGE, RW, MAP_PRIVATE, fd, 0);
	char *shared = mmap(NULL, 32 * PAGE, RW, MAP_SHARED, fd, 0);

	p[10 * PAGE] = 'P';
	HOLDS(reachable(p + 9 * PAGE) && p[10 * PAGE] == 'P');
	p[11 * PAGE] = 'Q';
	HOLDS(shared[10 * PAGE] == 'a' + 10 && shared[11 * PAGE] == 'a' + 11);
	shared[12 * PAGE] = 'S';
	HOLDS(p[12 * PAGE] == 'S' && p[11 * PAGE] == 'Q');
	HOLDS(madvise(p, 32 * PAGE, MADV_DONTNEED) == 0);
	HOLDS(p[10 * PAGE] == 'a' + 10 && p[12 * PAGE] == 'S');
	pid_t pid = fork();
	if (pid == 0) {
		p[13 * PAGE] = 'C';
		shared[14 * PAGE] = 'D';
		_exit(p[12 * PAGE] == 'S' ? 0 : 1);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	HOLDS(status == 0 && p[13 * PAGE] == 'a' + 13 && p[14 * PAGE] == 'D');
	SHOW(mprotect(p, 32 * PAGE, PROT_NONE));
	SHOW(mprotect(p, 32 * PAGE, PROT_READ));
	HOLDS(p[12 * PAGE] == 'S' && p[13 * PAGE] == 'a' + 13);
	munmap(p, 32 * PAGE);
	munmap(shared, 32 * PAGE);
	close(fd);
}

static void *in_thread(void *arg)
{
	long *n = arg;
	char *p = fresh(64, RW, ANON);

	*n = touch(p, 64, 1);
	munmap(p, 64 * PAGE);
	return NULL;
}

/* Whose faults they are. */
static void owners(void)
{
	long mine = faults(RUSAGE_THREAD), all = faults(RUSAGE_SELF),
	     children = faults(RUSAGE_CHILDREN), n = 0;
	pthread_t t;

	pthread_create(&t, NULL, in_thread, &n);
	pthread_join(t, NULL);
	HOLDS(n >= 64);
	HOLDS(faults(RUSAGE_THREAD) - mine < 64);
	HOLDS(faults(RUSAGE_SELF) - all >= 64);
	HOLDS(faults(RUSAGE_CHILDREN) == children);
	pid_t pid = fork();
	if (pid == 0) {
		touch(fresh(128, RW, ANON), 128, 1);
		_exit(0);
	}
	struct rusage r;
	HOLDS(wait4(pid, NULL, 0, &r) == pid && r.ru_minflt >= 128);
	HOLDS(faults(RUSAGE_CHILDREN) - children >= 128);
}

int main(void)
{
	signal(SIGBUS, bus);
	signal(SIGSEGV, bus);
	counts();
	borders();
	ends();
	holes();
	copies();
	owners();
	return 0;
}
