// summary: as many areas as there may be: what is refused, and that all of it comes back
#include "../abi/abi.h"
#include <sys/mman.h>

#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGES 140000UL

/* Every second page gets other permissions, until the kernel has enough: how many. */
static size_t cut(char *p)
{
	for (size_t i = 0; i < PAGES / 2; i++)
		if (mprotect(p + (2 * i + 1) * PAGE, PAGE, PROT_READ))
			return i;
	return 0;
}

static int round_trip(void)
{
	char *p = mmap(NULL, PAGES * PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return 0;
	size_t n = cut(p);
	/* Each made two areas more; the program has some of its own. */
	HOLDS(n > 32700 && n <= 32765);
	/* The exact number depends on how many the program had. */
	HOLDS(errno == ENOMEM);
	/* A hole in the middle needs room for one more; an end that goes makes no area more or fewer, a whole area one fewer. */
	SHOW_OK(munmap(p + (PAGES - 3) * PAGE, PAGE));
	SHOW_OK(munmap(p + (PAGES - 1) * PAGE, PAGE));
	SHOW_OK(munmap(p, PAGE));
	SHOW_OK(munmap(p + 2 * PAGE, PAGE));
	SHOW_OK(munmap(p + (PAGES - 3) * PAGE, PAGE));
	HOLDS(p[(2 * n - 1) * PAGE] == 0 && p[PAGE] == 0);
	/* Joined again, by one call. */
	SHOW(mprotect(p + 3 * PAGE, (PAGES - 8) * PAGE, PROT_READ | PROT_WRITE));
	p[(2 * n - 1) * PAGE] = 1;
	HOLDS(p[(2 * n - 1) * PAGE] == 1);
	SHOW(munmap(p, PAGES * PAGE));
	return 1;
}

int main(void)
{
	HOLDS(round_trip());
	HOLDS(round_trip());
	return 0;
}
