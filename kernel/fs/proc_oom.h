/* /proc/PID/oom_*: entries of fs/proc.h. */
#ifndef FS_PROC_OOM_H
#define FS_PROC_OOM_H

#include "fs/proc.h"

void proc_show_oom_score(struct proc_text *t, struct process *p);
void proc_show_oom_score_adj(struct proc_text *t, struct process *p);
void proc_show_oom_adj(struct proc_text *t, struct process *p);
MUST_CHECK int proc_store_oom_score_adj(struct process *p, const char *text);
MUST_CHECK int proc_store_oom_adj(struct process *p, const char *text);

#endif
