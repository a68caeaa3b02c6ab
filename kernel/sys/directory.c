/* Directories: reading them, and the one that a process works in. */
#include <linux/limits.h>
#include <linux/stat.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/sys.h"

#define UMASK_BITS 0777

s64 sys_getdents64(u32 fd, uaddr_t to, u32 size)
{
	struct file *f = arg_file(fd);
	struct iobuf b;

	if (!f)
		return -EBADF;
	/* A directory is always open to read, and of all others it does not matter. */
	ssize_t n = -ENOTDIR;
	if (f->ops->getdents) {
		iobuf_init_user(&b, to, size);
		/* The position is which entry comes next. */
		mutex_lock(&f->pos_lock);
		n = f->ops->getdents(f, &b);
		mutex_unlock(&f->pos_lock);
	}
	file_put(f);
	return n;
}

s64 sys_getcwd(uaddr_t to, u64 size)
{
	char *path = kmalloc(PATH_MAX);
	struct dentry *cwd = path_cwd();
	s64 n = path ? fs_place_path(cwd, path, PATH_MAX) : -ENOMEM;

	if (!n) {
		n = strlen(path) + 1;
		if ((u64)n > size)
			n = -ERANGE;
		else if (copy_to_user(to, path, n))
			n = -EFAULT;
	}
	fs_place_put(cwd);
	kfree(path);
	return n;
}

/* Makes the place, whose reference is taken over, the working directory or the root. */
static int enter(struct dentry *d, void (*set)(struct fs_context *c, struct dentry *d))
{
	int err = fs_place_enter(d);

	if (err)
		fs_place_put(d);
	else
		set(current_process()->fs, d);
	return err;
}

s64 sys_chdir(uaddr_t path)
{
	struct dentry *d;

	int err = path_lookup(AT_FDCWD, path, 0, &d);
	return err ? err : enter(d, fs_context_set_cwd);
}

s64 sys_fchdir(u32 fd)
{
	struct file *f = arg_file_or_place(fd);

	if (!f)
		return -EBADF;
	int err = f->place ? enter(fs_place_get(f->place), fs_context_set_cwd) : -ENOTDIR;
	file_put(f);
	return err;
}

s64 sys_chroot(uaddr_t path)
{
	struct dentry *d;

	int err = path_lookup(AT_FDCWD, path, 0, &d);
	if (err)
		return err;
	err = fs_place_enter(d);
	if (!err && !capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (err)
		fs_place_put(d);
	return err ? err : enter(d, fs_context_set_root);
}

s64 sys_umask(s32 mask)
{
	return fs_context_set_umask(current_process()->fs, mask & UMASK_BITS);
}
