/* How many signals wait in queues for the processes of each user: what RLIMIT_SIGPENDING limits. Any
 * context except NMI. */
#ifndef PROC_SIGNAL_COUNT_H
#define PROC_SIGNAL_COUNT_H

#include "lib/compiler.h"
#include "lib/types.h"

struct signal_counter;

/* One more for the user, unless that would be more than limit. NULL then, or if memory ran out. */
MUST_CHECK struct signal_counter *signal_count_up(u32 uid, u64 limit);
void signal_count_down(struct signal_counter *c);
/* How many there are. */
u64 signal_count(u32 uid);

void signal_count_init(void);

#endif
