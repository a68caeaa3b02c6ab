/*
 * The program that the sweep (docs/sweep.md) runs while it injects events.
 *
 *	sweep work VARIANT    rounds of crossings, until standard input is at its end (and at least 20)
 *	sweep die HOW         ends at once: "none", or by an exception
 *
 * A round makes each kind of crossing once. Before each, every register that ring 3 owns gets a value that depends on the
 * variant and the kind alone; after it, all are compared. A block of memory with a pattern is checked, too. So all
 * rounds are alike and give the same checksum, however many there are. `work` prints one line, "variant V checksum X", or says
 * what differed, with status 1. Variant 1 uses a GS selector, so that a switch has to load it.
 */
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "registers.h"

_Static_assert(offsetof(struct registers, ymm) == 160, "crossing.S");
_Static_assert(offsetof(struct registers, control) == 676, "crossing.S");

#define PAGE 4096
#define PATTERN_WORDS (16 * 512)
#define ROUNDS_MIN 20

/* CF PF AF ZF SF OF DF NT AC ID, and IF with the bit that is always set. */
#define FLAGS_ALL \
	(0x001 | 0x004 | 0x010 | 0x040 | 0x080 | 0x800 | 0x400 | 0x4000 | 0x40000 | 0x200000)
#define FLAGS_FIXED 0x202
#define USER_DS_SELECTOR 0x2b

static uint64_t variant, checksum;
static uint64_t pattern[PATTERN_WORDS];
static char stack[2 * PAGE] __attribute__((aligned(64)));
static const struct timespec instant = {0, 20000};

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static void add_to_checksum(const void *data, size_t bytes)
{
	const uint8_t *p = data;
	for (size_t i = 0; i < bytes; i++)
		checksum = mix(checksum ^ p[i]);
}

static void differs(const char *kind, const char *what, uint64_t want, uint64_t got)
{
	printf("variant %lu, %s: %s was %016lx and became %016lx\n", variant, kind, what, want,
		got);
	exit(1);
}

/* -- the kinds of crossing -- */

struct kind {
	const char *name;
	void (*cross)(void);
	/* Of a call: its number, its arguments (0: any value), its result. */
	long number;
	uint64_t arguments[3];
	long result;
	/* Makes TOUCHED a new page before, and looks afterwards whether it is what it should be. */
	void (*check_page)(const struct kind *kind);
};

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
	for (size_t i = 1; i < PAGE / 8; i++)
		if (word[i] != 0)
			differs(kind->name, "a word of a new page", 0, word[i]);
}

/* Of the highest addresses that a program may have. */
#define NOWHERE 0x7fffffff0000

static const struct kind kinds[] = {
	{"spin", crossing_spin, -1, {0}, 0, NULL},
	{"call", crossing_call, 5000, {0}, -38, NULL},
	{"fault", crossing_touch, -1, {0}, 0, check_store},
	{"copy", crossing_call, SYS_uname, {TOUCHED}, 0, check_name},
	{"copy-nowhere", crossing_call, SYS_uname, {NOWHERE}, -14, NULL},
	{"yield", crossing_call, SYS_sched_yield, {0}, 0, NULL},
	{"sleep", crossing_call, SYS_nanosleep, {(uint64_t)&instant, 1}, 0, NULL},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void new_page(const struct kind *kind)
{
	void *at = (void *)TOUCHED;
	munmap(at, PAGE);
	if (mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) != at)
		differs(kind->name, "a mapping", TOUCHED, 0);
}

/* -- registers -- */

/* With FSGSBASE a program may load the kernel's addresses. */
static uint64_t base_value(uint64_t seed)
{
	uint64_t value = mix(seed);
	return value & 1 ? value >> 17 : value | 0xffff800000000000;
}

