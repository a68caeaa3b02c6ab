/* Where paths lead, and the way back from places to paths. */
#include <asm/stat.h>

#include "fs/fs.h"
#include "fs/names.h"
#include "fs/opened.h"
#include "fs/walk.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

struct dentry *fs_root(void)
{
	return dentry_get(walk_root());
}

struct dentry *fs_place_get(struct dentry *d)
{
	return dentry_get(d);
}

void fs_place_put(struct dentry *d)
{
	dentry_put(d);
}

bool fs_place_same(const struct dentry *a, const struct dentry *b)
{
	return a->inode == b->inode;
}

int fs_lookup(struct dentry *from, const char *path, bool follow, struct dentry **out)
{
	struct walk w;

	access_current(&w.access);
	mutex_lock(&tree_lock);
	int err = walk_path(&w, from, path, follow ? 0 : WALK_NOFOLLOW);
	if (err)
		walk_end(&w);
	else
		*out = walk_take(&w);
	mutex_unlock(&tree_lock);
	return err;
}

int fs_place_path(struct dentry *d, char *out, size_t size)
{
	static const char outside[] = "(unreachable)";
	struct dentry *root = walk_callers_root();

	mutex_lock(&tree_lock);
	size_t rest = dentry_is_below(d, root) ? 0 : sizeof(outside) - 1;
	int err = dentry_is_gone(d) ? -ENOENT : size < rest ? -ERANGE : 0;
	if (!err)
		err = dentry_path(d, root, out + rest, size - rest);
	mutex_unlock(&tree_lock);
	memcpy(out, outside, err ? 0 : rest);
	dentry_put(root);
	return err;
}

ssize_t fs_place_readlink(struct dentry *d, char *buffer, size_t size)
{
	const struct inode *i = d->inode;

	if (!inode_is(i, S_IFLNK) || size == 0)
		return -EINVAL;
	if (!i->ops) {
		size = MIN(i->target_length, size);
		memcpy(buffer, i->target, size);
		return (ssize_t)size;
	}
	char *text = kmalloc(FS_PATH_MAX);
	if (!text)
		return -ENOMEM;
	mutex_lock(&tree_lock);
	ssize_t length = i->ops->readlink(d, text, FS_PATH_MAX);
	mutex_unlock(&tree_lock);
	if (length > 0) {
		length = MIN(length, (ssize_t)size);
		memcpy(buffer, text, (size_t)length);
	}
	kfree(text);
	return length;
}

int fs_file_path(struct file *f, char *out, size_t size)
{
	if (!f->place)
		return -EBADF;
	mutex_lock(&tree_lock);
	int err = dentry_path(f->place, NULL, out, size);
	mutex_unlock(&tree_lock);
	return err;
}

int fs_file_may_exec(struct file *f)
{
	struct access a;

	if (!f->place)
		return -EBADF;
	const struct inode *i = f->place->inode;
	if (!inode_is(i, S_IFREG) || i->ops)
		return -EACCES;
	access_current(&a);
	return access_check(&a, i, ACCESS_EXEC);
}

bool fs_file_may_read(struct file *f)
{
	struct access a;

	access_current(&a);
	return f->place && !access_check(&a, f->place->inode, ACCESS_READ);
}

int fs_file_begin_exec(struct file *f)
{
	return f->place && !inode_begin_exec(opened_inode(f)) ? -ETXTBSY : 0;
}

void fs_file_end_exec(struct file *f)
{
	if (f->place)
		inode_end_exec(opened_inode(f));
}

/* -- from a base -- */

static int lookup_from(const char *base, const char *path, bool follow, struct dentry **out)
{
	struct dentry *root = fs_root(), *from;

	int err = fs_lookup(root, path[0] == '/' ? "/" : base, true, &from);
	dentry_put(root);
	if (err)
		return err;
	err = fs_lookup(from, path, follow, out);
	dentry_put(from);
	return err;
}

int fs_open(const char *base, const char *path, u32 flags, u32 mode, struct file **out)
{
	struct dentry *from;

	int err = fs_open_check_flags(flags);
	if (!err)
		err = lookup_from("/", base, true, &from);
	if (err)
		return err;
	err = fs_open_at(from, path, flags, mode, out);
	dentry_put(from);
	return err;
}

int fs_stat(const char *base, const char *path, bool follow, struct stat *out)
{
	struct dentry *d;

	int err = lookup_from(base, path, follow, &d);
	if (err)
		return err;
	stat_inode(d->inode, out);
	dentry_put(d);
	return 0;
}

int fs_access(const char *base, const char *path, u32 mode, bool real)
{
	struct dentry *d;

	int err = lookup_from(base, path, true, &d);
	if (err)
		return err;
	err = fs_place_access(d, mode, real);
	dentry_put(d);
	return err;
}

ssize_t fs_readlink(const char *base, const char *path, char *buffer, size_t size)
{
	struct dentry *d;

	int err = lookup_from(base, path, false, &d);
	if (err)
		return err;
	ssize_t n = fs_place_readlink(d, buffer, size);
	dentry_put(d);
	return n;
}

int fs_resolve_dir(const char *base, const char *path, char *out, size_t size)
{
	struct dentry *d;

	int err = lookup_from(base, path, true, &d);
	if (err)
		return err;
	err = fs_place_enter(d);
	if (!err)
		err = fs_place_path(d, out, size);
	dentry_put(d);
	return err;
}

int fs_resolve(const char *base, const char *path, char *out, size_t size)
{
	struct dentry *d;

	int err = lookup_from(base, path, true, &d);
	if (err)
		return err;
	err = fs_place_path(d, out, size);
	dentry_put(d);
	return err;
}
