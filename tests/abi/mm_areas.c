// summary: at the very limit of areas: which call wants room for how many
// timeout: 120
//
// Seen to fail: as long as each cut was counted before anything was done, and by the number of areas that a range touches: 27 of
// the lines below were others.
#include "abi.h"
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
#define FILL 66000UL

/* Single pages, each its own area because its neighbours have other permissions; the last n are
 * mapped. */
static char *fill;
static size_t filled;

/* As many as mmap() gives: one more than the limit, which counts before it looks. */
static void fill_up(void)
{
	while (filled < FILL) {
		int prot = filled % 2 ? PROT_NONE : PROT_READ;

		if (mmap(fill + filled * PAGE, PAGE, prot, ANON | MAP_FIXED_NOREPLACE, -1, 0) ==
			MAP_FAILED)
			return;
		filled++;
	}
}

/* So many areas below the limit. */
static void room(int n)
{
	fill_up();
	for (int i = 0; i < n + 1; i++)
		munmap(fill + --filled * PAGE, PAGE);
}

static void *remap(void *old, size_t old_length, size_t length, int flags, void *new)
{
	return (void *)syscall(SYS_mremap, old, old_length, length, flags, new);
}

static const char *result(void *p)
{
	return p == MAP_FAILED ? error_name(errno) : "ok";
}
#define TRY(call) printf(#call ": %s\n", result(call))

/* Eight pages in the middle of nothing. */
static char *fresh(void)
{
	char *p = mmap(NULL, 16 * PAGE, PROT_NONE, ANON, -1, 0);

	munmap(p, 16 * PAGE);
	return mmap(p + 4 * PAGE, 8 * PAGE, PROT_READ, ANON | MAP_FIXED_NOREPLACE, -1, 0);
}

#define CASE(n)              \
	munmap(p, 8 * PAGE); \
	room(4);             \
	p = fresh();         \
	room(n);             \
	printf("room for %d\n", n)

static void unmapping(void)
{
	char *p = fresh();

	CASE(0);
	SHOW(munmap(p + 2 * PAGE, PAGE));
	SHOW(munmap(p + 7 * PAGE, PAGE));
	SHOW(munmap(p, PAGE));
	SHOW(munmap(p + 2 * PAGE, 4 * PAGE));
	SHOW(munmap(p, 3 * PAGE));
	SHOW(munmap(p + 6 * PAGE, 10 * PAGE));
	SHOW(munmap(p, 8 * PAGE));
	CASE(1);
	SHOW(munmap(p + 2 * PAGE, PAGE));
	SHOW(munmap(p + 5 * PAGE, PAGE));
	SHOW(munmap(p + 1 * PAGE, 5 * PAGE));
	/* The ends of two areas at once: two cuts, but no area more. */
	CASE(2);
	SHOW(mprotect(p + 4 * PAGE, 4 * PAGE, PROT_NONE));
	room(0);
	SHOW(munmap(p + 3 * PAGE, 2 * PAGE));
	SHOW(munmap(p, 8 * PAGE));
}

static void protecting(void)
{
	char *p = fresh();

	CASE(0);
	SHOW(mprotect(p + 2 * PAGE, PAGE, PROT_NONE));
	SHOW(mprotect(p, PAGE, PROT_NONE));
	SHOW(mprotect(p + 7 * PAGE, PAGE, PROT_NONE));
	SHOW(mprotect(p + 2 * PAGE, PAGE, PROT_READ));
	SHOW(mprotect(p, 8 * PAGE, PROT_NONE));
	SHOW(mprotect(p, 8 * PAGE, PROT_READ));
	/* The first cut is made, the second finds no room, and the first stays. */
	CASE(1);
	SHOW(mprotect(p + 2 * PAGE, PAGE, PROT_NONE));
	SHOW(munmap(p + 3 * PAGE, PAGE));
	SHOW(munmap(p, PAGE));
	CASE(1);
	SHOW(mprotect(p, PAGE, PROT_NONE));
	/* The border moves, no area is made. */
	SHOW(mprotect(p + PAGE, PAGE, PROT_NONE));
	SHOW(mprotect(p + PAGE, PAGE, PROT_READ));
	SHOW(mprotect(p + 5 * PAGE, PAGE, PROT_NONE));
	SHOW(mprotect(p, PAGE, PROT_READ));
	CASE(2);
	SHOW(mprotect(p + 2 * PAGE, PAGE, PROT_NONE));
	SHOW(munmap(p + 4 * PAGE, PAGE));
	SHOW(mprotect(p + 1 * PAGE, 2 * PAGE, PROT_NONE));
	SHOW(mprotect(p + 1 * PAGE, 2 * PAGE, PROT_READ));
	SHOW(munmap(p + 4 * PAGE, PAGE));
	/* Two areas, of which the second finds no room: the first has changed. */
	CASE(2);
	SHOW(mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ | PROT_EXEC));
	room(1);
	SHOW(mprotect(p + 2 * PAGE, 4 * PAGE, PROT_NONE));
	SHOW(munmap(p + PAGE, 2 * PAGE));
	munmap(p, 8 * PAGE);
}

