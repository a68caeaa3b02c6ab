/* How much memory has been promised, and how much may be: commit.c. Any context. */
#ifndef MM_COMMIT_H
#define MM_COMMIT_H

#include "lib/compiler.h"
#include "lib/types.h"

struct mm;

/* vm.overcommit_memory. */
enum commit_mode { COMMIT_GUESS, COMMIT_ALWAYS, COMMIT_NEVER };

u32 commit_mode(void);
void commit_set_mode(enum commit_mode mode);
/* Setting one of them makes the other 0. */
u64 commit_ratio(void);
void commit_set_ratio(u64 percent);
u64 commit_kbytes(void);
void commit_set_kbytes(u64 n);

/* In pages: what has been promised, and what may be if promises are kept. */
u64 commit_pages(void);
u64 commit_limit(void);

/* So many pages more (modulo 2^64), of an area or object that is there. */
void commit_add(u64 pages);
/* For so many that the running process will have, in mm if it is not NULL: 0, or -ENOMEM if that is too much; none
 * is never too much. After 0 commit_release() is owed. */
MUST_CHECK int commit_reserve(const struct mm *mm, u64 pages);
void commit_release(u64 pages);

#endif
