/* What the programs about memory share. */
#ifndef MMABI_H
#define MMABI_H

#include "abi.h"
#include <sys/mman.h>

#define PAGE 4096UL
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)

/* New pages; without them there is nothing to test. */
static inline char *fresh(size_t pages, int prot, int flags)
{
	char *p = mmap(NULL, pages * PAGE, prot, flags, -1, 0);

	if (p == MAP_FAILED)
		exit(2);
	return p;
}

static inline int mapped(char *p)
{
	unsigned char vec;

	return syscall(SYS_mincore, p, PAGE, &vec) == 0;
}

#endif