static void advising(void)
{
	char *p = fresh();

	CASE(0);
	SHOW(madvise(p + 2 * PAGE, PAGE, MADV_DONTFORK));
	SHOW(madvise(p, PAGE, MADV_DONTFORK));
	SHOW(madvise(p + 2 * PAGE, PAGE, MADV_WIPEONFORK));
	SHOW(madvise(p + 2 * PAGE, PAGE, MADV_DOFORK));
	SHOW(madvise(p + 2 * PAGE, PAGE, MADV_DONTNEED));
	SHOW(madvise(p, 8 * PAGE, MADV_DONTFORK));
	SHOW(madvise(p, 8 * PAGE, MADV_DOFORK));
	CASE(1);
	SHOW(madvise(p + 2 * PAGE, PAGE, MADV_DONTFORK));
	CASE(1);
	SHOW(madvise(p, PAGE, MADV_DONTFORK));
	SHOW(madvise(p + PAGE, PAGE, MADV_DONTFORK));
	CASE(2);
	SHOW(madvise(p + 2 * PAGE, PAGE, MADV_DONTFORK));
	CASE(0);
	SHOW(mlock(p + 2 * PAGE, PAGE));
	SHOW(mlock(p, PAGE));
	SHOW(munlock(p + 2 * PAGE, PAGE));
	SHOW(mlock(p, 8 * PAGE));
	SHOW(munlock(p, PAGE));
	SHOW(munlock(p, 8 * PAGE));
	CASE(1);
	SHOW(mlock(p + 2 * PAGE, PAGE));
	CASE(2);
	SHOW(mlock(p + 2 * PAGE, PAGE));
	SHOW(munlock(p, 8 * PAGE));
	munmap(p, 8 * PAGE);
}

static void mapping(void)
{
	char *p = fresh();

	CASE(0);
	TRY(mmap(p, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0));
	TRY(mmap(p + 3 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0));
	CASE(0);
	TRY(mmap(p + 3 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0));
	TRY(mmap(p + 8 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
	TRY(mmap(p, 9 * PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0));
	TRY(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, ANON, -1, 0));
	TRY(mmap(p, PAGE, PROT_NONE, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	TRY(mmap(p + 8 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
	room(1);
	SHOW(munmap(p, 9 * PAGE));
	CASE(1);
	TRY(mmap(p + 3 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0));
	TRY(mmap(p + 3 * PAGE, PAGE, PROT_EXEC, ANON | MAP_FIXED, -1, 0));
	munmap(p, 8 * PAGE);
}

static void moving(void)
{
	char *p = fresh(), *q = fresh();

	for (int n = 0; n < 9; n++) {
		munmap(q, 8 * PAGE);
		CASE(n);
		TRY(remap(p, 8 * PAGE, 9 * PAGE, 0, NULL));
		TRY(remap(p, 9 * PAGE, 8 * PAGE, 0, NULL));
		TRY(remap(p, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q));
		TRY(remap(q, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p));
		TRY(remap(p, PAGE, 2 * PAGE, 0, NULL));
	}
	munmap(p, 8 * PAGE);
}

static void moving_parts(void)
{
	char *p = fresh(), *q;

	for (int n = 2; n < 9; n++) {
		CASE(n);
		q = remap(p + 2 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, NULL);
		printf("a part moves: %s\n", result(q));
		if (q != MAP_FAILED)
			munmap(q, 2 * PAGE);
	}
	munmap(p, 8 * PAGE);
}

int main(void)
{
	fill = mmap(NULL, FILL * PAGE, PROT_NONE, ANON, -1, 0);
	HOLDS(fill != MAP_FAILED);
	HOLDS(munmap(fill, FILL * PAGE) == 0);
	fill_up();
	HOLDS(filled > 65000 && filled < 65531);
	HOLDS(errno == ENOMEM);
	unmapping();
	protecting();
	advising();
	mapping();
	moving();
	moving_parts();
	SHOW(munmap(fill, FILL * PAGE));
	return 0;
}
