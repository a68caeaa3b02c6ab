/* Making processes and threads from the running one: what fork, vfork, clone and clone3 stand on. */
#ifndef PROC_CLONE_H
#define PROC_CLONE_H

#include "lib/compiler.h"
#include "lib/types.h"

/* As clone3(2) has it. */
struct clone_request {
	u64 flags;	 /* CLONE_*, without a signal */
	u32 exit_signal; /* to the parent when the child ends; 0: none */
	uaddr_t stack;	 /* RSP of the child; 0: the caller's */
	uaddr_t tls;	 /* FS base with CLONE_SETTLS */
	uaddr_t pidfd;	 /* where the descriptor goes with CLONE_PIDFD */
	uaddr_t parent_tid, child_tid;
};

/* The child's number, or -errno as clone(2). Thread context, in a system call of a user thread. */
MUST_CHECK s64 process_clone(const struct clone_request *r);

/* For clone.c. clone_process.c: a process that nobody can see yet, with what the running one gives it. 0 or -errno; then *out
 * is NULL or has some of its parts, and is the caller's to give back. */
struct process;
MUST_CHECK int clone_copy_process(const struct clone_request *r, struct process **out);

#endif
