/* Loading a program into an address space of its own. Between exec.c and spawn.c. */
#ifndef PROC_EXEC_H
#define PROC_EXEC_H

#include "lib/compiler.h"
#include "lib/types.h"

struct mm;
struct process;
struct spawn;

struct exec_result {
	struct mm *mm; /* with a user's reference for the caller */
	uaddr_t entry, sp;
};

/* Limits and credentials are p's. 0 or -errno, then perhaps with s->why. Thread context. */
MUST_CHECK int exec_load(struct spawn *s, const struct process *p, struct exec_result *out);

#endif
