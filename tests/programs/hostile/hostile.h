/*
 * The hostile programs: what ring 3 can do to provoke the kernel, one case each.
 *
 * A case either survives, and then prints what it saw, or dies by a signal.  Handlers are not
 * used: the outcome is what was printed and how the process ended, which is the same question
 * on every kernel.  The host's Linux answers first; tests/crossing/hostile.sh compares.
 *
 * Cases that survive are many to a process (`hostile batch`), those that die are one to a
 * virtual machine.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fate { SURVIVES, DIES };

struct hostile_case {
	char *name;
	enum fate fate;
	void (*run)(const struct hostile_case *c);
	/* What the run function makes of them is its own business. */
	uint64_t a, b;
};

/* Adds a case; the name is formatted. */
void case_add(enum fate fate, void (*run)(const struct hostile_case *), uint64_t a, uint64_t b,
	const char *name, ...) __attribute__((format(printf, 5, 6)));

/* Prints at once, without a buffer: the next instruction may be the last. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Each file's cases. */
void state_cases(void);
void code_cases(void);
void flags_cases(void);
void control_cases(void);
void vector_cases(void);
void base_cases(void);
void fpu_cases(void);
void memory_cases(void);
void pointer_cases(void);
void number_cases(void);
void register_cases(void);
void signal_cases(void);
void sigreturn_cases(void);

/* A system call without libc's errno: the kernel's own result. */
static inline long raw6(long n, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

/* Fresh pages, not touched yet. */
void *fresh_pages(size_t count, int prot);
/* The end of a page whose successor is not mapped. */
char *page_end(int prot);

/* Addresses that no program may use. */
struct bad_address {
	const char *name;
	uint64_t value;
};
extern const struct bad_address bad_addresses[];
extern const size_t bad_address_count;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
