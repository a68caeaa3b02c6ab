// summary: argc, argv, environment and auxiliary vector on the first stack
#include "abi.h"
#include <elf.h>
#include <sys/auxv.h>

extern char **environ;

static const Elf64_auxv_t *find_auxv(void)
{
	char **p = environ;
	while (*p)
		p++;
	return (const Elf64_auxv_t *)(p + 1);
}

static uintptr_t value_of(unsigned long type)
{
	for (const Elf64_auxv_t *a = find_auxv(); a->a_type != AT_NULL; a++)
		if (a->a_type == type)
			return a->a_un.a_val;
	return (uintptr_t)-1;
}

int main(int argc, char **argv)
{
	const uintptr_t *stack = (const uintptr_t *)argv - 1;
	HOLDS((uintptr_t)stack % 16 == 0);
	HOLDS(stack[0] == (uintptr_t)argc);
	HOLDS(argv[argc] == NULL);
	HOLDS(environ == argv + argc + 1);
	/* The strings lie above, one after the other. */
	for (int i = 0; i + 1 < argc; i++)
		HOLDS(argv[i + 1] == argv[i] + strlen(argv[i]) + 1);
	HOLDS((uintptr_t)argv[0] > (uintptr_t)find_auxv());
	char **last = environ;
	while (*last && last[1])
		last++;
	uintptr_t end = (uintptr_t)*last + strlen(*last) + 1;
	/* After the last string: the name of the program, eight zero bytes, the end of the page. */
	HOLDS(*last == NULL || strcmp((const char *)end, (const char *)value_of(AT_EXECFN)) == 0);
	uintptr_t name_end = value_of(AT_EXECFN) + strlen((const char *)value_of(AT_EXECFN)) + 1;
	HOLDS((name_end + 8) % 4096 == 0);
	HOLDS(value_of(AT_PAGESZ) == 4096);
	HOLDS(value_of(AT_CLKTCK) == 100);
	HOLDS(value_of(AT_PHENT) == sizeof(Elf64_Phdr));
	HOLDS(value_of(AT_PHNUM) > 0 && value_of(AT_PHNUM) < 64);
	HOLDS(value_of(AT_BASE) == 0);
	HOLDS(value_of(AT_FLAGS) == 0);
	HOLDS(value_of(AT_SECURE) == 0);
	HOLDS(value_of(AT_UID) == getuid());
	HOLDS(value_of(AT_EUID) == geteuid());
	HOLDS(value_of(AT_GID) == getgid());
	HOLDS(value_of(AT_EGID) == getegid());
	HOLDS(strcmp((const char *)value_of(AT_PLATFORM), "x86_64") == 0);
	HOLDS(value_of(AT_RANDOM) > (uintptr_t)find_auxv());
	HOLDS(value_of(AT_HWCAP) != (uintptr_t)-1);
	HOLDS((value_of(AT_HWCAP2) & 2) != 0);
	const uint64_t *random_bytes = (const uint64_t *)value_of(AT_RANDOM);
	HOLDS(random_bytes[0] != 0 && random_bytes[1] != 0 && random_bytes[0] != random_bytes[1]);
	const Elf64_Phdr *headers = (const Elf64_Phdr *)value_of(AT_PHDR);
	int loads = 0;
	for (size_t i = 0; i < value_of(AT_PHNUM); i++)
		loads += headers[i].p_type == PT_LOAD;
	HOLDS(loads >= 2);
	return 0;
}
