/* For tests of calls whose results can't be stored: the places, and a call as it is, past the C library. */
#ifndef ABI_EFFECTS_H
#define ABI_EFFECTS_H

#include "abi.h"
#include <sys/mman.h>

#define PAGE 4096L

/* No page is here; and a page whose successor is missing. */
static char *nowhere, *edge;
static char buffer[8192] __attribute__((unused));

#define TRY(call, ...) SHOW(syscall(SYS_##call, ##__VA_ARGS__))

static inline void make_places(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p + PAGE, PAGE);
	edge = p + PAGE;
	nowhere = p + PAGE;
	memset(p, 'x', PAGE);
}

#endif
