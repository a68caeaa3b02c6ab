/*
 * Resource limits (setrlimit(2)). Kept for every process; enforced: NOFILE by the descriptor table,
 * NPROC by clone (user.c), CPU by cpulimit.c, STACK by exec (size and arguments) and where the stack
 * grows, AS, DATA and MEMLOCK by mm/limits.c. The others are stored and reported only, because what
 * they would limit does not exist (core files, message queues) or is not limited yet.
 */
#ifndef PROC_LIMITS_H
#define PROC_LIMITS_H

#include <asm/resource.h>
#include <linux/resource.h>

#include "lib/types.h"

/* Start-up. */
void limits_set_up(void);

void limits_init(struct rlimit64 limits[RLIM_NLIMITS]);

#endif
