/*
 * What a program finds in its registers: at the start, and after every kind of entry.
 *
 * Hazards B2, X9, S6: nothing but its own values or zero; a call changes RAX, RCX and R11,
 * which hold the result, the next instruction and the flags.
 */
#include "hostile.h"

#include <string.h>
#include <sys/mman.h>

extern const uint64_t start_state[25];
extern const uint8_t start_xsave[4096];
void registers_call(const uint64_t in[16], uint64_t out[18]);

static const char *const names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8", "r9",
	"r10", "r11", "r12", "r13", "r14", "r15"};

static void registers_at_start(const struct hostile_case *c)
{
	(void)c;
	for (size_t i = 0; i < COUNT(names); i++)
		say("%s %lx\n", names[i], start_state[i]);
	say("rsp %% 16 = %lu, flags %lx\n", start_state[15] % 16, start_state[16]);
	for (size_t i = 17; i < 23; i++)
		say("%lx ", start_state[i] & 0xffff);
	say("bases %lx %lx\n", start_state[23], start_state[24]);
	uint64_t other = 0;
	for (size_t i = 32; i < 512 - 96; i++)
		other += start_xsave[i];
	for (size_t i = 576; i < sizeof(start_xsave); i++)
		other += start_xsave[i];
	say("control %x, tags %x, MXCSR %x, the rest %lx\n", *(const uint16_t *)start_xsave,
		start_xsave[4], *(const uint32_t *)(start_xsave + 24), other);
}

/* One call with marked registers; prints what came out changed. */
static void registers_check(uint64_t number, uint64_t first, const char *what)
{
	uint64_t in[16], out[18];
	for (size_t i = 0; i < COUNT(in); i++)
		in[i] = 0x1111111111111111 * (i + 1);
	in[0] = number;
	in[5] = first;
	registers_call(in, out);
	say("%s: result %ld", what, (long)out[0]);
	for (size_t i = 1; i < COUNT(names); i++)
		if (i != 2 && i != 10 && in[i] != out[i])
			say(", %s became %lx", names[i], out[i]);
	say(", rcx %s, r11 %s, rsp moved %ld\n", out[2] == out[17] ? "next" : "WRONG",
		out[10] == out[16] ? "flags" : "WRONG", (long)out[15]);
}

static void registers_after_calls(const struct hostile_case *c)
{
	(void)c;
	registers_check(1000, 0, "unknown");
	registers_check(0xffffffffffffffff, 0, "-1");
	registers_check(3, 999, "close");
	registers_check(1, 999, "write");
	registers_check(0, 999, "read");
	registers_check(24, 0, "sched_yield");
	registers_check(9, 1, "mmap");
	registers_check(11, 1, "munmap");
	registers_check(158, 0, "arch_prctl");
	registers_check(8, 999, "lseek");
	registers_check(95, 022, "umask");
	registers_check(35, 0, "nanosleep of NULL");
	registers_check(62, 0x7ffffff0, "kill nobody");
}

/* Only the low 32 bits of RAX are the number. */
static void registers_wide_number(const struct hostile_case *c)
{
	(void)c;
	registers_check(0x100000000 + 3, 999, "close + 2^32");
	registers_check(0xffffffff00000003, 999, "close + high bits");
	registers_check(0x8000000000000003, 999, "close + 2^63");
	registers_check(0x80000003, 999, "close + 2^31");
	registers_check(0xffffffff, 0, "2^32 - 1");
	registers_check(0x7fffffff, 0, "2^31 - 1");
	registers_check(512, 0, "512");
	registers_check(547, 0, "547");
	registers_check(0x40000003, 999, "x32 close");
	registers_check(0x40000000 + 520, 999, "x32 520");
}

/* Selectors that ring 3 may load stay loaded over entries, switches and faults. */
static void registers_selectors(const struct hostile_case *c)
{
	(void)c;
	uint64_t fs, seen[4];
	static const struct {
		long seconds, nanoseconds;
	} nap = {0, 2000000};
	char *page = fresh_pages(1, PROT_READ | PROT_WRITE);
	__asm__ volatile("rdfsbase %0" : "=r"(fs));
	__asm__ volatile("movl %k[sel], %%ds; movl %k[sel], %%es; movl %k[three], %%fs;"
			 "movl %k[sel], %%gs;"
			 "movl $35, %%eax; movq %[nap], %%rdi; xorl %%esi, %%esi; syscall;"
			 "movb $1, (%[page]);"
			 "xorl %%eax, %%eax; movw %%ds, %%ax; movq %%rax, (%[seen]);"
			 "movw %%es, %%ax; movq %%rax, 8(%[seen]);"
			 "movw %%fs, %%ax; movq %%rax, 16(%[seen]);"
			 "movw %%gs, %%ax; movq %%rax, 24(%[seen]);"
			 "xorl %%eax, %%eax; movl %%eax, %%ds; movl %%eax, %%es; movl %%eax, %%fs;"
			 "movl %%eax, %%gs; wrfsbase %[fs]"
			 :
			 : [sel] "r"(0x2b), [three] "r"(0x2b), [nap] "r"(&nap), [page] "r"(page),
			 [seen] "r"(seen), [fs] "r"(fs)
			 : "rax", "rcx", "rdi", "rsi", "r11", "memory");
	say("%lx %lx %lx %lx\n", seen[0], seen[1], seen[2], seen[3]);
}

void register_cases(void)
{
	case_add(SURVIVES, registers_at_start, 0, 0, "registers.start");
	case_add(SURVIVES, registers_after_calls, 0, 0, "registers.calls");
	case_add(SURVIVES, registers_wide_number, 0, 0, "registers.wide");
	case_add(SURVIVES, registers_selectors, 0, 0, "registers.selectors");
}
