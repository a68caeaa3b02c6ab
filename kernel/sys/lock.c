/* Locks on files: flock, and fcntl's commands for them. */
#include "sys/lock.h"

#include <asm/fcntl.h>

#include "arch/ucopy.h"
#include "fs/lock.h"
#include "lib/errno.h"
#include "proc/file.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/sys.h"

s64 sys_flock(u32 fd, u32 operation)
{
	/* Mandatory ones of other systems: Linux knows the name, and does nothing. */
	if (operation & LOCK_MAND)
		return 0;
	s64 result = lock_flock_check(operation);
	if (result)
		return result;
	struct file *f = arg_file(fd);
	if (!f)
		return -EBADF;
	result = lock_flock(f, operation);
	file_put(f);
	return result;
}

bool fcntl_is_lock(u32 command)
{
	return command == F_GETLK || command == F_SETLK || command == F_SETLKW ||
	       command == F_OFD_GETLK || command == F_OFD_SETLK || command == F_OFD_SETLKW;
}

s64 fcntl_lock(u32 fd, struct file *f, u32 command, uaddr_t argument)
{
	struct lock_command c = {
		.of_file = command >= F_OFD_GETLK,
		.wait = command == F_SETLKW || command == F_OFD_SETLKW,
	};
	struct files *t = current_process()->files;
	struct flock what;

	if (copy_from_user(&what, argument, sizeof(what)))
		return -EFAULT;
	if (command != F_GETLK && command != F_OFD_GETLK)
		return lock_set(t, fd, f, &what, c);
	s64 err = lock_get(t, f, &what, c);
	return !err && copy_to_user(argument, &what, sizeof(what)) ? -EFAULT : err;
}
