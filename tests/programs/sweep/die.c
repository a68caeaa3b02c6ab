/* The exceptions that an instruction of ring 3 raises without any preparation. */
#include "die.h"

#include <stddef.h>
#include <string.h>

static void die_de(void)
{
	__asm__ volatile("xorl %%edx, %%edx; movl $1, %%eax; xorl %%ecx, %%ecx; divl %%ecx" ::
				 : "eax", "ecx", "edx");
}

static void die_db(void)
{
	/* A single step. (QEMU takes INT1 for a call of its debugger.) */
	__asm__ volatile("pushfq; orq $0x100, (%rsp); popfq; nop");
}

static void die_bp(void)
{
	__asm__ volatile("int3");
}

static void die_of(void)
{
	__asm__ volatile("int $4");
}

static void die_ud(void)
{
	__asm__ volatile("ud2");
}

static void die_gp(void)
{
	__asm__ volatile("hlt");
}

static void die_pf(void)
{
	__asm__ volatile("movb $0, 16");
}

int die(const char *how)
{
	static const struct {
		const char *name;
		void (*raise)(void);
	} ways[] = {
		{"de", die_de},
		{"db", die_db},
		{"bp", die_bp},
		{"of", die_of},
		{"ud", die_ud},
		{"gp", die_gp},
		{"pf", die_pf},
	};
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(how, ways[i].name) == 0)
			ways[i].raise();
	return strcmp(how, "none") != 0;
}
