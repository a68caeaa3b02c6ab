/* Locks on files, between the files of fs/lock*.c. fs/lock.h has the theory. */
#ifndef FS_LOCK_PRIVATE_H
#define FS_LOCK_PRIVATE_H

#include <asm/fcntl.h>

#include "fs/lock.h"
#include "lib/list.h"
#include "sched/mutex.h"

/* The last byte that a file can have. */
#define LOCK_END INT64_MAX

enum lock_kind {
	LOCK_OF_FLOCK,
	LOCK_OF_PROCESS,
	LOCK_OF_FILE,
};

/* What somebody has, or wants. */
struct lock_claim {
	enum lock_kind kind;
	s16 type;	   /* F_RDLCK, F_WRLCK, F_UNLCK */
	const void *owner; /* struct files, or struct file: only compared */
	s32 pid;	   /* as programs are told */
	s64 first, last;   /* bytes; of flock: all */
};

/* A lock that is held. All under lock_mutex. */
struct file_lock {
	struct list link; /* in its set's list, or among spares */
	struct lock_claim claim;
};

/*
 * The locks of one file, there as long as one of the lists is not empty. All under lock_mutex.
 *
 * Ranges: an owner's stand together, in the order of their bytes, and do not overlap; owners in the order in which they got their first.
 */
struct lock_set {
	struct list link; /* the table's bucket */
	u64 dev, ino;
	struct list flocks, ranges; /* struct file_lock */
	struct list waiting;	    /* struct lock_request, who came first comes first */
};

extern struct mutex lock_mutex;

static inline struct list *lock_set_list(struct lock_set *s, enum lock_kind kind)
{
	return kind == LOCK_OF_FLOCK ? &s->flocks : &s->ranges;
}

/* -- lock_list.c. Needs the list's lock and nothing else -- */

/* The first lock in the way, or NULL. */
struct file_lock *lock_list_conflict(struct list *held, const struct lock_claim *c);
/*
 * Makes the claim true: it is not in conflict. Takes what it needs from the spares and puts what is left over there. 0, or -ENOLCK
 * with nothing changed if there are too few; LOCK_SPARES are always enough.
 */
#define LOCK_SPARES 2
MUST_CHECK int lock_list_apply(struct list *held, const struct lock_claim *c, struct list *spares);
/* Moves all that the owner has to the spares: true if there was one. */
bool lock_list_drop(struct list *held, const void *owner, struct list *spares);

/* -- lock_table.c -- */

/* The set of a file, NULL if there is none. */
struct lock_set *lock_set_find(u64 dev, u64 ino) REQUIRES(&lock_mutex);
/* The same, with a new one that takes the memory of *spare, which is then NULL. */
struct lock_set *lock_set_make(u64 dev, u64 ino, struct lock_set **spare) REQUIRES(&lock_mutex);
/* After something left the set: takes it out of the table if it is empty, for kfree(); else NULL. */
struct lock_set *lock_set_retire(struct lock_set *s) REQUIRES(&lock_mutex);
/* For each set; NULL: the first; NULL comes back behind the last. */
struct lock_set *lock_set_next(struct lock_set *s) REQUIRES(&lock_mutex);
void lock_spares_free(struct list *spares);

/* -- lock_wait.c -- */

/* Somebody who wants a lock; lies on his stack. */
struct lock_request {
	struct list link;	/* lock_mutex: the set's waiting ones */
	struct list owner_link; /* lock_mutex: the record locks that processes wait for, by owner */
	struct lock_claim claim;
	struct lock_set *set; /* lock_mutex, while it waits */
	const void *blocker;  /* lock_mutex, while it waits: the owner of a lock in its way */
	struct list spares;   /* lock_mutex, while it waits: lock_list_apply()'s */
	int result;	      /* lock_mutex; the sleeper looks without it, for LOCK_WAITS */
	struct waitq answered;
};
#define LOCK_WAITS 1

void lock_wait_init(void);
/* Joins those who wait for a lock of the set: LOCK_WAITS, or -EDEADLK. */
MUST_CHECK int lock_wait_join(struct lock_set *s, struct lock_request *r,
	const struct file_lock *blocker) REQUIRES(&lock_mutex);
/* Waits for the answer: 0, -EDEADLK, -ENOLCK, or -EINTR, and then it waits no longer. */
MUST_CHECK int lock_wait_sleep(struct lock_request *r);
/* Locks of the set went or became smaller: gives them to those who have waited for that. */
void lock_wait_serve(struct lock_set *s) REQUIRES(&lock_mutex);

#endif
