/* How long a file is, and whether it has reached the place where it is kept. */
#include "lib/errno.h"
#include "sys/args.h"
#include "sys/sys.h"

s64 sys_fsync(u32 fd)
{
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	int err = f->ops->sync ? f->ops->sync(f) : -EINVAL;
	file_put(f);
	return err;
}

s64 sys_fdatasync(u32 fd)
{
	return sys_fsync(fd);
}

s64 sys_ftruncate(u32 fd, s64 size)
{
	if (size < 0)
		return -EINVAL;
	struct file *f = arg_file(fd);
	if (!f)
		return -EBADF;
	int err = -EINVAL;
	if (f->ops->truncate && file_writable(f))
		err = f->ops->truncate(f, (u64)size);
	file_put(f);
	return err;
}
