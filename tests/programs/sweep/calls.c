/* Calls, page faults and interrupts that only come and go. */
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>

#include "kind.h"

#define PAGE 4096
/* Of the highest addresses that a program may have. */
#define NOWHERE 0x7fffffff0000

static const struct timespec instant = {0, 20000};

static void new_page(const struct kind *kind)
{
	void *at = (void *)TOUCHED;
	munmap(at, PAGE);
	if (mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) != at)
		differs(kind->name, "a mapping", TOUCHED, 0);
}

static void check_name(const struct kind *kind)
{
	const struct utsname *name = (const void *)TOUCHED;
	if (strcmp(name->machine, "x86_64") != 0)
		differs(kind->name, "the call's answer", 0, (uint8_t)name->machine[0]);
}

static void check_store(const struct kind *kind)
{
	const uint64_t *word = (const void *)TOUCHED;
	if (word[0] != crossing_in.general[RBX])
		differs(kind->name, "the word stored", crossing_in.general[RBX], word[0]);
	for (uint64_t i = 1; i < PAGE / 8; i++)
		if (word[i] != 0)
			differs(kind->name, "a word of a new page", 0, word[i]);
}

const struct kind kinds_call[] = {
	{.name = "spin", .cross = crossing_spin, .number = NO_CALL},
	{.name = "call", .cross = crossing_call, .number = 5000, .result = -38},
	{.name = "fault",
		.cross = crossing_touch,
		.number = NO_CALL,
		.prepare = new_page,
		.settle = check_store},
	{.name = "copy",
		.cross = crossing_call,
		.number = SYS_uname,
		.arguments = {TOUCHED},
		.given = 1,
		.prepare = new_page,
		.settle = check_name},
	{.name = "copy-nowhere",
		.cross = crossing_call,
		.number = SYS_uname,
		.arguments = {NOWHERE},
		.given = 1,
		.result = -14},
	{.name = "yield", .cross = crossing_call, .number = SYS_sched_yield},
	{.name = "sleep",
		.cross = crossing_call,
		.number = SYS_nanosleep,
		.arguments = {(uint64_t)&instant, 0},
		.given = 2},
	{0},
};
