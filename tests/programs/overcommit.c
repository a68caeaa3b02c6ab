/*
 * What vm.overcommit_memory means: what is promised is counted, and refused where the mode says so. Ends with the number of what was
 * otherwise; prints each that was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "procfile.h"

#define MIB (1L << 20)

static int wrong;

#define MUST(condition)                                           \
	do {                                                      \
		if (!(condition)) {                               \
			wrong++;                                  \
			printf("%d: %s\n", __LINE__, #condition); \
		}                                                 \
	} while (0)

#define VM "/proc/sys/vm/"

/* A line of /proc/meminfo, in KiB. */
static long info(const char *key)
{
	return procfile_number("/proc/meminfo", key);
}

static char *map(long bytes, int prot, int flags)
{
	return mmap(NULL, bytes, prot, flags | MAP_ANONYMOUS, -1, 0);
}

/* The sum rises by so many MiB, give or take one, while the mapping is there. */
static void counts(long bytes, int prot, int flags, long expected)
{
	long before = info("Committed_AS:");
	char *p = map(bytes, prot, flags);

	MUST(p != MAP_FAILED);
	long change = info("Committed_AS:") - before;
	if (labs(change - expected * 1024) > 1024) {
		wrong++;
		printf("%ld MiB with protection %d and flags %#x count as %ld KiB\n", bytes / MIB,
			prot, flags, change);
	}
	munmap(p, bytes);
	MUST(labs(info("Committed_AS:") - before) <= 1024);
}

static void sums(void)
{
	counts(32 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, 32);
	counts(32 * MIB, PROT_READ, MAP_PRIVATE, 0);
	counts(32 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, 0);
	counts(32 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, 32);
	counts(32 * MIB, PROT_NONE, MAP_PRIVATE, 0);
	long before = info("Committed_AS:");
	char *p = map(32 * MIB, PROT_NONE, MAP_PRIVATE);
	MUST(!mprotect(p + MIB, 8 * MIB, PROT_READ | PROT_WRITE));
	MUST(labs(info("Committed_AS:") - before - 8 * 1024) <= 1024);
	MUST(!munmap(p + 5 * MIB, 2 * MIB));
	MUST(labs(info("Committed_AS:") - before - 6 * 1024) <= 1024);
	p = mremap(p + MIB, 4 * MIB, 16 * MIB, MREMAP_MAYMOVE);
	MUST(p != MAP_FAILED && labs(info("Committed_AS:") - before - 18 * 1024) <= 1024);
	int go[2];
	char c;
	MUST(!pipe(go));
	before = info("Committed_AS:");
	pid_t pid = fork();
	if (pid == 0)
		_exit(read(go[0], &c, 1) != 1);
	MUST(info("Committed_AS:") - before >= 16 * 1024);
	MUST(write(go[1], "", 1) == 1 && waitpid(pid, NULL, 0) == pid);
	MUST(labs(info("Committed_AS:") - before) <= 1024);
	munmap(p, 16 * MIB);
}

static int refused(long bytes, int flags)
{
	char *p = map(bytes, PROT_READ | PROT_WRITE, flags);

	if (p != MAP_FAILED)
		munmap(p, bytes);
	return p == MAP_FAILED && errno == ENOMEM;
}

static void never(void)
{
	MUST(!procfile_put(VM "overcommit_memory", "2") &&
		!procfile_put(VM "overcommit_ratio", "50"));
	long limit = info("CommitLimit:"), total = info("MemTotal:");
	MUST(limit <= total / 2 && limit >= total / 2 - 64);
	MUST(refused(total * 1024 / 2, MAP_PRIVATE));
	MUST(refused(total * 1024 / 2, MAP_PRIVATE | MAP_NORESERVE));
	MUST(refused(total * 1024 / 2, MAP_SHARED));
	MUST(!refused(total * 1024 / 4, MAP_PRIVATE));
	char *p = map(total * 1024 / 3 / 4096 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	MUST(p != MAP_FAILED);
	/* The child's copy would be a second third, and one more. */
	errno = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	MUST(pid < 0 && errno == ENOMEM);
	MUST(sbrk(total * 1024 / 3) == (void *)-1 && errno == ENOMEM);
	munmap(p, total * 1024 / 3 / 4096 * 4096);
	p = map(total * 1024, PROT_NONE, MAP_PRIVATE);
	MUST(p != MAP_FAILED && mprotect(p, total * 1024 / 2, PROT_READ | PROT_WRITE) &&
		errno == ENOMEM);
	munmap(p, total * 1024);
	MUST(!procfile_put(VM "overcommit_kbytes", "20480") && info("CommitLimit:") == 20480);
	MUST(refused(24 * MIB, MAP_PRIVATE) && !refused(4 * MIB, MAP_PRIVATE));
	MUST(!procfile_put(VM "overcommit_ratio", "100") && info("CommitLimit:") >= total - 64);
}

int main(void)
{
	sums();
	never();
	MUST(!procfile_put(VM "overcommit_memory", "1"));
	MUST(!refused(1024 * 1024 * MIB, MAP_PRIVATE));
	MUST(!procfile_put(VM "overcommit_memory", "0"));
	MUST(refused(1024 * 1024 * MIB, MAP_PRIVATE));
	MUST(!refused(1024 * 1024 * MIB, MAP_PRIVATE | MAP_NORESERVE));
	MUST(procfile_put(VM "overcommit_memory", "3") == EINVAL);
	MUST(procfile_put(VM "overcommit_memory", "x") == EINVAL);
	printf("%d wrong\n", wrong);
	return wrong;
}
