// summary: mlock, mlock2, munlock, mlockall, mincore and msync: success, every error, limits
#include "abi.h"
#include <sys/mman.h>
#include <sys/resource.h>

#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

static long mlock2_(void *p, size_t n, int flags)
{
	return syscall(SYS_mlock2, p, n, flags);
}

static long mincore_(void *p, size_t n, void *vec)
{
	return syscall(SYS_mincore, p, n, vec);
}

static void locks(char *p)
{
	SHOW(mlock(p, PAGE));
	SHOW(mlock(p + 1, 1));
	SHOW(mlock(p, 0));
	SHOW(mlock(p + 100, 2 * PAGE));
	SHOW(mlock((void *)0x10000, PAGE));
	SHOW(mlock((void *)0x10000, 0));
	SHOW(mlock((void *)-4096L, 8192));
	SHOW(mlock((void *)0x7ffffffff000, PAGE));
	SHOW(mlock((void *)0x800000000000, PAGE));
	SHOW(mlock(p, -1UL));
	SHOW(mlock(p, -PAGE));
	SHOW(mlock(p + 6 * PAGE, 4 * PAGE));
	SHOW(munlock(p, PAGE));
	SHOW(munlock(p, 0));
	SHOW(munlock(p + 5, 10));
	SHOW(munlock((void *)0x10000, PAGE));
	SHOW(munlock((void *)-4096L, 8192));
	SHOW(munlock(p, -1UL));
	SHOW(mlock2_(p, PAGE, 0));
	SHOW(mlock2_(p, PAGE, 1));
	SHOW(mlock2_(p, PAGE, 2));
	SHOW(mlock2_(p, PAGE, -1));
	SHOW(mlock2_((void *)0x10000, PAGE, 1));
	SHOW(munlock(p, 8 * PAGE));
	SHOW(mprotect(p, PAGE, PROT_NONE));
	SHOW(mlock(p, PAGE));
	SHOW(mprotect(p, PAGE, RW));
	SHOW(munlock(p, PAGE));
}

static void locked_advice(char *p)
{
	SHOW(mlock(p, 2 * PAGE));
	SHOW(madvise(p, PAGE, MADV_DONTNEED));
	SHOW(madvise(p, PAGE, MADV_FREE));
	SHOW(madvise(p, 4 * PAGE, MADV_DONTNEED));
	SHOW(msync(p, PAGE, MS_SYNC));
	SHOW(msync(p, PAGE, MS_INVALIDATE));
	SHOW(msync(p, PAGE, MS_SYNC | MS_INVALIDATE));
	SHOW(munlock(p, 2 * PAGE));
	SHOW(msync(p, PAGE, MS_SYNC | MS_INVALIDATE));
	SHOW(madvise(p, 4 * PAGE, MADV_DONTNEED));
}

static void all(void)
{
	SHOW(mlockall(0));
	SHOW(mlockall(8));
	SHOW(mlockall(-1));
	SHOW(mlockall(MCL_ONFAULT));
	SHOW(mlockall(MCL_FUTURE | MCL_ONFAULT));
	SHOW(munlockall());
	SHOW(mlockall(MCL_CURRENT));
	SHOW(munlockall());
	SHOW(mlockall(MCL_FUTURE));
	char *p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	unsigned char vec[4] = {0};
	HOLDS(p != MAP_FAILED && mincore_(p, 4 * PAGE, vec) == 0);
	HOLDS(vec[0] == 1 && vec[3] == 1);
	SHOW(munlockall());
	p = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	HOLDS(mincore_(p, 4 * PAGE, vec) == 0 && vec[0] == 0 && vec[3] == 0);
	p = mmap(NULL, 4 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);
	HOLDS(mincore_(p, 4 * PAGE, vec) == 0 && vec[0] == 1 && vec[3] == 1);
	HOLDS(munmap(p, 4 * PAGE) == 0);
}

