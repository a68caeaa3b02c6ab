/* A new program's stack: strings, pointers to them, and the auxiliary vector. Between exec.c and
 * stack.c. */
#ifndef PROC_STACK_H
#define PROC_STACK_H

#include "lib/compiler.h"
#include "lib/types.h"

struct mm;
struct credentials;
struct exec_args;

/* What the program will find about itself. */
struct stack_contents {
	const char *path;
	const struct exec_args *args;
	const struct credentials *cred;
	bool secure;   /* AT_SECURE: it runs with somebody else's rights */
	uaddr_t phdrs; /* AT_PHDR, 0 if no segment holds them */
	u32 phdr_count;
	uaddr_t entry;
	uaddr_t base;	/* of the dynamic linker, or 0 */
	uaddr_t vdso;	/* its ELF header, or 0 */
	bool randomise; /* the place of the first frame in its page */
};

/* Writes everything below top into the (mapped) stack of mm; *sp is what RSP must be at the entry
 * point. 0 or -ENOMEM. */
MUST_CHECK int stack_build(struct mm *mm, uaddr_t top, const struct stack_contents *c, uaddr_t *sp);

#endif
