/* signalfd: decoding. What it does is in ipc/signalfd.c. */
#include <linux/signalfd.h>

#include "arch/ucopy.h"
#include "ipc/signalfd.h"
#include "lib/errno.h"
#include "sys/args.h"
#include "sys/sys.h"

static s64 change_mask(s32 fd, u64 mask)
{
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	int err = signalfd_set(f, mask);
	file_put(f);
	return err ? err : fd;
}

s64 sys_signalfd4(s32 fd, uaddr_t from, size_t size, u32 flags)
{
	struct file *f;
	u64 mask;

	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, from, sizeof(mask)))
		return -EFAULT;
	if (flags & ~(u32)(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	if (fd != -1)
		return change_mask(fd, mask);
	int err = signalfd_open(mask, flags & SFD_NONBLOCK, &f);
	return err ? err : install_file(f, flags & SFD_CLOEXEC);
}

s64 sys_signalfd(s32 fd, uaddr_t from, size_t size)
{
	return sys_signalfd4(fd, from, size, 0);
}
