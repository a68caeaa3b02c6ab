// summary: what mmap, munmap, mprotect and madvise refuse, and how
#include "abi.h"
#include <sys/mman.h>

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void *map(void *at, size_t length, int prot, int flags, int fd, off_t offset)
{
	return (void *)syscall(SYS_mmap, at, length, prot, flags, fd, offset);
}

static const char *result(void *p)
{
	return p == MAP_FAILED ? error_name(errno) : "ok";
}

#define SHOW_MAP(...) printf("mmap(" #__VA_ARGS__ "): %s\n", result(map(__VA_ARGS__)))

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	char *page = map(NULL, 3 * 4096, PROT_READ | PROT_WRITE, ANON, -1, 0);
	HOLDS(page != MAP_FAILED);
	SHOW_MAP(NULL, 0, PROT_READ, ANON, -1, 0);
	SHOW_MAP(NULL, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0);
	SHOW_MAP(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 0);
	SHOW_MAP(NULL, 4096, PROT_READ, MAP_PRIVATE, 999, 0);
	SHOW_MAP(NULL, 4096, PROT_READ, ANON, 999, 0);
	SHOW_MAP(NULL, 4096, PROT_READ, ANON, -1, 1);
	SHOW_MAP(NULL, 4096, PROT_READ, ANON, -1, 4095);
	SHOW_MAP(NULL, (size_t)-1, PROT_READ, ANON, -1, 0);
	SHOW_MAP(NULL, (size_t)-4096, PROT_READ, ANON, -1, 0);
	SHOW_MAP(NULL, 1UL << 47, PROT_READ, ANON | MAP_NORESERVE, -1, 0);
	SHOW_MAP(page + 1, 4096, PROT_READ, ANON | MAP_FIXED, -1, 0);
	SHOW_MAP((void *)0x7ffffffff000, 4096, PROT_READ, ANON | MAP_FIXED, -1, 0);
	SHOW_MAP(page, 4096, PROT_READ, ANON | MAP_FIXED_NOREPLACE, -1, 0);
	SHOW_MAP(page + 1, 4096, PROT_READ, ANON, -1, 0);
	SHOW_MAP(NULL, 1, PROT_READ, ANON, -1, 0);
	SHOW_MAP(NULL, 4096, 0xff, ANON, -1, 0);
	SHOW_MAP(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	SHOW_MAP(NULL, 4096, PROT_READ, MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	SHOW_MAP(NULL, 4096, PROT_READ, ANON | MAP_STACK | MAP_NORESERVE | MAP_POPULATE, -1, 0);
	SHOW_MAP(NULL, 4096, PROT_READ, ANON | MAP_GROWSDOWN, -1, 0);

	SHOW(munmap(page + 1, 4096));
	SHOW(munmap(page, 0));
	SHOW(munmap(page, (size_t)-1));
	SHOW(munmap((void *)0x7ffffffff000, 4096));
	SHOW(munmap((void *)0x800000000000, 4096));
	SHOW(munmap((void *)0x10000, 4096));
	SHOW(munmap(page + 4096, 1));
	SHOW(munmap(page + 4096, 4096));

	SHOW(mprotect(page, 4096, PROT_NONE));
	SHOW(mprotect(page, 0, PROT_READ));
	SHOW(mprotect(page + 1, 4096, PROT_READ));
	SHOW(mprotect(page, 3 * 4096, PROT_READ));
	SHOW(mprotect(page + 4096, 4096, PROT_READ));
	SHOW(mprotect(page, 4096, 0x40));
	SHOW(mprotect(page, (size_t)-4096, PROT_READ));
	SHOW(mprotect((void *)0x7ffffffff000, 4096, PROT_READ));
	SHOW(mprotect(page, 1, PROT_READ | PROT_WRITE));
	page[4095] = 1;
	return 0;
}
