// summary: mremap: every flag, what moves, what is refused
#include "mmabi.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static char *remap(void *old, size_t old_length, size_t length, int flags, void *new)
{
	return (char *)syscall(SYS_mremap, old, old_length, length, flags, new);
}

static const char *result(char *p)
{
	return p == MAP_FAILED ? error_name(errno) : "ok";
}
#define TRY(...) printf("mremap(" #__VA_ARGS__ "): %s\n", result(remap(__VA_ARGS__)))

static void errors(void)
{
	char *p = fresh(8, RW, ANON), *q = fresh(8, RW, ANON);

	TRY(p + 1, PAGE, PAGE, 0, NULL);
	TRY(p, PAGE, 0, 0, NULL);
	TRY(p, PAGE, 0, MREMAP_MAYMOVE, NULL);
	TRY(p, PAGE, PAGE, 8, NULL);
	TRY(p, PAGE, PAGE, -1, NULL);
	TRY(p, PAGE, PAGE, MREMAP_FIXED, q);
	TRY(p, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, q + 1);
	TRY(p, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p);
	TRY(p, 4 * PAGE, 4 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p + 2 * PAGE);
	TRY(p + 2 * PAGE, 4 * PAGE, 4 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p);
	TRY(p, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, (void *)0x7ffffffff000);
	TRY(p, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, (void *)0x800000000000);
	TRY(p, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, (void *)-4096L);
	TRY(p, PAGE, PAGE, MREMAP_DONTUNMAP, NULL);
	TRY(p, PAGE, 2 * PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE, NULL);
	TRY(p, 2 * PAGE, PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE, NULL);
	TRY((void *)0x10000, PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL);
	TRY((void *)0x10000, PAGE, PAGE, MREMAP_MAYMOVE, NULL);
	TRY((void *)0x10000, PAGE, PAGE, 0, NULL);
	TRY((void *)0x10000, 2 * PAGE, PAGE, 0, NULL);
	TRY((void *)0x7ffffffff000, PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL);
	TRY((void *)-4096L, PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL);
	TRY(p, PAGE, 1UL << 47, MREMAP_MAYMOVE, NULL);
	TRY(p, PAGE, (1UL << 47) - PAGE, MREMAP_MAYMOVE, NULL);
	TRY(p, PAGE, -1UL, MREMAP_MAYMOVE, NULL);
	TRY(p, 0, PAGE, MREMAP_MAYMOVE, NULL);
	TRY(p, 0, PAGE, 0, NULL);
	TRY(p, PAGE, 2 * PAGE, 0, NULL);
	TRY(p, PAGE, PAGE, 0, NULL);
	TRY(p, 1, 1, 0, NULL);
	munmap(p + 6 * PAGE, 2 * PAGE);
	TRY(p, 8 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, NULL);
	TRY(p, 8 * PAGE, 9 * PAGE, 0, NULL);
	HOLDS(mprotect(p + 2 * PAGE, PAGE, PROT_READ) == 0);
	TRY(p, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE, NULL);
	HOLDS(mapped(p) && mapped(p + 5 * PAGE) && !mapped(p + 6 * PAGE));
	munmap(p, 6 * PAGE);
	munmap(q, 8 * PAGE);
}

static void fill(char *p, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		p[i * PAGE] = (char)(i + 1);
}

static int filled(char *p, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		if (p[i * PAGE] != (char)(i + 1))
			return 0;
	return 1;
}

