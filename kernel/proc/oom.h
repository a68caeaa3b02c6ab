/* What happens when a program needs memory and there is none: oom.c. */
#ifndef PROC_OOM_H
#define PROC_OOM_H

#include "lib/types.h"

struct process;

/* oom_score_adj: thousandths of all memory; this one means never. */
#define OOM_ADJUST_NEVER (-1000)
#define OOM_ADJUST_MAX 1000

void oom_init(void);
/* What /proc shows: 0 for who is never chosen, 667 for who has nothing and no adjustment. */
u64 oom_score(struct process *p);
/* A process has no address space any more, and its memory is on its way back: its lock is held. Followed by: it has come back; wakes those that
 * wait for it. */
void oom_memory_leaves(void);
void oom_memory_returned(void);

#endif
