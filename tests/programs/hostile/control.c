/*
 * The edges of the program's half: the last page, calls that end where no instruction can be.
 *
 * Hazards S10 and X2: if the last page below 2^47 could be mapped, a SYSCALL at its end would
 * return to a non-canonical address, and SYSRET would fault in ring 0.
 */
#include "hostile.h"

#include <string.h>
#include <sys/mman.h>

#define LAST_PAGE 0x7fffffffe000
#define FORBIDDEN_PAGE 0x7ffffffff000

static long map_at(uint64_t address, uint64_t length, int prot, int flags)
{
	return raw6(
		9, (long)address, (long)length, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

/* The page after the last is refused in every way. */
static void top_is_forbidden(const struct hostile_case *c)
{
	(void)c;
	/* Not writable: how much memory may be promised is another question. */
	const int prot = PROT_READ | PROT_EXEC;
	static const struct {
		uint64_t address, length;
	} ranges[] = {
		{FORBIDDEN_PAGE, 4096},
		{FORBIDDEN_PAGE, 8192},
		{LAST_PAGE, 8192},
		{0x800000000000, 4096},
		{0xffff800000000000, 4096},
		{0xfffffffffffff000, 4096},
		{0xffffffffff600000, 4096},
		{0x10000, 0x7fffffff0000 - 0x1000},
		{0, 0x800000000000},
		{0, 0xfffffffffffff000},
		{0, 0xffffffffffffffff},
		{0x1000, 0xfffffffffffff000},
	};
	for (size_t i = 0; i < COUNT(ranges); i++) {
		long fixed = map_at(ranges[i].address, ranges[i].length, prot, MAP_FIXED_NOREPLACE);
		long hint = ranges[i].length > 8192
				    ? 0
				    : map_at(ranges[i].address, ranges[i].length, prot, 0);
		say("mmap %lx+%lx: fixed %ld, as a hint %s\n", ranges[i].address, ranges[i].length,
			fixed, hint < 0 ? "refused" : "elsewhere");
		say("munmap %ld, mprotect %ld\n",
			ranges[i].address < LAST_PAGE ? 0L
						      : raw6(11, (long)ranges[i].address,
								(long)ranges[i].length, 0, 0, 0, 0),
			ranges[i].address < LAST_PAGE
				? 0L
				: raw6(10, (long)ranges[i].address, (long)ranges[i].length, 1, 0, 0,
					  0));
	}
}

/* `code` placed so that its last byte is the last byte of the last page. */
static void top_run(const unsigned char *code, size_t length)
{
	long page = map_at(LAST_PAGE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_FIXED);
	if (page != LAST_PAGE) {
		say("the last page: %ld\n", page);
		return;
	}
	unsigned char *at = (unsigned char *)LAST_PAGE + 4096 - length;
	memcpy(at, code, length);
	say("going\n");
	static const char text[] = "from the top\n";
	long result;
	__asm__ volatile("call *%1"
			 : "=a"(result)
			 : "r"(at), "a"(1), "D"(1), "S"(text), "d"(sizeof(text) - 1)
			 : "rcx", "r11", "memory");
	say("came back\n");
}

/* The call is made, then the program dies where it goes on: at 2^47 - 4096. */
static void top_syscall(const struct hostile_case *c)
{
	(void)c;
	top_run((const unsigned char[]){0x0f, 0x05}, 2);
}

static void top_nop(const struct hostile_case *c)
{
	(void)c;
	top_run((const unsigned char[]){0x90}, 1);
}

static void top_int3(const struct hostile_case *c)
{
	(void)c;
	top_run((const unsigned char[]){0xcc}, 1);
}

/* Half an instruction on the last page. */
static void top_half(const struct hostile_case *c)
{
	(void)c;
	top_run((const unsigned char[]){0x0f}, 1);
}

/* The stack at the very top, the data access across the end. */
static void top_access(const struct hostile_case *c)
{
	long page = map_at(LAST_PAGE, 4096, PROT_READ | PROT_WRITE, MAP_FIXED);
	say("%d\n", page == LAST_PAGE);
	*(volatile uint64_t *)(LAST_PAGE + 4096 - 8) = 1;
	say("the last word is there\n");
	*(volatile uint64_t *)(LAST_PAGE + 4096 - c->a) = 1;
}

void control_cases(void)
{
	case_add(SURVIVES, top_is_forbidden, 0, 0, "top.forbidden");
	case_add(DIES, top_syscall, 0, 0, "top.syscall");
	case_add(DIES, top_nop, 0, 0, "top.nop");
	case_add(DIES, top_int3, 0, 0, "top.int3");
	case_add(DIES, top_half, 0, 0, "top.half");
	case_add(DIES, top_access, 4, 0, "top.straddle");
	case_add(DIES, top_access, 0, 0, "top.beyond");
}
