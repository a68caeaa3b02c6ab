/*
 * Locks on files: flock(2), record locks (fcntl(2) F_SETLK: a process's), and those of open file descriptions (F_OFD_SETLK).
 *
 * A lock is on what stat(2) names: device and inode number, so files of every kind can be locked, those without a place in a tree, too.
 * Record locks and those of open files see each other; flock's see only themselves.
 *
 * All of it is under lock_mutex (RANK_FILE_LOCKS), the table of locks and who waits for them. Files:
 *   lock_list.c     what a list of held locks says, and what becomes of it: merging, cutting, splitting
 *   lock_table.c    the locks of each file; who closes a file gives its locks back
 *   lock_wait.c     who waits, in order; deadlocks
 *   lock_calls.c    flock(2) and fcntl(2)
 *   lock_show.c     /proc/locks
 *
 * An owner is a descriptor table (record locks, as on Linux: the processes that share one share its locks) or an open file. Both give
 * back what they have before they go, so a pointer is enough to compare.
 *
 * Functions are for thread context without spinlocks, and may sleep.
 */
#ifndef FS_LOCK_H
#define FS_LOCK_H

#include "lib/compiler.h"
#include "lib/types.h"

struct file;
struct files;
struct flock;
struct proc_text;

/* Start-up, before the first file is closed. */
void lock_init(void);

/* Is it an operation of flock(2): 0, -EINVAL. Asked before there is a file. */
MUST_CHECK int lock_flock_check(u32 operation);
/* flock(2): 0, -EAGAIN, -EBADF, -EINVAL, -EINTR, -ENOMEM. */
MUST_CHECK int lock_flock(struct file *f, u32 operation);

/* What fcntl(2) was asked to do. */
struct lock_command {
	bool of_file; /* F_OFD_*: the open file's, not the process's */
	bool wait;    /* F_SETLKW */
};
/* t and fd are those that f was found in. 0, -EAGAIN, -EBADF, -EDEADLK, -EINVAL, -EINTR, -ENOLCK, -EOVERFLOW. */
MUST_CHECK int lock_set(
	struct files *t, u32 fd, struct file *f, const struct flock *what, struct lock_command c);
/* F_GETLK: *what becomes a lock that is in the way, or F_UNLCK. 0, -EINVAL, -EOVERFLOW. */
MUST_CHECK int lock_get(struct files *t, struct file *f, struct flock *what, struct lock_command c);

/* /proc/locks. */
void lock_show(struct proc_text *t);

#endif
