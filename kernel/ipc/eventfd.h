/* eventfd(2): a counter that can be waited for. */
#ifndef IPC_EVENTFD_H
#define IPC_EVENTFD_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/file.h"

/* flags may have O_NONBLOCK; semaphore: a read takes 1 and not all. 0 or -ENOMEM. */
MUST_CHECK int eventfd_open(u32 count, bool semaphore, u32 flags, struct file **out);

#endif
