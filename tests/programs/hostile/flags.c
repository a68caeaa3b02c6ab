/*
 * Every flag that POPF can set, at every door.
 *
 * Hazards C1, S8, S9, I1, I2, W4: what is set in ring 3 must neither disturb the kernel nor be
 * lost.  TF ends the process by SIGTRAP at a place that is fixed (code.S has those cases); the
 * others must be found unchanged.
 */
#include "hostile.h"
#include "state.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#define FLAG_CF 0x1
#define FLAG_PF 0x4
#define FLAG_AF 0x10
#define FLAG_ZF 0x40
#define FLAG_SF 0x80
#define FLAG_IF 0x200
#define FLAG_DF 0x400
#define FLAG_OF 0x800
#define FLAG_IOPL 0x3000
#define FLAG_NT 0x4000
#define FLAG_RF 0x10000
#define FLAG_AC 0x40000
#define FLAG_VIF 0x80000
#define FLAG_VIP 0x100000
#define FLAG_ID 0x200000
#define FLAG_FIXED 0x2

static const struct {
	const char *name;
	uint64_t flag;
} flags[] = {
	{"cf", FLAG_CF},
	{"pf", FLAG_PF},
	{"af", FLAG_AF},
	{"zf", FLAG_ZF},
	{"sf", FLAG_SF},
	{"if-clear", 0},
	{"df", FLAG_DF},
	{"of", FLAG_OF},
	{"iopl", FLAG_IOPL},
	{"nt", FLAG_NT},
	{"rf", FLAG_RF},
	{"ac", FLAG_AC},
	{"vif", FLAG_VIF},
	{"vip", FLAG_VIP},
	{"id", FLAG_ID},
	{"high", 0xffffffff00000000},
};

static void flag_survives(const struct hostile_case *c)
{
	for (size_t i = 0; i < surviving_event_count; i++) {
		struct machine_state s;
		state_init(&s);
		s.flags = c->a | FLAG_FIXED | (c->b ? FLAG_IF : 0);
		surviving_events[i].run(&s);
		say("%s: flags %lx\n", surviving_events[i].name, s.flags);
	}
}

static void flag_dies(const struct hostile_case *c)
{
	struct machine_state s;
	state_init(&s);
	s.flags = c->a | FLAG_FIXED | FLAG_IF;
	fatal_events[c->b].run(&s);
}

/* Every combination of ten flags; only what is wrong is printed. */
static void flag_combinations(const struct hostile_case *c)
{
	(void)c;
	static const uint64_t bits[] = {FLAG_CF, FLAG_PF, FLAG_AF, FLAG_ZF, FLAG_SF, FLAG_DF,
		FLAG_OF, FLAG_NT, FLAG_AC, FLAG_ID};
	for (unsigned int set = 0; set < 1U << COUNT(bits); set++) {
		uint64_t want = FLAG_FIXED | FLAG_IF;
		for (size_t i = 0; i < COUNT(bits); i++)
			want |= set & (1U << i) ? bits[i] : 0;
		for (size_t i = 0; i < surviving_event_count; i++) {
			struct machine_state s;
			state_init(&s);
			s.flags = want;
			s.count = 1000;
			s.time.tv_nsec = set % 16 == 0 ? 1000 : 0;
			surviving_events[i].run(&s);
			if (s.flags != want)
				say("%s: flags %lx became %lx\n", surviving_events[i].name, want,
					s.flags);
			munmap(s.page, 4096);
			munmap((void *)((s.rsp - 2048) & ~4095UL), 4096);
		}
	}
	say("combinations done\n");
}

/*
 * Calls that copy to and from the program, with the direction flag set: the kernel must
 * clear it for itself.
 */
static void flag_direction_copy(const struct hostile_case *c)
{
	(void)c;
	static char where[4096], name[16] = "direction", back[48];
	struct utsname u[2];
	memset(u, 0, sizeof(u));
	memset(back, '.', sizeof(back));
	long results[4];
	__asm__ volatile("std");
	results[0] = raw6(63, (long)&u[1], 0, 0, 0, 0, 0);
	results[1] = raw6(79, (long)where, sizeof(where), 0, 0, 0, 0);
	results[2] = raw6(157, 15, (long)name, 0, 0, 0, 0);
	results[3] = raw6(157, 16, (long)(back + 16), 0, 0, 0, 0);
	uint64_t after;
	__asm__ volatile("pushfq; popq %0; cld" : "=r"(after));
	say("%ld %s %ld %ld; name %.47s; DF %d; before %d\n", results[0], u[1].sysname, results[2],
		results[3], back, (after & FLAG_DF) != 0, ((char *)u)[389]);
	say("cwd length matches: %d\n", results[1] == (long)strlen(where) + 1);
}

void flags_cases(void)
{
	for (size_t i = 0; i < COUNT(flags); i++) {
		case_add(SURVIVES, flag_survives, flags[i].flag, flags[i].flag != 0, "flags.%s",
			flags[i].name);
	}
	case_add(SURVIVES, flag_combinations, 0, 0, "flags.combinations");
	case_add(SURVIVES, flag_direction_copy, 0, 0, "flags.df.copy");
	for (size_t e = 0; e < fatal_event_count; e++) {
		case_add(DIES, flag_dies, FLAG_NT, e, "flags.nt.%s", fatal_events[e].name);
		case_add(DIES, flag_dies, FLAG_AC | FLAG_DF, e, "flags.ac-df.%s",
			fatal_events[e].name);
		case_add(DIES, flag_dies, FLAG_RF | FLAG_IOPL | FLAG_ID, e, "flags.rf.%s",
			fatal_events[e].name);
	}
}
