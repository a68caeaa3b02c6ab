/* membarrier(2): barriers on the CPUs of other threads. Thread context. */
#ifndef PROC_MEMBARRIER_H
#define PROC_MEMBARRIER_H

#include "lib/compiler.h"
#include "lib/types.h"

/* The commands that exist, as MEMBARRIER_CMD_QUERY tells them. */
u32 membarrier_commands(void);
/* One of them: 0, -EINVAL, -EPERM (not registered). cpu: only that one, or UINT32_MAX. */
MUST_CHECK int membarrier_call(u32 command, u32 cpu);

#endif
