/*
 * rt_sigreturn with frames that no kernel has made: everything in them is the program's choice.
 *
 * Hazards U5, X7, X14, X2, I2. A frame is good but for one word. What the kernel refuses ends by
 * SIGSEGV, at the instruction that the frame names or at the call; what it takes goes on, and then
 * the flags are told. No handler is needed for that.
 */
#include "hostile.h"

#include <string.h>
#include <sys/mman.h>

/* Offsets in the frame, from its lowest byte: asm/ucontext.h, asm/sigcontext.h. */
enum {
	UC_FLAGS = 8,
	UC_LINK = 16,
	STACK_SP = 24,
	STACK_FLAGS = 32,
	STACK_SIZE = 40,
	RSP = 168,
	RIP = 176,
	EFLAGS = 184,
	CS = 192,
	GS = 194,
	FS = 196,
	SS = 198,
	FPSTATE = 232,
	RESERVED = 240,
	MASK = 304,
	FRAME_SIZE = 440,
	/* In the XSAVE area. */
	MXCSR = 24,
	MAGIC1 = 464,
	EXTENDED_SIZE = 468,
	FEATURES = 472,
	XSTATE_SIZE = 480,
	HEADER = 512,
	AREA_SIZE = 576 + 256,
};

void sigreturn_enter(void *stack, uint64_t *rsp);
extern const char sigreturn_landed[];
extern uint64_t sigreturn_flags;

static char area[4096] __attribute__((aligned(64)));
static char frame[1024] __attribute__((aligned(64)));

static void put(char *to, uint64_t value, size_t size)
{
	memcpy(to, &value, size);
}

static void build(void)
{
	memset(frame, 0, sizeof(frame));
	memset(area, 0, sizeof(area));
	__asm__ volatile("xsave (%0)" : : "r"(area), "a"(7), "d"(0) : "memory");
	put(area + MAGIC1, 0x46505853, 4);
	put(area + EXTENDED_SIZE, AREA_SIZE + 4, 4);
	put(area + FEATURES, 7, 8);
	put(area + XSTATE_SIZE, AREA_SIZE, 4);
	put(area + AREA_SIZE, 0x46505845, 4);
	put(frame + UC_FLAGS, 7, 8);
	put(frame + STACK_FLAGS, 2, 8);
	put(frame + RIP, (uint64_t)sigreturn_landed, 8);
	put(frame + EFLAGS, 0x202, 8);
	put(frame + CS, 0x33, 2);
	put(frame + SS, 0x2b, 2);
	put(frame + FPSTATE, (uint64_t)area, 8);
}

static void go(void)
{
	sigreturn_enter(frame + 8, (uint64_t *)(frame + RSP));
	say("flags %lx\n", sigreturn_flags);
}

/* a: offset in the frame, and the size above; b: what is there. */
#define WORD(offset, size) ((uint64_t)(offset) | (uint64_t)(size) << 32)

static void bad_word(const struct hostile_case *c)
{
	build();
	put(frame + (uint32_t)c->a, c->b, c->a >> 32);
	go();
}

/* The same in the XSAVE area. */
static void bad_area(const struct hostile_case *c)
{
	build();
	put(area + (uint32_t)c->a, c->b, c->a >> 32);
	go();
}

/* The stack segment counts only if the frame says so. */
static void loose_segment(const struct hostile_case *c)
{
	build();
	put(frame + UC_FLAGS, 1, 8);
	put(frame + SS, c->b, 2);
	go();
}

static void bad_stack(const struct hostile_case *c)
{
	build();
	put(frame + RSP, c->b, 8);
	sigreturn_enter(frame + 8, NULL);
}

/* The frame lies there. */
static void frame_at(const struct hostile_case *c)
{
	build();
	sigreturn_enter((void *)c->b, NULL);
}

/* So much of the frame, or of the XSAVE area, is before the end of a page that has no successor. */
static void frame_at_end(const struct hostile_case *c)
{
	char *end = page_end(PROT_READ | PROT_WRITE);
	build();
	memcpy(end - c->a, frame, c->a);
	sigreturn_enter(end - c->a + 8, c->b ? (uint64_t *)(end - c->a + RSP) : NULL);
	say("flags %lx\n", sigreturn_flags);
}

static void area_at_end(const struct hostile_case *c)
{
	char *end = page_end(PROT_READ | PROT_WRITE);
	build();
	memcpy(end - c->a, area, c->a);
	put(frame + FPSTATE, (uint64_t)end - c->a, 8);
	go();
}

