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
/* Wakes those that wait for a victim's memory. Called when a process has given its memory back. */
void oom_memory_returned(void);

#endif
