/* Runs the pieces of code.S. */
#include "hostile.h"

#include <sys/mman.h>

struct code_entry {
	const char *name;
	void (*code)(void *page, void *other);
	uint64_t dies;
};
extern const struct code_entry code_table[];

/* The pieces may load DS and ES, and leave flags and XMM state as they please. */
static void code_run(const struct hostile_case *c)
{
	void *page = fresh_pages(1, PROT_READ | PROT_WRITE);
	void *other = fresh_pages(1, PROT_READ | PROT_WRITE);
	uint64_t fs;
	*(volatile char *)page = 0;
	__asm__ volatile("rdfsbase %0" : "=r"(fs));
	code_table[c->a].code(page, other);
	__asm__ volatile("movl %k1, %%ds; movl %k1, %%es; movl %k1, %%fs; movl %k1, %%gs;"
			 "wrfsbase %0; pushq $0x202; popfq"
			 :
			 : "r"(fs), "r"(0)
			 : "cc", "memory");
	say("%s returned\n", c->name);
}

void code_cases(void)
{
	for (size_t i = 0; code_table[i].name; i++)
		case_add(code_table[i].dies ? DIES : SURVIVES, code_run, i, 0, "%s",
			code_table[i].name);
}
