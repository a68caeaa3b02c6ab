/* What programs ask about paths, apart from opening them: stat, access, readlink, and where a path leads. */
#include <asm/stat.h>

#include "fs/fdlink.h"
#include "fs/fs.h"
#include "fs/opened.h"
#include "fs/walk.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

static int stat_shared(struct file *f, struct stat *out)
{
	int err = f->ops->stat ? f->ops->stat(f, out) : -EBADF;

	file_put(f);
	return err;
}

int fs_stat(const char *base, const char *path, bool follow, struct stat *out)
{
	struct walk w;

	access_current(&w.access);
	int err = walk_path(&w, base, path, follow ? 0 : WALK_NOFOLLOW);
	if (err)
		return err;
	if (w.file)
		return stat_shared(w.file, out);
	stat_inode(w.at->inode, out);
	return 0;
}

int fs_access(const char *base, const char *path, u32 mode, u32 uid, u32 gid)
{
	struct walk w;

	if (mode & ~(ACCESS_READ | ACCESS_WRITE | ACCESS_EXEC))
		return -EINVAL;
	access_current(&w.access);
	w.access.uid = uid;
	w.access.gid = gid;
	int err = walk_path(&w, base, path, 0);
	if (err)
		return err;
	if (w.file) {
		/* It is open, and its device has no bits to look at: usable, but not a program. */
		file_put(w.file);
		return mode & ACCESS_EXEC ? -EACCES : 0;
	}
	return mode ? access_check(&w.access, w.at->inode, mode) : 0;
}

static ssize_t read_fd_link(const struct inode *i, char *buffer, size_t size)
{
	char *target = kmalloc(FS_PATH_MAX);

	if (!target)
		return -ENOMEM;
	ssize_t length = fdlink_read(i, target, FS_PATH_MAX);
	if (length > 0) {
		length = MIN(length, (ssize_t)size);
		memcpy(buffer, target, (size_t)length);
	}
	kfree(target);
	return length;
}

ssize_t fs_readlink(const char *base, const char *path, char *buffer, size_t size)
{
	struct walk w;

	access_current(&w.access);
	int err = walk_path(&w, base, path, WALK_NOFOLLOW);
	if (err)
		return err;
	/* A last link that is not followed can't have led to a file. */
	ASSERT(!w.file);
	if (!inode_is(w.at->inode, S_IFLNK) || size == 0)
		return -EINVAL;
	const struct inode *i = w.at->inode;
	if (i->fd_link != FD_LINK_NONE)
		return read_fd_link(i, buffer, size);
	size_t length = MIN(i->size, size);
	memcpy(buffer, i->data, length);
	return (ssize_t)length;
}

/* Walks to something with a name. */
static int walk_named(struct walk *w, const char *base, const char *path)
{
	access_current(&w->access);
	int err = walk_path(w, base, path, 0);
	if (err || !w->file)
		return err;
	file_put(w->file);
	return -ENOTDIR;
}

int fs_resolve_dir(const char *base, const char *path, char *out, size_t size)
{
	struct walk w;

	int err = walk_named(&w, base, path);
	if (err)
		return err;
	if (!inode_is(w.at->inode, S_IFDIR))
		return -ENOTDIR;
	err = access_check(&w.access, w.at->inode, ACCESS_EXEC);
	return err ? err : dentry_path(w.at, out, size);
}

int fs_resolve(const char *base, const char *path, char *out, size_t size)
{
	struct walk w;

	int err = walk_named(&w, base, path);
	return err ? err : dentry_path(w.at, out, size);
}

int fs_file_path(struct file *f, char *out, size_t size)
{
	const struct dentry *d = opened_dentry(f);

	return d ? dentry_path(d, out, size) : -EBADF;
}

int fs_file_may_exec(struct file *f)
{
	const struct dentry *d = opened_dentry(f);
	struct access a;

	if (!d)
		return -EBADF;
	if (!inode_is(d->inode, S_IFREG))
		return -EACCES;
	access_current(&a);
	return access_check(&a, d->inode, ACCESS_EXEC);
}
