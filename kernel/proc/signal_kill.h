/* Signals that programs send to each other: to whom, and who may. Thread context. */
#ifndef PROC_SIGNAL_KILL_H
#define PROC_SIGNAL_KILL_H

#include "lib/compiler.h"
#include "lib/signal_info.h"
#include "lib/types.h"

struct process;

/*
 * kill(2)'s errors: -ESRCH, then -EINVAL for a number that is no signal, then -EPERM. A signal of 0
 * asks for the errors only. info->si_signo may be any number.
 */
MUST_CHECK int kill_process(u32 pid, const struct signal_info *info);
/* The thread tid; of the process pid, or of any if that is 0. */
MUST_CHECK int kill_thread(u32 pid, u32 tid, const struct signal_info *info);
MUST_CHECK int kill_group(u32 group, const struct signal_info *info);
/* Everybody but the first process and the caller's own. */
MUST_CHECK int kill_all(const struct signal_info *info);
/* A process that the caller has a reference on; -ESRCH if it has been reaped. */
MUST_CHECK int kill_one(struct process *p, const struct signal_info *info);

#endif
