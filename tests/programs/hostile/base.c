/*
 * FS and GS bases that point where they should not.
 *
 * With FSGSBASE ring 3 may load any canonical address, the kernel's own per-CPU area included,
 * so no entry may look at the value of the base to find out whose it is (hazards P1, I3, B10),
 * and every switch must bring it back (W2, X8).
 */
#include "hostile.h"
#include "state.h"

#include <asm/prctl.h>

static const struct bad_address bases[] = {
	{"zero", 0},
	{"top", 0x7ffffffff000},
	{"last-byte", 0x7fffffffffff},
	{"direct-map", 0xffff800000000000},
	{"linux-direct-map", 0xffff888000000000},
	{"cpu-area", 0xfffffe0000000000},
	{"kernel-text", 0xffffffff80100000},
	{"minus-one", 0xffffffffffffffff},
};

static void base_survives(const struct hostile_case *c)
{
	for (size_t i = 0; i < surviving_event_count; i++) {
		struct machine_state s;
		state_init(&s);
		*(c->b ? &s.fs : &s.gs) = c->a;
		surviving_events[i].run(&s);
		say("%s: %s %lx, flags %lx\n", surviving_events[i].name, c->b ? "FS" : "GS",
			c->b ? s.fs : s.gs, s.flags & 0x200);
	}
}

static void base_dies(const struct hostile_case *c)
{
	struct machine_state s;
	state_init(&s);
	s.gs = c->a;
	s.fs = c->a;
	fatal_events[c->b].run(&s);
}

static void base_write_noncanonical(const struct hostile_case *c)
{
	if (c->b)
		__asm__ volatile("wrfsbase %0" : : "r"(c->a));
	else
		__asm__ volatile("wrgsbase %0" : : "r"(c->a));
}

/* Reads through GS where GS points at the kernel. */
static void base_use(const struct hostile_case *c)
{
	__asm__ volatile("wrgsbase %0; movq %%gs:0, %%rax" : : "r"(c->a) : "rax");
}

static void base_arch_prctl(const struct hostile_case *c)
{
	(void)c;
	static const uint64_t values[] = {0, 0x1000, 0x7fffffffefff, 0x7ffffffff000, 0x7fffffffffff,
		0x800000000000, 0xffff7fffffffffff, 0xffff800000000000, 0xfffffe0000000000,
		0xffffffffffffffff};
	for (size_t i = 0; i < COUNT(values); i++) {
		long set = raw6(158, ARCH_SET_GS, (long)values[i], 0, 0, 0, 0);
		uint64_t now = 1;
		long get = raw6(158, ARCH_GET_GS, (long)&now, 0, 0, 0, 0);
		say("ARCH_SET_GS %lx: %ld, get %ld %lx\n", values[i], set, get, now);
	}
	uint64_t own = 0, same = 0;
	raw6(158, ARCH_GET_FS, (long)&own, 0, 0, 0, 0);
	for (size_t i = 3; i < COUNT(values); i++) {
		if (values[i] == 0x7ffffffff000)
			continue;
		long set = raw6(158, ARCH_SET_FS, (long)values[i], 0, 0, 0, 0);
		if (set == 0)
			raw6(158, ARCH_SET_FS, (long)own, 0, 0, 0, 0);
		say("ARCH_SET_FS %lx: %ld\n", values[i], set);
	}
	raw6(158, ARCH_GET_FS, (long)&same, 0, 0, 0, 0);
	say("FS %s\n", own == same ? "kept" : "LOST");
	raw6(158, ARCH_SET_GS, 0, 0, 0, 0, 0);
	say("unknown codes: %ld %ld %ld\n", raw6(158, 0, 0, 0, 0, 0, 0),
		raw6(158, 0x9999, 0, 0, 0, 0, 0), raw6(158, -1, 0, 0, 0, 0, 0));
}

/* The same base through the instruction and through the call. */
static void base_agree(const struct hostile_case *c)
{
	(void)c;
	uint64_t through_call = 0, through_instruction = 0;
	__asm__ volatile("wrgsbase %0" : : "r"(0x123456789000UL));
	raw6(158, ARCH_GET_GS, (long)&through_call, 0, 0, 0, 0);
	raw6(158, ARCH_SET_GS, 0x23456789a000, 0, 0, 0, 0);
	__asm__ volatile("rdgsbase %0" : "=r"(through_instruction));
	say("%lx %lx\n", through_call, through_instruction);
	raw6(158, ARCH_SET_GS, 0, 0, 0, 0, 0);
}

void base_cases(void)
{
	case_add(SURVIVES, base_arch_prctl, 0, 0, "base.arch_prctl");
	case_add(SURVIVES, base_agree, 0, 0, "base.agree");
	for (size_t i = 0; i < COUNT(bases); i++) {
		case_add(SURVIVES, base_survives, bases[i].value, 0, "base.gs.%s", bases[i].name);
		case_add(SURVIVES, base_survives, bases[i].value, 1, "base.fs.%s", bases[i].name);
	}
	for (size_t i = 4; i < COUNT(bases); i++)
		for (size_t e = 0; e < fatal_event_count; e++)
			case_add(DIES, base_dies, bases[i].value, e, "base.%s.%s", bases[i].name,
				fatal_events[e].name);
	for (size_t i = 0; i < bad_address_count; i++)
		case_add(DIES, base_use, bad_addresses[i].value, 0, "base.use.%s",
			bad_addresses[i].name);
	case_add(DIES, base_write_noncanonical, 0x800000000000, 0, "base.wrgsbase.hole");
	case_add(DIES, base_write_noncanonical, 0x800000000000, 1, "base.wrfsbase.hole");
	case_add(DIES, base_write_noncanonical, 0xffff7fffffffffff, 0, "base.wrgsbase.hole-end");
}
