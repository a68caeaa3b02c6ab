/*
 * Users: how many threads each has, for RLIMIT_NPROC, and how many there are at all; what else is counted by user. Thread
 * context where nothing else is said.
 */
#ifndef PROC_USER_H
#define PROC_USER_H

#include "lib/compiler.h"
#include "lib/types.h"

struct process;
struct thread;
struct user;

/* The user with a number, with a reference; NULL if memory ran out. */
MUST_CHECK struct user *user_get(u32 uid);
void user_get_more(struct user *u);
/* The running thread's, with a reference. */
struct user *user_get_current(void);
void user_put(struct user *u);
u32 user_threads(const struct user *u);
/* One more file in a set of the user's: false if there are as many as that already. Any context. */
MUST_CHECK bool user_add_watch(struct user *u, u64 limit);
void user_remove_watch(struct user *u);

/* So many pages of shared memory that are locked (SHM_LOCK): false if that is more than limit, together. Any context. */
MUST_CHECK bool user_lock_pages(struct user *u, u64 pages, u64 limit);
void user_unlock_pages(struct user *u, u64 pages);

/* A new thread of the user: it is counted from here to user_leave(). Takes over the reference.
 * -EAGAIN if the system has as many threads as it may; then the reference stays the caller's. */
MUST_CHECK int user_join(struct user *u, struct thread *t);
void user_leave(struct thread *t);
/* All threads of p become u's; takes over the reference. p->lock is held. */
void user_change_locked(struct process *p, struct user *u);

/* Linux's kernel.threads-max for this machine. */
u32 user_threads_max(void);
u32 user_threads_total(void);

#endif
