/* Directories: reading them, and the one that a process works in. */
#include <asm/fcntl.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
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
	struct iobuf b;
	struct file *f;

	int err = arg_file_readable(fd, &f);
	if (err)
		return err;
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
	char *cwd = kmalloc(PATH_MAX);
	s64 n;

	if (!cwd)
		return -ENOMEM;
	n = path_cwd(cwd, PATH_MAX);
	if (!n) {
		n = strlen(cwd) + 1;
		if ((u64)n > size)
			n = -ERANGE;
		else if (copy_to_user(to, cwd, n))
			n = -EFAULT;
	}
	kfree(cwd);
	return n;
}

static char *duplicate(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = kmalloc(n);

	if (copy)
		memcpy(copy, s, n);
	return copy;
}

static int change_directory(const char *base, const char *path)
{
	char *resolved = kmalloc(PATH_MAX);
	char *kept = NULL;

	if (!resolved)
		return -ENOMEM;
	int err = fs_resolve_dir(base, path, resolved, PATH_MAX);
	if (!err) {
		kept = duplicate(resolved);
		err = kept ? 0 : -ENOMEM;
	}
	if (!err)
		fs_context_set_cwd(current_process()->fs, kept);
	kfree(resolved);
	return err;
}

s64 sys_chdir(uaddr_t path)
{
	struct path_arg a;

	int err = path_get(AT_FDCWD, path, &a);
	if (err)
		return err;
	err = a.path[0] ? change_directory(a.base, a.path) : -ENOENT;
	path_put(&a);
	return err;
}

s64 sys_fchdir(u32 fd)
{
	struct file *f = arg_file_or_place(fd);
	struct stat st;

	if (!f)
		return -EBADF;
	char *path = kmalloc(PATH_MAX);
	int err = path ? 0 : -ENOMEM;
	if (!err)
		err = f->ops->stat ? f->ops->stat(f, &st) : -ENOTDIR;
	if (!err && !S_ISDIR(st.st_mode))
		err = -ENOTDIR;
	if (!err)
		err = fs_file_path(f, path, PATH_MAX);
	if (!err)
		err = change_directory("/", path);
	kfree(path);
	file_put(f);
	return err;
}

s64 sys_umask(s32 mask)
{
	return fs_context_set_umask(current_process()->fs, mask & UMASK_BITS);
}
