/*
 * Read-only volumes: parts of the tree that nobody may change, as a read-only mount on Linux. Each is a file system of its own by
 * its device number, so a name can't be moved or linked across its border (EXDEV), and its top can't be removed (EBUSY).
 *
 * inode->readonly and inode->dev are constant once programs run: this is done before the first.
 */
#include "fs/fs.h"
#include "fs/mounts.h"
#include "fs/walk.h"
#include "lib/errno.h"
#include "mm/slab.h"

static u32 volumes;

/* The next of a walk through all below top, parents first; NULL after the last. */
static struct dentry *next_below(const struct dentry *top, struct dentry *d)
{
	struct rb_node *n = rb_first(&d->inode->entries);

	while (!n && d != top) {
		n = rb_next(&d->node);
		if (!n)
			d = d->parent;
	}
	return n ? rb_entry(n, struct dentry, node) : NULL;
}

static void mark(struct dentry *top, bool readonly, u32 device)
{
	for (struct dentry *d = top; d; d = next_below(top, d)) {
		d->inode->readonly = readonly;
		d->inode->dev = device;
	}
	if (top->parent != top)
		top->inode->mount_point = true;
}

static int add(struct dentry *top, bool readonly)
{
	u32 device = FS_DEV_VOLUMES + volumes++;
	char *path = kmalloc(FS_PATH_MAX);
	int err = path ? dentry_path(top, NULL, path, FS_PATH_MAX) : -ENOMEM;

	if (!err)
		err = mounts_add(path, "tmpfs", "", device, readonly);
	kfree(path);
	if (!err)
		mark(top, readonly, device);
	return err;
}

int fs_add_volume(const char *path, bool readonly)
{
	struct walk w = {0};

	mutex_lock(&tree_lock);
	int err = walk_path(&w, walk_root(), path, 0);
	/* One that may be written to matters only within one that may not. */
	if (!err && w.at->inode->readonly != readonly)
		err = add(w.at, readonly);
	walk_end(&w);
	mutex_unlock(&tree_lock);
	return err;
}