static void shrink_and_grow(void)
{
	char *p = fresh(16, RW, ANON), *q;

	fill(p, 16);
	HOLDS(remap(p, 16 * PAGE, 8 * PAGE, 0, NULL) == p);
	HOLDS(filled(p, 8) && !mapped(p + 8 * PAGE));
	HOLDS(remap(p, 8 * PAGE, 16 * PAGE, 0, NULL) == p);
	HOLDS(filled(p, 8) && p[8 * PAGE] == 0 && p[15 * PAGE] == 0);
	/* Something behind it: it must move. */
	HOLDS(mprotect(p + 12 * PAGE, 4 * PAGE, PROT_READ) == 0);
	TRY(p, 12 * PAGE, 14 * PAGE, 0, NULL);
	q = remap(p, 12 * PAGE, 600 * PAGE, MREMAP_MAYMOVE, NULL);
	HOLDS(q != MAP_FAILED && q != p && filled(q, 8) && q[599 * PAGE] == 0);
	HOLDS(!mapped(p) && !mapped(p + 11 * PAGE) && mapped(p + 12 * PAGE));
	fill(q, 600);
	/* Across the border of a page table, several times. */
	for (int i = 0; i < 5; i++) {
		char *to = fresh(700, PROT_NONE, ANON);
		HOLDS(remap(q, 600 * PAGE, 600 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			      to + PAGE * 3) == to + 3 * PAGE);
		HOLDS(!mapped(q));
		q = to + 3 * PAGE;
		HOLDS(filled(q, 600) && mapped(q - PAGE) && mapped(q + 600 * PAGE));
	}
	/* Shrinks and moves at once. */
	char *to = fresh(100, RW, ANON);
	HOLDS(remap(q, 600 * PAGE, 50 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	HOLDS(filled(to, 50) && to[50 * PAGE] == 0 && !mapped(q) && !mapped(q + 599 * PAGE));
	/* Grows and moves at once, from the middle of an area. */
	q = fresh(100, PROT_NONE, ANON);
	HOLDS(remap(to + 10 * PAGE, 5 * PAGE, 20 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
	HOLDS(q[0] == 11 && q[4 * PAGE] == 15 && q[5 * PAGE] == 0 && q[19 * PAGE] == 0);
	HOLDS(mapped(to + 9 * PAGE) && !mapped(to + 10 * PAGE) && mapped(to + 15 * PAGE));
	/* Lengths are rounded up. */
	HOLDS(remap(q, 20 * PAGE - 5, 19 * PAGE + 1, 0, NULL) == q && mapped(q + 19 * PAGE));
	HOLDS(remap(q, 20 * PAGE - 5, 19 * PAGE, 0, NULL) == q && !mapped(q + 19 * PAGE));
}

static void kept(void)
{
	char *p = fresh(8, RW, ANON), *q;

	fill(p, 8);
	q = remap(p, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	HOLDS(q != MAP_FAILED && q != p && filled(q, 8));
	HOLDS(mapped(p) && p[0] == 0 && p[7 * PAGE] == 0);
	p[0] = 9;
	HOLDS(q[0] == 1);
	char *to = fresh(8, RW, ANON);
	HOLDS(remap(q, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to) ==
		to);
	HOLDS(filled(to, 8) && q[0] == 0);
}

static void shared(void)
{
	char *p = fresh(4, RW, MAP_SHARED | MAP_ANONYMOUS), *q, *r;

	fill(p, 4);
	q = remap(p, 0, 4 * PAGE, MREMAP_MAYMOVE, NULL);
	HOLDS(q != MAP_FAILED && q != p && filled(q, 4) && filled(p, 4));
	q[0] = 77;
	HOLDS(p[0] == 77);
	r = remap(p + PAGE, 0, 2 * PAGE, MREMAP_MAYMOVE, NULL);
	HOLDS(r != MAP_FAILED && r[0] == 2);
	r[PAGE] = 66;
	HOLDS(q[2 * PAGE] == 66);
	char *to = fresh(4, RW, ANON);
	HOLDS(remap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	HOLDS(to[0] == 77 && !mapped(p));
	to[3 * PAGE] = 55;
	HOLDS(q[3 * PAGE] == 55);
	HOLDS(munmap(to, 4 * PAGE) == 0 && q[3 * PAGE] == 55);
}

static void permissions(void)
{
	char *p = fresh(4, RW, ANON), *q;

	fill(p, 4);
	HOLDS(mprotect(p, 4 * PAGE, PROT_NONE) == 0);
	q = remap(p, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE, NULL);
	HOLDS(q != MAP_FAILED && mprotect(q, 8 * PAGE, PROT_READ) == 0);
	HOLDS(filled(q, 4) && q[7 * PAGE] == 0);
	HOLDS(read(0, q, 0) == 0);
}

int main(void)
{
	errors();
	shrink_and_grow();
	kept();
	shared();
	permissions();
	return 0;
}
