/* signalfd(2). Thread context. */
#ifndef IPC_SIGNALFD_H
#define IPC_SIGNALFD_H

#include "lib/compiler.h"
#include "lib/types.h"

struct file;

/* flags: O_NONBLOCK. 0 or -ENOMEM. */
MUST_CHECK int signalfd_open(u64 mask, u32 flags, struct file **out);
/* Gives it another mask. -EINVAL: it is something else. */
MUST_CHECK int signalfd_set(struct file *f, u64 mask);

#endif