static void load_registers(const struct kind *kind)
{
	uint64_t seed = mix(variant * 100 + (uint64_t)(kind - kinds));
	memset(&crossing_in, 0, sizeof(crossing_in));
	for (int i = 0; i < 16; i++)
		crossing_in.general[i] = mix(seed + (uint64_t)i);
	crossing_in.general[RSP] = (uint64_t)stack + sizeof(stack);
	crossing_in.flags = FLAGS_FIXED | ((kind - kinds) % 2 == (long)variant % 2 ? FLAGS_ALL : 0);
	crossing_in.fs = base_value(seed + 16);
	crossing_in.gs = base_value(seed + 17);
	crossing_in.gs_selector = variant ? USER_DS_SELECTOR : 0;
	for (size_t i = 0; i < sizeof(crossing_in.ymm); i += 8) {
		uint64_t value = mix(seed + 18 + i);
		memcpy((uint8_t *)crossing_in.ymm + i, &value, 8);
	}
	crossing_in.mxcsr = 0x1f80 | (uint32_t)(mix(seed) & 0x6040);
	crossing_in.control = (uint16_t)(0x37f & ~(mix(seed) & 0x300));
	crossing_count = 2000;
	if (kind->number < 0)
		return;
	crossing_in.general[RAX] = (uint64_t)kind->number;
	if (kind->arguments[0])
		crossing_in.general[RDI] = kind->arguments[0];
	/* nanosleep's second argument: no remainder wanted. */
	if (kind->arguments[1])
		crossing_in.general[RSI] = 0;
}

/* What a call changes by definition. */
static void expect_call(const struct kind *kind)
{
	crossing_in.general[RAX] = (uint64_t)kind->result;
	crossing_in.general[RCX] = (uint64_t)crossing_call_return;
	crossing_in.general[R11] = crossing_in.flags;
}

static void compare_registers(const struct kind *kind)
{
	static const char *const names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "flags", "the FS base",
		"the GS base", "the GS selector"};
	const uint64_t *want = (const uint64_t *)&crossing_in,
		       *got = (const uint64_t *)&crossing_out;
	for (int i = 0; i < 20; i++)
		if (want[i] != got[i])
			differs(kind->name, names[i], want[i], got[i]);
	for (int i = 0; i < 16; i++)
		if (memcmp(crossing_in.ymm[i], crossing_out.ymm[i], 32) != 0)
			differs(kind->name, "a YMM register", *(uint64_t *)crossing_in.ymm[i],
				*(uint64_t *)crossing_out.ymm[i]);
	if (crossing_in.mxcsr != crossing_out.mxcsr)
		differs(kind->name, "MXCSR", crossing_in.mxcsr, crossing_out.mxcsr);
	if (crossing_in.control != crossing_out.control)
		differs(kind->name, "the x87 control word", crossing_in.control,
			crossing_out.control);
	add_to_checksum(&crossing_out, sizeof(crossing_out));
}

static void make_crossing(const struct kind *kind)
{
	if (kind->check_page)
		new_page(kind);
	load_registers(kind);
	kind->cross();
	if (kind->number >= 0)
		expect_call(kind);
	compare_registers(kind);
	if (kind->check_page)
		kind->check_page(kind);
}

static void compare_memory(void)
{
	for (size_t i = 0; i < PATTERN_WORDS; i++)
		if (pattern[i] != mix(variant ^ i))
			differs("memory", "a word of the pattern", mix(variant ^ i), pattern[i]);
	add_to_checksum(pattern, 64);
}

static uint64_t make_round(void)
{
	checksum = 0;
	for (size_t k = 0; k < KINDS; k++)
		make_crossing(&kinds[k]);
	compare_memory();
	return checksum;
}

static int input_at_end(void)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	char byte;
	return poll(&input, 1, 0) == 1 && read(0, &byte, 1) <= 0;
}

static int work(uint64_t which)
{
	variant = which;
	for (size_t i = 0; i < PATTERN_WORDS; i++)
		pattern[i] = mix(variant ^ i);
	uint64_t first = make_round();
	for (int rounds = 1; rounds < ROUNDS_MIN || !input_at_end(); rounds++) {
		uint64_t now = make_round();
		if (now != first)
			differs("round", "the checksum", first, now);
	}
	printf("variant %lu checksum %016lx\n", variant, first);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "work") == 0)
		return work(strtoul(argv[2], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "die") == 0)
		return die(argv[2]);
	fprintf(stderr, "sweep work VARIANT | sweep die HOW\n");
	return 2;
}
