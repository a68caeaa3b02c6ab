/* The strings of an execve(2), gathered before the old program's memory goes. Thread context. */
#ifndef PROC_ARGS_H
#define PROC_ARGS_H

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

struct mm;

/* One string with its NUL, and a quarter of the stack's limit within bounds for all of them, as
 * Linux. */
#define ARG_STRING_MAX (32 * PAGE_SIZE)

/* argv's strings and behind them envp's, each with its NUL, in frames that are full but the last. */
struct exec_args {
	struct list frames; /* by page->link */
	u64 bytes;	    /* in all of them */
	u64 room;	    /* bytes that may still be added */
	u64 argv_bytes;	    /* of these, argv's */
	u32 argc, envc;
};

/* Without strings. stack_limit: RLIMIT_STACK; path: counts, too. 0 or -E2BIG. */
MUST_CHECK int args_init(struct exec_args *a, u64 stack_limit, const char *path);
/* Also valid after args_init() failed, or twice. */
void args_free(struct exec_args *a);

/* Adds both arrays, which end with NULL: the kernel's, or the running program's (0: empty). -E2BIG,
 * -ENOMEM, -EFAULT. */
MUST_CHECK int args_add_kernel(struct exec_args *a, char *const *argv, char *const *envp);
MUST_CHECK int args_add_user(struct exec_args *a, uaddr_t argv, uaddr_t envp);
/* Puts count strings in the place of the first argument. */
MUST_CHECK int args_replace_first(struct exec_args *a, const char *const *strings, u32 count);

/* Writes all strings, as they lie here, to an address space. 0, -EFAULT, -ENOMEM. */
MUST_CHECK int args_write(const struct exec_args *a, struct mm *mm, uaddr_t at);
/* Calls fn with the offset of each string, in order. */
void args_for_each(const struct exec_args *a, void (*fn)(u64 offset, void *arg), void *arg);

#endif
