/* RLIMIT_CPU: SIGXCPU each second from the soft limit on, SIGKILL at the hard one. */
#ifndef PROC_CPULIMIT_H
#define PROC_CPULIMIT_H

#include "proc/process.h"

void cpu_limit_init(struct process *p);
/* The limit is another one: looks at it soon. */
void cpu_limit_changed_locked(struct process *p) REQUIRES(&p->lock);
/* The process's first thread has not run yet, and looks at the limit before it enters ring 3. */
void cpu_limit_begin_locked(struct process *p, struct thread *first) REQUIRES(&p->lock);
/* The part of the exit work: the running thread's process may have reached it. Thread context. */
void cpu_limit_check(void);
/* The last thread has gone. Thread context, no lock held. */
void cpu_limit_stop(struct process *p);

#endif
