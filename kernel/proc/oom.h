/* What happens when a program needs memory and there is none: oom.c. */
#ifndef PROC_OOM_H
#define PROC_OOM_H

void oom_init(void);
/* Wakes those that wait for a victim's memory. Called when a process has given its memory back. */
void oom_memory_returned(void);

#endif
