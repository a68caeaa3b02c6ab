/*
 * Memory that is not the program's, or not for this use.
 *
 * Hazards X12, U1, I9 (the program's own stack), S10.  Reads, writes and jumps to addresses of
 * the kernel, to pages without the permission, across the end of a mapping, and after the
 * mapping went away.
 */
#include "hostile.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void memory_read(const struct hostile_case *c)
{
	(void)*(volatile char *)c->a;
}

static void memory_write(const struct hostile_case *c)
{
	*(volatile char *)c->a = 1;
}

static void memory_execute(const struct hostile_case *c)
{
	((void (*)(void))c->a)();
}

/* An access of eight bytes whose last is at the address. */
static void memory_straddle(const struct hostile_case *c)
{
	(void)*(volatile uint64_t *)(c->a - 7);
}

static void write_text(const struct hostile_case *c)
{
	(void)c;
	*(volatile char *)(uintptr_t)memory_read = 0;
}

static void write_rodata(const struct hostile_case *c)
{
	(void)c;
	static const char text[] = "constant";
	*(volatile char *)(uintptr_t)text = 'k';
}

static void execute_page(const struct hostile_case *c)
{
	char *p = fresh_pages(1, (int)c->a | PROT_WRITE);
	*p = (char)0xc3;
	((void (*)(void))p)();
	say("executed\n");
}

static void access_protected(const struct hostile_case *c)
{
	char *p = fresh_pages(1, PROT_READ | PROT_WRITE);
	*p = 1;
	mprotect(p, 4096, (int)c->a);
	if (c->b)
		*(volatile char *)p = 2;
	else
		(void)*(volatile char *)p;
	say("allowed\n");
}

/* A page that nobody touched before the protection changed. */
static void access_protected_fresh(const struct hostile_case *c)
{
	char *p = fresh_pages(1, PROT_READ | PROT_WRITE);
	mprotect(p, 4096, (int)c->a);
	(void)*(volatile char *)p;
	if (c->b)
		*(volatile char *)p = 2;
	say("allowed\n");
}

/* In the TLB, then gone. */
static void access_unmapped(const struct hostile_case *c)
{
	(void)c;
	char *p = fresh_pages(3, PROT_READ | PROT_WRITE);
	memset(p, 1, 3 * 4096);
	munmap(p + 4096, 4096);
	say("%d %d\n", p[0], p[8192]);
	(void)*(volatile char *)(p + 4096);
}

static void access_shrunk_brk(const struct hostile_case *c)
{
	(void)c;
	char *start = (char *)raw6(12, 0, 0, 0, 0, 0, 0);
	start = (char *)(((uintptr_t)start + 4095) & ~4095UL);
	raw6(12, (long)start + 8192, 0, 0, 0, 0, 0);
	memset(start, 1, 8192);
	raw6(12, (long)start, 0, 0, 0, 0, 0);
	say("going\n");
	(void)*(volatile char *)(start + 4096);
}

static void straddle_end(const struct hostile_case *c)
{
	char *end = page_end(PROT_READ | PROT_WRITE | PROT_EXEC);
	switch (c->a) {
	case 0:
		(void)*(volatile uint64_t *)(end - 4);
		break;
	case 1:
		*(volatile uint64_t *)(end - 4) = 0;
		break;
	case 2:
		memcpy(end - 2, "\x48\xb8", 2);
		((void (*)(void))(end - 2))();
		break;
	case 3:
		__asm__ volatile("rep stosb" : : "D"(end - 100), "c"(200), "a"(0) : "memory");
		break;
	case 4:
		__asm__ volatile("std; rep movsb; cld"
				 :
				 : "D"(end + 50), "S"(end - 1), "c"(100)
				 : "memory");
		break;
	}
}

static unsigned long recurse(unsigned long depth)
{
	volatile char frame[1000];
	frame[depth % sizeof(frame)] = (char)depth;
	return depth == 0 ? 0 : recurse(depth + 1) + (unsigned long)frame[0];
}

static void stack_overflow(const struct hostile_case *c)
{
	(void)c;
	say("going\n");
	say("%lu\n", recurse(1));
}

/* One step of 64 MiB over the guard. */
static void stack_leap(const struct hostile_case *c)
{
	(void)c;
	__asm__ volatile("subq $0x4000000, %rsp; pushq $1");
}

static void stack_far_below(const struct hostile_case *c)
{
	(void)c;
	__asm__ volatile("movb $1, -0x1000000(%rsp)");
}

void memory_cases(void)
{
	for (size_t i = 0; i < bad_address_count; i++) {
		const struct bad_address *bad = &bad_addresses[i];
		case_add(DIES, memory_read, bad->value, 0, "memory.%s.read", bad->name);
		case_add(DIES, memory_write, bad->value, 0, "memory.%s.write", bad->name);
		case_add(DIES, memory_execute, bad->value, 0, "memory.%s.execute", bad->name);
		case_add(DIES, memory_straddle, bad->value, 0, "memory.%s.straddle", bad->name);
	}
	case_add(DIES, memory_read, 0xffffffffff600000, 0, "memory.vsyscall.read");
	case_add(DIES, memory_execute, 0xffffffffff600010, 0, "memory.vsyscall.execute");
	case_add(DIES, write_text, 0, 0, "memory.text.write");
	case_add(DIES, write_rodata, 0, 0, "memory.rodata.write");
	case_add(DIES, execute_page, PROT_READ, 0, "memory.nx.execute");
	case_add(SURVIVES, execute_page, PROT_READ | PROT_EXEC, 0, "memory.rwx.execute");
	case_add(DIES, access_protected, PROT_NONE, 0, "memory.none.read");
	case_add(DIES, access_protected, PROT_NONE, 1, "memory.none.write");
	case_add(DIES, access_protected, PROT_READ, 1, "memory.read-only.write");
	case_add(SURVIVES, access_protected, PROT_READ, 0, "memory.read-only.read");
	case_add(SURVIVES, access_protected, PROT_WRITE, 0, "memory.write-only.read");
	case_add(DIES, access_protected_fresh, PROT_NONE, 0, "memory.fresh.none");
	case_add(DIES, access_protected_fresh, PROT_READ, 1, "memory.fresh.read-only");
	case_add(DIES, access_unmapped, 0, 0, "memory.unmapped");
	case_add(DIES, access_shrunk_brk, 0, 0, "memory.brk-shrunk");
	case_add(DIES, straddle_end, 0, 0, "memory.end.read");
	case_add(DIES, straddle_end, 1, 0, "memory.end.write");
	case_add(DIES, straddle_end, 2, 0, "memory.end.execute");
	case_add(DIES, straddle_end, 3, 0, "memory.end.stos");
	case_add(DIES, straddle_end, 4, 0, "memory.end.movs-down");
	case_add(DIES, stack_overflow, 0, 0, "memory.stack.overflow");
	case_add(DIES, stack_leap, 0, 0, "memory.stack.leap");
	case_add(DIES, stack_far_below, 0, 0, "memory.stack.far-below");
}
