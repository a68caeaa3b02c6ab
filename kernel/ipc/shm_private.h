/* Between the files of ipc/shm*.c: the table of System V segments. */
#ifndef IPC_SHM_PRIVATE_H
#define IPC_SHM_PRIVATE_H

#include <asm/shmbuf.h>

#include "ipc/shm.h"
#include "lib/rbtree.h"
#include "mm/store.h"
#include "sync/spinlock.h"

/* All but the store's contents is under segments_lock. */
struct segment {
	struct page_store store;
	struct rb_node node;	 /* by number */
	u32 refs;		 /* the table's, and each area's */
	struct shmid64_ds about; /* all but shm_nattch; shm_perm.seq unused */
	struct user *locker; /* while it is locked: whom its pages count for, with a reference */
	s32 id;
};

extern struct spinlock segments_lock;

u64 segment_pages(const struct segment *s);

/* A new one in no table, with the reference that the table will have; permissions are the caller's
 * to fill in. NULL: no memory. */
MUST_CHECK struct segment *segment_create(u64 size);
/* Of one that is in no table (any more). Takes the locks of frames. */
void segment_destroy(struct segment *s);

/* Puts it into the table: its number, or -ENOSPC. */
MUST_CHECK s32 segment_insert_locked(struct segment *s) REQUIRES(segments_lock);
/* Takes a reference away. True if it was the last: the segment is in no table, and the caller
 * destroys it without the lock. */
MUST_CHECK bool segment_drop_locked(struct segment *s) REQUIRES(segments_lock);

/* By number, by key, and by place among all numbers; or NULL. */
struct segment *segment_find_locked(s32 id) REQUIRES(segments_lock);
struct segment *segment_find_key_locked(s32 key) REQUIRES(segments_lock);
struct segment *segment_find_index_locked(s32 index) REQUIRES(segments_lock);

bool segment_is_source(const struct page_source *source);

/* The time, and the running process's number, as a segment keeps them. */
s64 segment_time_now(void);
s32 segment_own_pid(void);

#endif
