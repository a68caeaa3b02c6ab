/* Extended attributes: the twelve calls. */
#include <asm/fcntl.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/xattr.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/sys.h"

static int place_of(u32 fd, struct dentry **out)
{
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	*out = fs_file_place(f);
	file_put(f);
	return *out ? 0 : -ENOMEM;
}

static int name_get(uaddr_t from, char name[XATTR_NAME_MAX + 1])
{
	ssize_t n = copy_string_from_user(name, from, XATTR_NAME_MAX + 1);

	if (n == -ENAMETOOLONG || n == 0)
		return -ERANGE;
	return n < 0 ? (int)n : 0;
}

static s64 get_value(struct dentry *d, const char *name, uaddr_t to, size_t size)
{
	char *value = NULL;

	size = MIN(size, (size_t)XATTR_SIZE_MAX);
	if (size && !(value = kmalloc(size)))
		return -ENOMEM;
	ssize_t n = fs_place_getxattr(d, name, value, size);
	if (n > 0 && size && copy_to_user(to, value, (size_t)n))
		n = -EFAULT;
	kfree(value);
	return n;
}

static s64 get_and_put(int err, struct dentry *d, uaddr_t name, uaddr_t to, size_t size)
{
	char own[XATTR_NAME_MAX + 1];

	if (err)
		return err;
	s64 n = name_get(name, own);
	if (!n)
		n = get_value(d, own, to, size);
	fs_place_put(d);
	return n;
}

s64 sys_getxattr(uaddr_t path, uaddr_t name, uaddr_t to, size_t size)
{
	struct dentry *d = NULL;
	int err = path_lookup(AT_FDCWD, path, 0, &d);

	return get_and_put(err, d, name, to, size);
}

s64 sys_lgetxattr(uaddr_t path, uaddr_t name, uaddr_t to, size_t size)
{
	struct dentry *d = NULL;
	int err = path_lookup(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &d);

	return get_and_put(err, d, name, to, size);
}

s64 sys_fgetxattr(u32 fd, uaddr_t name, uaddr_t to, size_t size)
{
	struct dentry *d = NULL;
	int err = place_of(fd, &d);

	return get_and_put(err, d, name, to, size);
}

static s64 list_and_put(int err, struct dentry *d, uaddr_t to, size_t size)
{
	char *list = NULL;

	if (err)
		return err;
	size = MIN(size, (size_t)XATTR_LIST_MAX);
	ssize_t n = size && !(list = kmalloc(size)) ? -ENOMEM : 0;
	if (!n)
		n = fs_place_listxattr(d, list, size);
	if (n > 0 && size && copy_to_user(to, list, (size_t)n))
		n = -EFAULT;
	kfree(list);
	fs_place_put(d);
	return n;
}

s64 sys_listxattr(uaddr_t path, uaddr_t to, size_t size)
{
	struct dentry *d = NULL;
	int err = path_lookup(AT_FDCWD, path, 0, &d);

	return list_and_put(err, d, to, size);
}

s64 sys_llistxattr(uaddr_t path, uaddr_t to, size_t size)
{
	struct dentry *d = NULL;
	int err = path_lookup(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &d);

	return list_and_put(err, d, to, size);
}

s64 sys_flistxattr(u32 fd, uaddr_t to, size_t size)
{
	struct dentry *d = NULL;
	int err = place_of(fd, &d);

	return list_and_put(err, d, to, size);
}

static s64 set_value(struct dentry *d, const char *name, uaddr_t from, size_t size, u32 flags)
{
	char *value = kmalloc(MAX(size, 1UL));

	if (!value)
		return -ENOMEM;
	s64 err = copy_from_user(value, from, size);
	if (!err)
		err = fs_place_setxattr(d, name, value, size, flags);
	kfree(value);
	return err;
}

static s64 set_and_put(
	int err, struct dentry *d, uaddr_t name, uaddr_t from, size_t size, u32 flags)
{
	char own[XATTR_NAME_MAX + 1];

	if (err)
		return err;
	s64 result = flags & ~(u32)(XATTR_CREATE | XATTR_REPLACE) ? -EINVAL : name_get(name, own);
	if (!result && size > XATTR_SIZE_MAX)
		result = -E2BIG;
	if (!result)
		result = set_value(d, own, from, size, flags);
	fs_place_put(d);
	return result;
}

s64 sys_setxattr(uaddr_t path, uaddr_t name, uaddr_t from, size_t size, u32 flags)
{
	struct dentry *d = NULL;
	int err = path_lookup(AT_FDCWD, path, 0, &d);

	return set_and_put(err, d, name, from, size, flags);
}

s64 sys_lsetxattr(uaddr_t path, uaddr_t name, uaddr_t from, size_t size, u32 flags)
{
	struct dentry *d = NULL;
	int err = path_lookup(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &d);

	return set_and_put(err, d, name, from, size, flags);
}

s64 sys_fsetxattr(u32 fd, uaddr_t name, uaddr_t from, size_t size, u32 flags)
{
	struct dentry *d = NULL;
	int err = place_of(fd, &d);

	return set_and_put(err, d, name, from, size, flags);
}

static s64 remove_and_put(int err, struct dentry *d, uaddr_t name)
{
	char own[XATTR_NAME_MAX + 1];

	if (err)
		return err;
	s64 result = name_get(name, own);
	if (!result)
		result = fs_place_removexattr(d, own);
	fs_place_put(d);
	return result;
}

s64 sys_removexattr(uaddr_t path, uaddr_t name)
{
	struct dentry *d = NULL;
	int err = path_lookup(AT_FDCWD, path, 0, &d);

	return remove_and_put(err, d, name);
}

s64 sys_lremovexattr(uaddr_t path, uaddr_t name)
{
	struct dentry *d = NULL;
	int err = path_lookup(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &d);

	return remove_and_put(err, d, name);
}

s64 sys_fremovexattr(u32 fd, uaddr_t name)
{
	struct dentry *d = NULL;
	int err = place_of(fd, &d);

	return remove_and_put(err, d, name);
}
