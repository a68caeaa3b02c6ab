// flags: -static-pie -fPIE
// summary: a position-independent static program relocates itself
#include "abi.h"
#include <elf.h>
#include <sys/auxv.h>

static int number = 42;
static int *const pointer = &number;
static const char *const texts[] = {"one", "two", "three"};

extern const char __ehdr_start[];

int main(void)
{
	printf("%d %s %s %s\n", *pointer, texts[0], texts[1], texts[2]);
	HOLDS((uintptr_t)&number > 0x10000);
	HOLDS((uintptr_t)__ehdr_start % 4096 == 0);
	HOLDS(getauxval(AT_PHDR) == (uintptr_t)__ehdr_start + sizeof(Elf64_Ehdr));
	HOLDS(getauxval(AT_ENTRY) > (uintptr_t)__ehdr_start);
	HOLDS(getauxval(AT_ENTRY) < (uintptr_t)&number);
	HOLDS(getauxval(AT_BASE) == 0);
	return 0;
}