static void residence(void)
{
	unsigned char vec[600];
	char *p = mmap(NULL, 600 * PAGE, RW, ANON, -1, 0);

	memset(vec, 7, sizeof(vec));
	SHOW(mincore_(p, 600 * PAGE, vec));
	HOLDS(vec[0] == 0 && vec[599] == 0);
	p[0] = p[300 * PAGE] = 1;
	SHOW(mincore_(p, 600 * PAGE, vec));
	HOLDS(vec[0] == 1 && vec[1] == 0 && vec[300] == 1 && vec[301] == 0);
	SHOW(mincore_(p, 1, vec));
	SHOW(mincore_(p, 0, vec));
	SHOW(mincore_(p, 0, NULL));
	SHOW(mincore_(p + 1, PAGE, vec));
	SHOW(mincore_(p, PAGE, NULL));
	SHOW(mincore_(p, PAGE, (void *)-4096L));
	SHOW(mincore_(p, PAGE, (void *)0x10000));
	SHOW(mincore_((void *)0x10000, PAGE, vec));
	SHOW(mincore_((void *)0x800000000000, PAGE, vec));
	SHOW(mincore_((void *)-4096L, PAGE, vec));
	SHOW(mincore_(p, -1UL, vec));
	SHOW(madvise(p, 600 * PAGE, MADV_DONTNEED));
	SHOW(mincore_(p, 600 * PAGE, vec));
	HOLDS(vec[0] == 0 && vec[300] == 0);
	SHOW(munmap(p + 5 * PAGE, PAGE));
	SHOW(mincore_(p, 10 * PAGE, vec));
	char *s = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s[PAGE] = 1;
	SHOW(mincore_(s, 4 * PAGE, vec));
	HOLDS(vec[0] == 0 && vec[1] == 1 && vec[2] == 0);
	/* It is still there when this mapping has let go of it. */
	SHOW(madvise(s, 4 * PAGE, MADV_DONTNEED));
	SHOW(mincore_(s, 4 * PAGE, vec));
	HOLDS(vec[0] == 0 && vec[1] == 1 && vec[2] == 0);
}

static void sync_errors(char *p)
{
	SHOW(msync(p, PAGE, MS_SYNC));
	SHOW(msync(p, PAGE, MS_ASYNC));
	SHOW(msync(p, PAGE, 0));
	SHOW(msync(p, PAGE, MS_SYNC | MS_ASYNC));
	SHOW(msync(p, PAGE, 8));
	SHOW(msync(p + 1, PAGE, MS_SYNC));
	SHOW(msync(p, 0, MS_SYNC));
	SHOW(msync((void *)0x10000, PAGE, MS_SYNC));
	SHOW(msync((void *)0x10000, 0, MS_SYNC));
	SHOW(msync((void *)-4096L, 8192, MS_SYNC));
	SHOW(msync((void *)0x800000000000, PAGE, MS_ASYNC));
	SHOW(msync(p, -1UL, MS_SYNC));
	SHOW(msync(p + 6 * PAGE, 4 * PAGE, MS_SYNC));
}

static void limits(char *p)
{
	struct rlimit l = {.rlim_cur = 4 * PAGE, .rlim_max = 4 * PAGE};

	SHOW(munlockall());
	SHOW(setrlimit(RLIMIT_MEMLOCK, &l));
	SHOW(seteuid(65534));
	SHOW(mlock(p, 4 * PAGE));
	SHOW(mlock(p, 4 * PAGE));
	SHOW(mlock(p + 2 * PAGE, 4 * PAGE));
	SHOW(mlock(p + 2 * PAGE, 2 * PAGE));
	SHOW(munlock(p, PAGE));
	SHOW(mlock(p + 4 * PAGE, PAGE));
	SHOW(mlock(p + 5 * PAGE, PAGE));
	SHOW(mlockall(MCL_CURRENT));
	SHOW_OK(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
	SHOW(munlock(p, 8 * PAGE));
	SHOW_OK(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
	SHOW_OK(mmap(NULL, 4 * PAGE, RW, ANON | MAP_LOCKED, -1, 0));
	char *q = mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0);
	SHOW_OK(mremap(q, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	SHOW_OK(mremap(q, PAGE, 9 * PAGE, MREMAP_MAYMOVE));
	l.rlim_cur = 0;
	SHOW(setrlimit(RLIMIT_MEMLOCK, &l));
	SHOW(mlock(p, PAGE));
	SHOW(mlock(p, 0));
	SHOW(mlockall(MCL_CURRENT));
	SHOW(mlockall(0));
	SHOW(munlock(p, PAGE));
	SHOW(munlockall());
	SHOW_OK(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
}

int main(void)
{
	char *p = mmap(NULL, 10 * PAGE, RW, ANON, -1, 0);

	munmap(p + 8 * PAGE, 2 * PAGE);
	locks(p);
	locked_advice(p);
	sync_errors(p);
	residence();
	all();
	limits(p);
	return 0;
}
