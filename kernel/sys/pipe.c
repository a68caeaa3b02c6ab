/* Pipes: making them. */
#include <asm/fcntl.h>
#include <linux/fcntl.h>

#include "arch/ucopy.h"
#include "ipc/pipe.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/sys.h"

s64 sys_pipe2(uaddr_t to, u32 flags)
{
	struct file *ends[2];

	if (flags & ~(u32)(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	int err = pipe_open_pair(flags & ~(u32)O_CLOEXEC, &ends[0], &ends[1]);
	return err ? err : install_pair(ends, to, flags & O_CLOEXEC);
}

s64 sys_pipe(uaddr_t to)
{
	return sys_pipe2(to, 0);
}
