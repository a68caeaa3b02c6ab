// summary: anonymous mappings: zeroes, splitting, replacing, permissions, hints, neighbours
#include "abi.h"
#include <sys/mman.h>

#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

static char *map(void *at, size_t pages, int prot, int flags)
{
	return mmap(at, pages * PAGE, prot, ANON | flags, -1, 0);
}

static size_t not_zero(const char *p, size_t size)
{
	size_t n = 0;
	for (size_t i = 0; i < size; i++)
		n += p[i] != 0;
	return n;
}

static void holes(void)
{
	char *p = map(NULL, 64, RW, 0);
	HOLDS(not_zero(p, 64 * PAGE) == 0);
	memset(p, 'x', 64 * PAGE);
	for (int i = 1; i < 64; i += 2)
		munmap(p + (size_t)i * PAGE, PAGE);
	int whole = 1;
	for (int i = 0; i < 64; i += 2)
		whole &= p[(size_t)i * PAGE] == 'x' && p[(size_t)i * PAGE + PAGE - 1] == 'x';
	HOLDS(whole);
	HOLDS(map(p + PAGE, 1, RW, MAP_FIXED_NOREPLACE) == p + PAGE);
	HOLDS(p[PAGE] == 0 && p[0] == 'x' && p[2 * PAGE] == 'x');
	HOLDS(map(p, 64, RW, MAP_FIXED) == p);
	HOLDS(not_zero(p, 64 * PAGE) == 0);
	HOLDS(munmap(p, 64 * PAGE) == 0);
	HOLDS(munmap(p, 64 * PAGE) == 0);
}

static void protections(void)
{
	char *p = map(NULL, 8, RW, 0);
	memset(p, 'y', 8 * PAGE);
	HOLDS(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_READ) == 0);
	HOLDS(p[2 * PAGE] == 'y' && p[4 * PAGE - 1] == 'y');
	p[0] = p[4 * PAGE] = 'z';
	HOLDS(mprotect(p, 8 * PAGE, PROT_NONE) == 0);
	HOLDS(mprotect(p, 8 * PAGE, RW) == 0);
	HOLDS(p[0] == 'z' && p[PAGE] == 'y' && p[4 * PAGE] == 'z');
	memset(p, 'w', 8 * PAGE);
	HOLDS(mprotect(p, 8 * PAGE, PROT_READ | PROT_EXEC) == 0);
	HOLDS(p[8 * PAGE - 1] == 'w');
}

static void code(void)
{
	unsigned char *p = (unsigned char *)map(NULL, 1, RW, 0);
	/* mov $0x2a, %eax; ret */
	memcpy(p, "\xb8\x2a\x00\x00\x00\xc3", 6);
	HOLDS(mprotect(p, PAGE, PROT_READ | PROT_EXEC) == 0);
	int (*function)(void) = (int (*)(void))p;
	HOLDS(function() == 42);
	HOLDS(mprotect(p, PAGE, RW | PROT_EXEC) == 0);
	p[1] = 43;
	HOLDS(function() == 43);
}

static void hints(void)
{
	char *p = map(NULL, 4, RW, 0);
	munmap(p, 4 * PAGE);
	HOLDS(map(p, 4, RW, 0) == p);
	HOLDS(map(p, 4, RW, 0) != p);
	HOLDS(map(p + 1, 1, RW, 0) != MAP_FAILED);
	HOLDS(map((void *)0x123456000, 1, RW, 0) == (void *)0x123456000);
	HOLDS(map((void *)0x7fffffffe000000, 1, RW, 0) != MAP_FAILED);
	/* Top down: the next one lies directly below. */
	char *a = map(NULL, 100, RW, 0);
	char *b = map(NULL, 100, RW, 0);
	HOLDS(b + 100 * PAGE == a);
}

static void large(void)
{
	size_t size = 1UL << 36;
	char *p = mmap(NULL, size, RW, ANON | MAP_NORESERVE, -1, 0);
	HOLDS(p != MAP_FAILED);
	for (size_t i = 0; i < 64; i++)
		p[i << 30] = (char)i;
	int right = 1;
	for (size_t i = 0; i < 64; i++)
		right &= p[i << 30] == (char)i && p[(i << 30) + 1] == 0;
	HOLDS(right);
	HOLDS(munmap(p + (size >> 1), size >> 1) == 0);
	HOLDS(p[31UL << 30] == 31);
	HOLDS(munmap(p, size) == 0);
}

/* Many areas: every page another one. */
static void many(void)
{
	size_t count = 2000;
	char *p = map(NULL, count, PROT_READ, 0);
	for (size_t i = 0; i < count; i += 2)
		if (mprotect(p + i * PAGE, PAGE, RW) != 0)
			printf("mprotect %zu: %s\n", i, error_name(errno));
	for (size_t i = 0; i < count; i += 2)
		p[i * PAGE] = (char)i;
	int right = 1;
	for (size_t i = 0; i < count; i++)
		right &= p[i * PAGE] == (i % 2 ? 0 : (char)i);
	HOLDS(right);
	HOLDS(mprotect(p, count * PAGE, RW) == 0);
	memset(p, 1, count * PAGE);
	HOLDS(munmap(p, count * PAGE) == 0);
}

int main(void)
{
	holes();
	protections();
	code();
	hints();
	large();
	many();
	return 0;
}