/* Pages that the kernel may only read. */
static void frame_read_only(const struct hostile_case *c)
{
	(void)c;
	char *page = fresh_pages(2, PROT_READ | PROT_WRITE);
	build();
	put(frame + FPSTATE, (uint64_t)page + 4096, 8);
	memcpy(page + 4096, area, 1024);
	memcpy(page, frame, sizeof(frame));
	mprotect(page + 4096, 4096, PROT_READ);
	sigreturn_enter(page + 8, (uint64_t *)(page + RSP));
	say("flags %lx\n", sigreturn_flags);
}

static void misaligned_area(const struct hostile_case *c)
{
	build();
	memmove(area + c->a, area, 2048);
	put(frame + FPSTATE, (uint64_t)area + c->a, 8);
	go();
}

/* The mask comes back, but for what can't be blocked. */
static void mask(const struct hostile_case *c)
{
	uint64_t now = 0, none = 0;
	build();
	put(frame + MASK, c->b, 8);
	sigreturn_enter(frame + 8, (uint64_t *)(frame + RSP));
	raw6(14, 2, 0, (long)&now, 8, 0, 0);
	raw6(14, 2, (long)&none, 0, 8, 0, 0);
	say("mask %lx\n", now);
}

/* Vector state as the frame has it: a value in, another one out. */
static void state(const struct hostile_case *c)
{
	uint64_t out[2] = {0, 0};
	uint32_t mxcsr = 0;
	build();
	memset(area + 160, (int)c->a, 16);
	put(area + MXCSR, 0x3f80, 4);
	put(area + HEADER, c->b, 8);
	sigreturn_enter(frame + 8, (uint64_t *)(frame + RSP));
	__asm__ volatile("movdqu %%xmm0, %0; stmxcsr %1" : "=m"(out), "=m"(mxcsr));
	say("xmm0 %lx %lx mxcsr %x\n", out[0], out[1], mxcsr);
	mxcsr = 0x1f80;
	__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

static void dying_words(void)
{
	static const uint64_t code[] = {
		0, 3, 8, 0x10, 0x18, 0x1b, 0x28, 0x2b, 0x38, 0x43, 0xfff8, 0xffff};
	static const uint64_t data[] = {
		0, 3, 8, 0x10, 0x13, 0x18, 0x33, 0x38, 0x43, 0xfff8, 0xffff};
	static const uint64_t misaligned[] = {1, 4, 8, 16, 32, 48};
	for (size_t i = 0; i < COUNT(code); i++)
		case_add(DIES, bad_word, WORD(CS, 2), code[i], "sigreturn.cs.%lx", code[i]);
	case_add(DIES, bad_word, WORD(CS, 2), 0x23, "sigreturn.cs.compat");
	for (size_t i = 0; i < COUNT(data); i++)
		case_add(DIES, bad_word, WORD(SS, 2), data[i], "sigreturn.ss.%lx", data[i]);
	for (size_t i = 0; i < bad_address_count; i++) {
		const struct bad_address *b = &bad_addresses[i];
		case_add(DIES, bad_word, WORD(RIP, 8), b->value, "sigreturn.rip.%s", b->name);
		case_add(DIES, bad_stack, 0, b->value, "sigreturn.rsp.%s", b->name);
		case_add(DIES, frame_at, 0, b->value, "sigreturn.frame.%s", b->name);
		if (b->value)
			case_add(DIES, bad_word, WORD(FPSTATE, 8), b->value, "sigreturn.area.%s",
				b->name);
	}
	for (size_t i = 0; i < COUNT(misaligned); i++)
		case_add(DIES, misaligned_area, misaligned[i], 0, "sigreturn.area.misaligned.%lu",
			misaligned[i]);
	case_add(DIES, bad_word, WORD(EFLAGS, 8), 0x302, "sigreturn.flags.tf");
	case_add(DIES, frame_at_end, 8, 0, "sigreturn.end.8");
	case_add(DIES, frame_at_end, 200, 1, "sigreturn.end.200");
	case_add(DIES, frame_at_end, 311, 1, "sigreturn.end.311");
	case_add(DIES, area_at_end, 64, 0, "sigreturn.area-end.64");
	case_add(DIES, area_at_end, 512, 0, "sigreturn.area-end.512");
	case_add(DIES, area_at_end, 576, 0, "sigreturn.area-end.576");
	case_add(DIES, area_at_end, 832, 0, "sigreturn.area-end.832");
}

static void dying_areas(void)
{
	case_add(DIES, bad_area, WORD(MXCSR, 4), 0x10000, "sigreturn.mxcsr.16");
	case_add(DIES, bad_area, WORD(MXCSR, 4), 0x80001f80, "sigreturn.mxcsr.31");
	case_add(DIES, bad_area, WORD(MXCSR, 4), 0xffffffff, "sigreturn.mxcsr.all");
	case_add(DIES, bad_area, WORD(HEADER, 8), 1UL << 63, "sigreturn.header.bv63");
	case_add(DIES, bad_area, WORD(HEADER, 8), 1UL << 62 | 7, "sigreturn.header.bv62");
	case_add(DIES, bad_area, WORD(HEADER, 8), ~0UL, "sigreturn.header.bv-all");
	case_add(DIES, bad_area, WORD(HEADER + 8, 8), 1, "sigreturn.header.comp1");
	case_add(DIES, bad_area, WORD(HEADER + 8, 8), 1UL << 63, "sigreturn.header.comp63");
	case_add(DIES, bad_area, WORD(HEADER + 8, 8), 1UL << 63 | 7, "sigreturn.header.compact");
	case_add(DIES, bad_area, WORD(HEADER + 16, 8), 1, "sigreturn.header.reserved");
}

static void surviving(void)
{
	static const struct {
		const char *name;
		uint64_t flags;
	} flags[] = {{"good", 0x202}, {"no-if", 2}, {"iopl", 0x3202}, {"nt", 0x4202},
		{"rf", 0x10202}, {"vm", 0x20202}, {"ac", 0x40202}, {"vif", 0x80202},
		{"vip", 0x100202}, {"id", 0x200202}, {"df", 0x602}, {"arithmetic", 0xad7},
		{"reserved", 0xffffffffffc08228 | 2}, {"all", ~0x100UL}, {"none", 0}};
	for (size_t i = 0; i < COUNT(flags); i++)
		case_add(SURVIVES, bad_word, WORD(EFLAGS, 8), flags[i].flags, "sigreturn.flags.%s",
			flags[i].name);
	static const uint64_t loose[] = {0, 3, 0x10, 0x18, 0x2b, 0xffff};
	for (size_t i = 0; i < COUNT(loose); i++)
		case_add(SURVIVES, loose_segment, 0, loose[i], "sigreturn.loose-ss.%lx", loose[i]);
	static const struct {
		const char *name;
		uint64_t where, value;
	} harmless[] = {{"uc-flags-0", WORD(UC_FLAGS, 8), 0},
		{"uc-flags-all", WORD(UC_FLAGS, 8), ~0UL}, {"link", WORD(UC_LINK, 8), ~0UL},
		{"gs", WORD(GS, 2), 0xffff}, {"fs", WORD(FS, 2), 0xffff},
		{"reserved", WORD(RESERVED, 8), ~0UL}, {"area-0", WORD(FPSTATE, 8), 0},
		{"stack-flags", WORD(STACK_FLAGS, 4), 0x77},
		{"stack-small", WORD(STACK_FLAGS, 4), 0}, {"cs-rpl0", WORD(CS, 2), 0x30},
		{"ss-rpl0", WORD(SS, 2), 0x28}};
	for (size_t i = 0; i < COUNT(harmless); i++)
		case_add(SURVIVES, bad_word, harmless[i].where, harmless[i].value,
			"sigreturn.word.%s", harmless[i].name);
	static const struct {
		const char *name;
		uint64_t where, value;
	} odd[] = {{"magic1", WORD(MAGIC1, 4), 0}, {"magic2", WORD(AREA_SIZE, 4), 0},
		{"size-0", WORD(XSTATE_SIZE, 4), 0}, {"size-575", WORD(XSTATE_SIZE, 4), 575},
		{"size-all", WORD(XSTATE_SIZE, 4), ~0UL}, {"extended-0", WORD(EXTENDED_SIZE, 4), 0},
		{"features-0", WORD(FEATURES, 8), 0}, {"features-1", WORD(FEATURES, 8), 1},
		{"features-all", WORD(FEATURES, 8), ~0UL}, {"header-0", WORD(HEADER, 8), 0},
		{"header-24", WORD(HEADER + 24, 8), ~0UL},
		{"header-56", WORD(HEADER + 56, 8), ~0UL}};
	for (size_t i = 0; i < COUNT(odd); i++)
		case_add(SURVIVES, bad_area, odd[i].where, odd[i].value, "sigreturn.odd.%s",
			odd[i].name);
	case_add(SURVIVES, mask, 0, ~0UL, "sigreturn.mask.all");
	case_add(SURVIVES, mask, 0, 0x8000000000000001, "sigreturn.mask.ends");
	for (uint64_t bv = 0; bv < 4; bv++)
		case_add(SURVIVES, state, 0x5a, bv, "sigreturn.state.%lu", bv);
	case_add(SURVIVES, frame_read_only, 0, 0, "sigreturn.read-only");
	case_add(SURVIVES, frame_at_end, FRAME_SIZE, 1, "sigreturn.end.whole");
}

void sigreturn_cases(void)
{
	dying_words();
	dying_areas();
	surviving();
}
