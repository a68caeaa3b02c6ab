/* fcntl(2)'s commands about locks, for sys/descriptor.c. */
#ifndef SYS_LOCK_H
#define SYS_LOCK_H

#include "lib/compiler.h"
#include "lib/types.h"

struct file;

bool fcntl_is_lock(u32 command);
/* f is what fd named. The result of the call. */
MUST_CHECK s64 fcntl_lock(u32 fd, struct file *f, u32 command, uaddr_t argument);

#endif
