// summary: brk grows, shrinks, refuses, and gives zeroed memory
#include "abi.h"
#include <sys/mman.h>

static uintptr_t set_break(uintptr_t to)
{
	return (uintptr_t)syscall(SYS_brk, to);
}

int main(void)
{
	char buffer[4096];
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	uintptr_t start = set_break(0);
	HOLDS(start > 0x10000);
	HOLDS(set_break(start) == start);
	HOLDS(set_break(start + 1) == start + 1);
	HOLDS(set_break(start + 100000) == start + 100000);
	uintptr_t page = (start + 4095) & ~4095UL;
	memset((char *)start, 1, 100000);
	HOLDS(set_break(start) == start);
	HOLDS(set_break(start + 100000) == start + 100000);
	/* What was given back comes again as zeroes, but for the rest of the first page. */
	int dirty = 0;
	for (char *p = (char *)page; p < (char *)start + 100000; p++)
		dirty += *p != 0;
	HOLDS(dirty == 0);
	HOLDS(set_break(1) == start + 100000);
	HOLDS(set_break(0x7fffffffffff) == start + 100000);
	HOLDS(set_break((uintptr_t)-1) == start + 100000);
	HOLDS(set_break(0xffff800000000000) == start + 100000);
	/* Something in the way. */
	uintptr_t end = (start + 100000 + 4095) & ~4095UL;
	void *wall = mmap((void *)(end + 65536), 4096, PROT_READ,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	HOLDS(wall == (void *)(end + 65536));
	HOLDS(set_break(end + 65536 + 4096) == start + 100000);
	HOLDS(set_break(end + 65536 + 1) == start + 100000);
	HOLDS(set_break(end + 4096) == end + 4096);
	*(volatile char *)(end + 4095) = 1;
	HOLDS(set_break(start) == start);
	return 0;
}
