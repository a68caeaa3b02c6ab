/*
 * CPU time: how long a thread has had a CPU, and how much of that in ring 3.
 *
 * Both are exact, but measured apart, the first in ns as the scheduler charges it, the second in ticks of the TSC (arch/user_time.h). What
 * is left of the first without the second is the kernel's work for the thread. Of a thread that runs on another CPU either may be read a
 * moment later than the other, so whoever tells programs both keeps what was told, and lets neither fall: struct time_split.
 */
#ifndef SCHED_RUNTIME_H
#define SCHED_RUNTIME_H

#include "lib/types.h"

struct thread;

struct time_split {
	u64 user_ns, system_ns;
};

/* Divides a total of which so much was in ring 3. told is what the last call gave, zeros at first, and gets what this one does. */
void time_split(struct time_split *told, u64 total_ns, u64 user_ns);

/* Both up to now, in ns, of any thread that the caller has a reference of. Any context. */
u64 thread_runtime(const struct thread *t);
u64 thread_user_time(const struct thread *t);

#endif
