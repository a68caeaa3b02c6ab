/* Loading, crossing and comparing, for every kind. */
#include "kind.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096

/* CF PF AF ZF SF OF DF NT AC ID, and IF with the bit that is always set. */
#define FLAGS_ALL \
	(0x001 | 0x004 | 0x010 | 0x040 | 0x080 | 0x800 | 0x400 | 0x4000 | 0x40000 | 0x200000)
#define FLAGS_FIXED 0x202
#define USER_DS_SELECTOR 0x2b

_Static_assert(offsetof(struct registers, ymm) == 160, "crossing.S");
_Static_assert(offsetof(struct registers, control) == 676, "crossing.S");

uint64_t variant;

static char stack[4 * PAGE] __attribute__((aligned(64)));

uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

void differs(const char *kind, const char *what, uint64_t want, uint64_t got)
{
	printf("variant %lu, %s: %s was %016lx and became %016lx\n", variant, kind, what, want,
		got);
	exit(1);
}

/* With FSGSBASE a program may load the kernel's addresses. */
static uint64_t base_value(uint64_t seed)
{
	uint64_t value = mix(seed);
	return value & 1 ? value >> 17 : value | 0xffff800000000000;
}

static void load_arguments(const struct kind *kind)
{
	static const int order[5] = {RDI, RSI, RDX, R10, R8};
	if (kind->number == NO_CALL)
		return;
	crossing_in.general[RAX] = (uint64_t)kind->number;
	for (int i = 0; i < kind->given; i++)
		crossing_in.general[order[i]] = kind->arguments[i];
}

static void load_registers(const struct kind *kind, uint64_t seed)
{
	memset(&crossing_in, 0, sizeof(crossing_in));
	for (int i = 0; i < 16; i++)
		crossing_in.general[i] = mix(seed + (uint64_t)i);
	crossing_in.general[RSP] = (uint64_t)stack + sizeof(stack);
	crossing_in.flags = FLAGS_FIXED | (seed & 0x1000 ? FLAGS_ALL : 0);
	crossing_in.fs = base_value(seed + 16);
	crossing_in.gs = base_value(seed + 17);
	crossing_in.gs_selector = variant ? USER_DS_SELECTOR : 0;
	for (size_t i = 0; i < sizeof(crossing_in.ymm); i += 8) {
		uint64_t value = mix(seed + 18 + i);
		memcpy((uint8_t *)crossing_in.ymm + i, &value, 8);
	}
	crossing_in.mxcsr = MXCSR_CLEAN | (uint32_t)(mix(seed) & 0x6040);
	crossing_in.control = (uint16_t)(CONTROL_CLEAN & ~(mix(seed) & 0x300));
	crossing_count = 2000;
	load_arguments(kind);
}

void kind_expect_call(const struct kind *kind, struct registers *want)
{
	want->general[RAX] = (uint64_t)kind->result;
	want->general[RCX] = (uint64_t)(kind->cross == crossing_spawn ? crossing_spawn_return
								      : crossing_call_return);
	want->general[R11] = want->flags;
}

void kind_compare(const char *name, const struct registers *want, const struct registers *got,
	uint64_t ignore)
{
	static const char *const names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "flags", "the FS base",
		"the GS base", "the GS selector"};
	const uint64_t *w = (const uint64_t *)want, *g = (const uint64_t *)got;
	for (int i = 0; i < 20; i++)
		if ((w[i] ^ g[i]) & ~(i == 16 ? ignore : 0))
			differs(name, names[i], w[i], g[i]);
	for (int i = 0; i < 16; i++)
		if (memcmp(want->ymm[i], got->ymm[i], 32) != 0)
			differs(name, "a YMM register", *(const uint64_t *)want->ymm[i],
				*(const uint64_t *)got->ymm[i]);
	if (want->mxcsr != got->mxcsr)
		differs(name, "MXCSR", want->mxcsr, got->mxcsr);
	if (want->control != got->control)
		differs(name, "the x87 control word", want->control, got->control);
}

long kind_take_result(const struct kind *kind)
{
	long result = (long)crossing_out.general[RAX];
	if (result <= 0)
		differs(kind->name, "the call's result", 1, (uint64_t)result);
	crossing_out.general[RAX] = (uint64_t)kind->result;
	return result;
}

void kind_make(const struct kind *kind, uint64_t seed)
{
	if (kind->act) {
		kind->act(kind);
		return;
	}
	load_registers(kind, seed);
	if (kind->prepare)
		kind->prepare(kind);
	kind->cross();
	if (kind->number != NO_CALL)
		kind_expect_call(kind, &crossing_in);
	if (kind->settle)
		kind->settle(kind);
	kind_compare(kind->name, &crossing_in, &crossing_out, 0);
}

void born_check(void)
{
	struct registers clean = {
		.flags = FLAGS_FIXED, .mxcsr = MXCSR_CLEAN, .control = CONTROL_CLEAN};
	clean.general[RSP] = crossing_born.general[RSP];
	if (clean.general[RSP] & 15)
		differs("execve", "rsp", clean.general[RSP] & ~15UL, clean.general[RSP]);
	kind_compare("execve", &clean, &crossing_born, 0);
}
