/* How long to wait, and with which signals: the arguments that ppoll and pselect6 have in common.
 * Thread context. */
#ifndef SYS_TIMEOUT_H
#define SYS_TIMEOUT_H

#include "lib/compiler.h"
#include "lib/types.h"

/* From a struct timespec that counts from now; address 0 is WAIT_FOREVER. 0, -EFAULT, -EINVAL. */
MUST_CHECK int wait_deadline_get(uaddr_t time, u64 *deadline_ns);
/* Writes what is left, unless there is no address or no deadline. */
void wait_remaining_put(uaddr_t to, u64 deadline);

/* Sets the signal mask for a wait (address 0: leaves it); *old is what wait_mask_restore() puts
 * back. 0, -EFAULT, -EINVAL. */
MUST_CHECK int wait_mask_apply(uaddr_t set, size_t size, u64 *old);
/* result is the wait's: after -EINTR the signals that the mask let in act first. */
void wait_mask_restore(u64 old, s64 result);

#endif
