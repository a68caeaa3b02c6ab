/*
 * Inodes and dentries as objects: making them, and what goes with their last reference.
 *
 * Whatever drops the last reference frees, wherever it is: a close, the end of a walk, or an unmap,
 * which holds an address space's lock. So nothing here takes a sleeping lock.
 */
#include "fs/node.h"

#include "arch/clock.h"
#include "fs/content.h"
#include "fs/mounts.h"
#include "fs/xattr.h"
#include "ipc/pipe.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

/* Of the tree in memory, as st_dev has it: no device of its own, so major 0. */

static struct slab_cache *inode_cache, *dentry_cache;

s64 tree_now(void)
{
	return clock_boot_realtime_ns() + clock_now_ns();
}

void node_set_up(void)
{
	if (inode_cache)
		return;
	inode_cache = slab_cache_create("inode", sizeof(struct inode), 0);
	dentry_cache = slab_cache_create("dentry", sizeof(struct dentry), 0);
}

struct inode *inode_create(const struct inode_ops *ops, u32 dev, u64 ino, u32 mode)
{
	struct inode *i = slab_zalloc(inode_cache);

	if (!i)
		return NULL;
	refcount_init(&i->refs);
	mutex_init(&i->lock, RANK_INODE);
	list_init(&i->xattrs);
	i->ops = ops;
	i->dev = dev;
	i->ino = ino;
	i->mode = mode;
	i->atime = i->mtime = i->ctime = tree_now();
	return i;
}

struct inode *tree_create_inode(struct tree *t, const struct inode_attributes *a)
{
	u64 ino = __atomic_add_fetch(&t->last_ino, 1, __ATOMIC_RELAXED);
	struct inode *i = inode_create(NULL, FS_DEV_TREE, ino, a->mode);

	if (!i)
		return NULL;
	i->uid = a->uid;
	i->gid = a->gid;
	i->rdev_major = a->rdev_major;
	i->rdev_minor = a->rdev_minor;
	if (a->mtime)
		i->atime = i->mtime = i->ctime = a->mtime * NS_PER_SEC;
	if (inode_is(i, S_IFREG)) {
		content_init(i, a->data, a->size);
	} else if (inode_is(i, S_IFLNK)) {
		i->target = a->data;
		i->target_length = (u32)a->size;
	}
	return i;
}

void inode_get(struct inode *i)
{
	refcount_get(&i->refs);
}

void inode_put(struct inode *i)
{
	if (!refcount_put(&i->refs))
		return;
	ASSERT(i->entry_count == 0);
	if (i->ops && i->ops->release)
		i->ops->release(i);
	if (!i->ops && inode_is(i, S_IFREG))
		content_destroy(i);
	if (i->pipe)
		pipe_put(i->pipe);
	if (i->target_owned)
		kfree((void *)i->target);
	xattr_destroy(i);
	kfree(i->path);
	slab_free(inode_cache, i);
}

struct dentry *dentry_create_literal(
	struct dentry *dir, const char *name, size_t length, struct inode *inode)
{
	struct dentry *d = slab_zalloc(dentry_cache);

	if (!d)
		return NULL;
	refcount_init(&d->refs);
	d->parent = dir ? dentry_get(dir) : d;
	inode_get(inode);
	d->inode = inode;
	d->name = name;
	d->name_length = (u32)length;
	return d;
}

struct dentry *dentry_create_place(struct inode *inode)
{
	return dentry_create_literal(NULL, "", 0, inode);
}

struct dentry *dentry_create(
	struct dentry *dir, const char *name, size_t length, struct inode *inode)
{
	char *copy = kmalloc(length + 1);

	if (!copy)
		return NULL;
	memcpy(copy, name, length);
	copy[length] = '\0';
	struct dentry *d = dentry_create_literal(dir, copy, length, inode);
	if (!d)
		kfree(copy);
	else
		d->name_owned = true;
	return d;
}

struct dentry *dentry_get(struct dentry *d)
{
	refcount_get(&d->refs);
	return d;
}

void dentry_put(struct dentry *d)
{
	/* Up the tree, because a dentry may be its parent's last user. */
	while (d && refcount_put(&d->refs)) {
		struct dentry *parent = d->parent == d ? NULL : d->parent;
		ASSERT(!d->linked);
		inode_put(d->inode);
		if (d->name_owned)
			kfree((void *)d->name);
		slab_free(dentry_cache, d);
		d = parent;
	}
}
