/*
 * Extended attributes: a list at the inode, under inode->lock.
 *
 * As on Linux's tmpfs there are those of the namespaces user., trusted. and security. A user. one
 * belongs to a regular file or a directory and needs the file's permissions; trusted. ones are
 * root's. Values are copied from and to kernel memory: user memory is the caller's affair.
 */
#include "fs/xattr.h"

#include <linux/limits.h>
#include <linux/xattr.h>

#include "fs/fs.h"
#include "fs/names.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

struct xattr {
	struct list link;
	size_t size;
	char *value; /* behind the name, in the same piece of memory */
	char name[];
};

void xattr_destroy(struct inode *i)
{
	struct xattr *x, *next;

	list_for_each_entry_safe (x, next, &i->xattrs, link)
		kfree(x);
	list_init(&i->xattrs);
}

static struct xattr *find(struct inode *i, const char *name)
{
	struct xattr *x;

	list_for_each_entry (x, &i->xattrs, link)
		if (strcmp(x->name, name) == 0)
			return x;
	return NULL;
}

static bool has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* -EOPNOTSUPP for a name of no namespace; whether this process may. */
static int check_access(const struct inode *i, const char *name, bool write)
{
	bool user = has_prefix(name, XATTR_USER_PREFIX);
	bool plain = inode_is(i, S_IFREG) || inode_is(i, S_IFDIR);
	struct access a;

	access_current(&a);
	/* A name needs more than its namespace. */
	if (name[strlen(name) - 1] == '.')
		return -EINVAL;
	if (write && i->readonly)
		return -EROFS;
	if (write && i->immutable)
		return -EPERM;
	if (has_prefix(name, XATTR_TRUSTED_PREFIX) || has_prefix(name, XATTR_SECURITY_PREFIX))
		return access_has(&a, CAP_SYS_ADMIN) || !write ? 0 : -EPERM;
	if (!user)
		return -EOPNOTSUPP;
	if (!plain)
		return write ? -EPERM : -ENODATA;
	if (write && (i->mode & S_ISVTX) && inode_is(i, S_IFDIR) && !access_is_owner(&a, i))
		return -EPERM;
	return access_check(&a, i, write ? ACCESS_WRITE : ACCESS_READ);
}

/* What is made up has none, which is said last. */
static int check(const struct inode *i, const char *name, bool write)
{
	int err = check_access(i, name, write);

	return !err && i->ops ? -EOPNOTSUPP : err;
}

ssize_t fs_place_getxattr(struct dentry *d, const char *name, void *value, size_t size)
{
	struct inode *i = d->inode;

	ssize_t n = check(i, name, false);
	if (n)
		return n;
	mutex_lock(&i->lock);
	const struct xattr *x = find(i, name);
	n = x ? (ssize_t)x->size : -ENODATA;
	if (x && size && size < x->size)
		n = -ERANGE;
	else if (x && size)
		memcpy(value, x->value, x->size);
	mutex_unlock(&i->lock);
	return n;
}

ssize_t fs_place_listxattr(struct dentry *d, char *list, size_t size)
{
	struct inode *i = d->inode;
	struct xattr *x;
	size_t n = 0;

	mutex_lock(&i->lock);
	list_for_each_entry (x, &i->xattrs, link) {
		size_t length = strlen(x->name) + 1;
		if (n + length <= size)
			memcpy(list + n, x->name, length);
		n += length;
	}
	mutex_unlock(&i->lock);
	return size && n > size ? -ERANGE : (ssize_t)n;
}

static struct xattr *create(const char *name, const void *value, size_t size)
{
	size_t length = strlen(name) + 1;
	struct xattr *x = kmalloc(sizeof(*x) + length + size);

	if (!x)
		return NULL;
	list_init(&x->link);
	memcpy(x->name, name, length);
	x->value = x->name + length;
	x->size = size;
	memcpy(x->value, value, size);
	return x;
}

int fs_place_setxattr(struct dentry *d, const char *name, const void *value, size_t size, u32 flags)
{
	struct inode *i = d->inode;

	int err = check(i, name, true);
	if (err)
		return err;
	struct xattr *x = create(name, value, size);
	if (!x)
		return -ENOMEM;
	mutex_lock(&i->lock);
	struct xattr *old = find(i, name);
	if (old && (flags & XATTR_CREATE))
		err = -EEXIST;
	else if (!old && (flags & XATTR_REPLACE))
		err = -ENODATA;
	if (!err) {
		if (old)
			list_remove(&old->link);
		list_push_back(&i->xattrs, &x->link);
		x = old;
		names_changed(i);
	}
	mutex_unlock(&i->lock);
	kfree(x);
	return err;
}

int fs_place_removexattr(struct dentry *d, const char *name)
{
	struct inode *i = d->inode;

	int err = check(i, name, true);
	if (err)
		return err;
	mutex_lock(&i->lock);
	struct xattr *x = find(i, name);
	if (x) {
		list_remove(&x->link);
		names_changed(i);
	}
	mutex_unlock(&i->lock);
	kfree(x);
	return x ? 0 : -ENODATA;
}
