/* Calls that make, take away and change names: mkdir, mknod, symlink, link, unlink, rename. */
#include <asm/fcntl.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/stat.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/path.h"
#include "sys/sys.h"

s64 sys_mkdirat(s32 dirfd, uaddr_t path, u32 mode)
{
	struct path_arg a;

	int err = path_get(dirfd, path, &a);
	if (err)
		return err;
	err = fs_make_directory(a.from, a.path, path_new_mode(mode));
	path_put(&a);
	return err;
}

s64 sys_mkdir(uaddr_t path, u32 mode)
{
	return sys_mkdirat(AT_FDCWD, path, mode);
}

s64 sys_mknodat(s32 dirfd, uaddr_t path, u32 mode, u32 dev)
{
	struct path_arg a;

	int err = fs_make_node_check(mode);
	if (!err)
		err = path_get(dirfd, path, &a);
	if (err)
		return err;
	err = fs_make_node(a.from, a.path, (mode & S_IFMT) | path_new_mode(mode), device_major(dev),
		device_minor(dev));
	path_put(&a);
	return err;
}

s64 sys_mknod(uaddr_t path, u32 mode, u32 dev)
{
	return sys_mknodat(AT_FDCWD, path, mode, dev);
}

s64 sys_symlinkat(uaddr_t target, s32 dirfd, uaddr_t path)
{
	struct path_arg a;
	char *text = kmalloc(PATH_MAX);

	if (!text)
		return -ENOMEM;
	ssize_t n = copy_string_from_user(text, target, PATH_MAX);
	int err = n < 0 ? (int)n : n == 0 ? -ENOENT : path_get(dirfd, path, &a);
	if (!err) {
		err = fs_make_link(a.from, a.path, text);
		path_put(&a);
	}
	kfree(text);
	return err;
}

s64 sys_symlink(uaddr_t target, uaddr_t path)
{
	return sys_symlinkat(target, AT_FDCWD, path);
}

s64 sys_linkat(s32 old_dirfd, uaddr_t old_path, s32 new_dirfd, uaddr_t new_path, s32 flags)
{
	struct path_arg a;
	struct dentry *what;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	/* A link itself is given another name, unless it is to be followed. */
	u32 how = (flags & AT_EMPTY_PATH) | (flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW);
	int err = path_lookup(old_dirfd, old_path, how, &what);
	if (err)
		return err;
	err = path_get(new_dirfd, new_path, &a);
	if (!err) {
		err = fs_link(what, a.from, a.path);
		path_put(&a);
	}
	fs_place_put(what);
	return err;
}

s64 sys_link(uaddr_t old_path, uaddr_t new_path)
{
	return sys_linkat(AT_FDCWD, old_path, AT_FDCWD, new_path, 0);
}

s64 sys_unlinkat(s32 dirfd, uaddr_t path, s32 flags)
{
	struct path_arg a;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	int err = path_get(dirfd, path, &a);
	if (err)
		return err;
	err = fs_remove(a.from, a.path, flags & AT_REMOVEDIR);
	path_put(&a);
	return err;
}

s64 sys_unlink(uaddr_t path)
{
	return sys_unlinkat(AT_FDCWD, path, 0);
}

s64 sys_rmdir(uaddr_t path)
{
	return sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

s64 sys_renameat2(s32 old_dirfd, uaddr_t old_path, s32 new_dirfd, uaddr_t new_path, u32 flags)
{
	struct path_arg from, to;

	/* RENAME_WHITEOUT is for file systems that lie over others. */
	if (flags & ~(u32)(RENAME_NOREPLACE | RENAME_EXCHANGE) ||
		flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	int err = path_get(old_dirfd, old_path, &from);
	if (err)
		return err;
	err = path_get(new_dirfd, new_path, &to);
	if (!err) {
		err = fs_rename(from.from, from.path, to.from, to.path, flags);
		path_put(&to);
	}
	path_put(&from);
	return err;
}

s64 sys_renameat(s32 old_dirfd, uaddr_t old_path, s32 new_dirfd, uaddr_t new_path)
{
	return sys_renameat2(old_dirfd, old_path, new_dirfd, new_path, 0);
}

s64 sys_rename(uaddr_t old_path, uaddr_t new_path)
{
	return sys_renameat2(AT_FDCWD, old_path, AT_FDCWD, new_path, 0);
}
