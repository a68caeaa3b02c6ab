/* How long to wait, and with which signals: the arguments that ppoll and pselect6 have in common.
 * Thread context. */
#ifndef SYS_TIMEOUT_H
#define SYS_TIMEOUT_H

#include "lib/compiler.h"
#include "lib/types.h"

/* From a struct timespec that counts from now; address 0 is WAIT_FOREVER. 0, -EFAULT, -EINVAL. */
MUST_CHECK int wait_deadline_get(uaddr_t time, u64 *deadline_ns);

/* Sets the signal mask for the time of the call (address 0: leaves it); whoever has called this
 * ends with wait_finish_call() or signal_restore_blocked(). 0, -EFAULT, -EINVAL. */
MUST_CHECK int wait_mask_apply(uaddr_t set, size_t size);

/* The end of a wait that is never made again: puts the mask back unless a signal ended the wait,
 * which is then -EINTR for good. What the call returns. */
s64 wait_finish_mask(s64 result);
/* The end of a wait whose time is given back: puts the mask back unless a signal ended the wait
 * (what it let in acts first), writes what is left through put, unless there is no address or no
 * deadline. What the call returns. */
s64 wait_finish_call(s64 result, u64 deadline, int (*put)(uaddr_t to, u64 ns), uaddr_t to);

#endif
