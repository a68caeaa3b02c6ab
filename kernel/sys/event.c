/* Descriptors that stand for events: eventfd. */
#include <asm/fcntl.h>

#include "ipc/eventfd.h"
#include "lib/errno.h"
#include "sys/args.h"
#include "sys/sys.h"

/* eventfd(2)'s only flag of its own; no UAPI header of this version has it. */
#define EVENTFD_SEMAPHORE 1U

s64 sys_eventfd2(u32 count, u32 flags)
{
	struct file *f;

	if (flags & ~(u32)(EVENTFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	int err = eventfd_open(count, flags & EVENTFD_SEMAPHORE, flags & O_NONBLOCK, &f);
	return err ? err : install_file(f, flags & O_CLOEXEC);
}

s64 sys_eventfd(u32 count)
{
	return sys_eventfd2(count, 0);
}
