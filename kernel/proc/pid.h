/* Numbers of processes and threads, and finding processes by them. Thread context. */
#ifndef PROC_PID_H
#define PROC_PID_H

#include "lib/compiler.h"
#include "lib/types.h"

struct process;

/* Linux's default for /proc/sys/kernel/pid_max. */
#define PID_MAX 32768U

/* A number that nobody has, or 0 if all are taken. */
MUST_CHECK u32 pid_alloc(void);
void pid_free(u32 pid);

/* Makes the process findable; the table takes a reference. */
void pid_table_add(struct process *p);
/* The opposite; drops that reference, not the number. */
void pid_table_remove(struct process *p);
/* Calls fn for every process, in order of pid, under the table's lock (fn may take process locks,
 * may not sleep), until it returns true; that process comes back with a reference. NULL if none
 * did. */
struct process *pid_table_search(bool (*fn)(struct process *p, void *arg), void *arg);

#endif
