/* Waiting for a word of the program's memory: what futex(2) and the end of a thread stand on.
 * Thread context. */
#ifndef PROC_FUTEX_H
#define PROC_FUTEX_H

#include "lib/compiler.h"
#include "lib/types.h"

#define FUTEX_ANY UINT32_MAX

/* Sleeps if the word is value, until somebody wakes it with a common bit. 0, -EAGAIN (another
 * value), -EFAULT, -EINTR, -ETIMEDOUT. The address is aligned and in the program's half. */
void futex_init(void);
MUST_CHECK int futex_wait(uaddr_t word, u32 value, u32 bits, u64 deadline_ns);
/* Wakes at most n of those that wait for the word with a common bit: how many. */
u32 futex_wake(uaddr_t word, u32 n, u32 bits);

#endif
