/* A new program's stack: strings, pointers to them, and the auxiliary vector. Between exec.c and
 * stack.c. */
#ifndef PROC_STACK_H
#define PROC_STACK_H

#include "lib/compiler.h"
#include "lib/types.h"

struct mm;
struct credentials;

/* What the program will find about itself. */
struct stack_contents {
	const char *path;
	char *const *argv;
	char *const *envp;
	const struct credentials *cred;
	u64 stack_limit; /* RLIMIT_STACK, bytes */
	uaddr_t phdrs;	 /* AT_PHDR, 0 if no segment holds them */
	u32 phdr_count;
	uaddr_t entry;
	uaddr_t base;	/* of the dynamic linker, or 0 */
	bool randomise; /* the place of the first frame in its page */
};

/* 0 or -E2BIG: the limits of execve(2) on strings and pointers. */
MUST_CHECK int stack_check(const struct stack_contents *c);
/* Writes everything below top into the (mapped) stack of mm; *sp is what RSP must be at the entry
 * point. 0 or -ENOMEM. */
MUST_CHECK int stack_build(struct mm *mm, uaddr_t top, const struct stack_contents *c, uaddr_t *sp);

#endif
