/* Whose scheduling a call is about, and who may change it: between the files of sys/. */
#ifndef SYS_SCHEDULE_H
#define SYS_SCHEDULE_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "sched/thread.h"

/* The thread with the number (0: the running one) with a reference, or NULL. */
MUST_CHECK struct thread *sched_thread(s32 tid);
/* The caller is privileged (CAP_SYS_NICE). */
bool sched_privileged(void);
/* The caller is privileged, or the thread's user is the caller's effective one. */
bool sched_may_change(const struct thread *t);
/* The nice level is no better than t's, or its process's RLIMIT_NICE allows it. Privileges aside. */
bool sched_nice_allowed(struct thread *t, s32 nice);

#endif
