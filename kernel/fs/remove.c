/*
 * Taking names away and giving others: unlink, rmdir, rename.
 *
 * All under one hold of tree_lock. An inode that loses its last name lives on while it is open or
 * mapped. What a rename replaces is unlinked first and freed after the lock is given up, with the
 * reference that the rename itself holds.
 */
#include <linux/fs.h>

#include "fs/fs.h"
#include "fs/names.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

/* The name that a walk with WALK_PARENT ended before, without a reference. */
static int find_last(struct walk *w, struct dentry **out)
{
	struct dentry *d = NULL;

	if (w->last_length > FS_NAME_MAX)
		return -ENAMETOOLONG;
	const struct inode_ops *ops = w->at->inode->ops;
	if (ops) {
		/* Nothing can be changed there: which error depends on whether the name exists. */
		int err = ops->lookup ? ops->lookup(w->at, w->last, w->last_length, &d) : -ENOTDIR;
		if (!err)
			dentry_put(d);
		return err ? err : -EPERM;
	}
	*out = tree_lookup(w->at, w->last, w->last_length);
	return *out ? 0 : -ENOENT;
}

static bool is_name(const struct walk *w, const char *name)
{
	return w->last_length == strlen(name) && memcmp(w->last, name, w->last_length) == 0;
}

/* unlink(2) and rmdir(2) of what can't be named: ".", ".." and the root. */
static int refuse_remove(const struct walk *w, bool directory)
{
	if (!directory)
		return -EISDIR;
	if (is_name(w, "."))
		return -EINVAL;
	return is_name(w, "..") ? -ENOTEMPTY : -EBUSY;
}

static int check_remove(const struct walk *w, const struct dentry *d, bool directory)
{
	if (w->must_be_dir && !directory)
		return inode_is(d->inode, S_IFDIR) ? -EISDIR : -ENOTDIR;
	int err = access_check_remove(&w->access, d);
	if (err)
		return err;
	bool is_directory = inode_is(d->inode, S_IFDIR);
	if (is_directory != directory)
		return directory ? -ENOTDIR : -EISDIR;
	if (d->inode->mount_point)
		return -EBUSY;
	return d->inode->entry_count > 0 ? -ENOTEMPTY : 0;
}

static void unlink_and_touch(struct dentry *d)
{
	names_touch(d->parent->inode);
	names_changed(d->inode);
	tree_unlink(d);
}

int fs_remove(struct dentry *from, const char *path, bool directory)
{
	struct dentry *d = NULL;
	struct walk w;

	access_current(&w.access);
	mutex_lock(&tree_lock);
	int err = walk_path(&w, from, path, WALK_PARENT);
	/* Whether the name is there does not matter then. */
	if (!err && w.missing_last && w.at->inode->readonly)
		err = -EROFS;
	if (!err)
		err = w.missing_last ? find_last(&w, &d) : refuse_remove(&w, directory);
	if (!err)
		err = check_remove(&w, d, directory);
	/* Kept until the lock is given up: freeing contents may take long. */
	if (!err)
		unlink_and_touch(dentry_get(d));
	walk_end(&w);
	mutex_unlock(&tree_lock);
	if (!err)
		dentry_put(d);
	return err;
}

/* -- rename -- */

struct rename {
	struct walk from, to;
	struct dentry *what;
	struct dentry *over; /* what has the new name, or NULL */
	u32 flags;
};

/* What Linux says when the target is there, and may not be replaced by this. */
static int check_over(const struct rename *r)
{
	bool what_dir = inode_is(r->what->inode, S_IFDIR);
	bool over_dir = inode_is(r->over->inode, S_IFDIR);

	bool exchange = r->flags & RENAME_EXCHANGE;

	int err = access_check_remove(&r->to.access, r->over);
	if (err)
		return err;
	if (!exchange && what_dir && !over_dir)
		return -ENOTDIR;
	if (!exchange && !what_dir && over_dir)
		return -EISDIR;
	if (r->over->inode->mount_point)
		return -EBUSY;
	return !exchange && r->over->inode->entry_count > 0 ? -ENOTEMPTY : 0;
}

/* A directory can't move below itself; a directory that leaves its parent is written to (its ".."). */
static int check_tree(const struct rename *r)
{
	bool exchange = r->flags & RENAME_EXCHANGE;

	if (dentry_is_below(r->to.at, r->what))
		return -EINVAL;
	if (r->over && dentry_is_below(r->from.at, r->over))
		return exchange ? -EINVAL : -ENOTEMPTY;
	return 0;
}

static int check_parent_change(const struct rename *r)
{
	if (r->from.at == r->to.at)
		return 0;
	if (inode_is(r->what->inode, S_IFDIR)) {
		int err = access_check(&r->from.access, r->what->inode, ACCESS_WRITE);
		if (err)
			return err;
	}
	if ((r->flags & RENAME_EXCHANGE) && inode_is(r->over->inode, S_IFDIR))
		return access_check(&r->from.access, r->over->inode, ACCESS_WRITE);
	return 0;
}

/* A slash at the end of either path demands a directory. */
static int check_slashes(const struct rename *r)
{
	bool what_dir = inode_is(r->what->inode, S_IFDIR);
	bool over_dir = r->over && inode_is(r->over->inode, S_IFDIR);

	if (r->from.must_be_dir && !what_dir)
		return -ENOTDIR;
	if (r->to.must_be_dir && !(r->flags & RENAME_EXCHANGE ? over_dir : what_dir))
		return -ENOTDIR;
	return 0;
}

static int check_rename(const struct rename *r)
{
	if ((r->flags & RENAME_NOREPLACE) && r->over)
		return -EEXIST;
	if ((r->flags & RENAME_EXCHANGE) && !r->over)
		return -ENOENT;
	int err = check_slashes(r);
	if (!err)
		err = check_tree(r);
	/* Two names of one file: nothing happens. */
	if (err || (r->over && r->over->inode == r->what->inode))
		return err;
	err = access_check_remove(&r->from.access, r->what);
	if (!err)
		err = r->over ? check_over(r) : access_check_create(&r->to.access, r->to.at);
	if (!err && r->what->inode->mount_point)
		err = -EBUSY;
	return err ? err : check_parent_change(r);
}

static int do_rename(struct rename *r)
{
	char *name;

	if (r->over && r->over->inode == r->what->inode)
		return 0;
	if (r->flags & RENAME_EXCHANGE) {
		names_changed(r->over->inode);
		tree_exchange(r->what, r->over);
	} else {
		name = kmalloc(r->to.last_length + 1);
		if (!name)
			return -ENOMEM;
		memcpy(name, r->to.last, r->to.last_length);
		name[r->to.last_length] = '\0';
		if (r->over)
			unlink_and_touch(r->over);
		tree_move(r->what, r->to.at, name, r->to.last_length);
	}
	names_touch(r->from.at->inode);
	names_touch(r->to.at->inode);
	names_changed(r->what->inode);
	return 0;
}

static int find_both(struct rename *r)
{
	if (r->from.at->inode->dev != r->to.at->inode->dev)
		return -EXDEV;
	if (!r->from.missing_last)
		return -EBUSY;
	/* ".", ".." and the root are there, and can't be replaced. */
	if (!r->to.missing_last)
		return r->flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	if (r->from.at->inode->readonly)
		return -EROFS;
	int err = find_last(&r->from, &r->what);
	if (err && err != -EPERM)
		return err;
	int to_err = find_last(&r->to, &r->over);
	if (to_err == -ENOENT && !r->to.at->inode->ops)
		to_err = 0;
	if (r->over)
		dentry_get(r->over);
	/* That the new name is missing where none can be made is said first. */
	return to_err ? to_err : err;
}

int fs_rename(struct dentry *from, const char *old_path, struct dentry *to, const char *new_path,
	u32 flags)
{
	struct rename r = {.flags = flags};

	access_current(&r.from.access);
	r.to.access = r.from.access;
	mutex_lock(&tree_lock);
	int err = walk_path(&r.from, from, old_path, WALK_PARENT);
	if (err)
		goto end_from;
	err = walk_path(&r.to, to, new_path, WALK_PARENT);
	if (!err)
		err = find_both(&r);
	if (!err)
		err = check_rename(&r);
	if (!err)
		err = do_rename(&r);
	walk_end(&r.to);
end_from:
	walk_end(&r.from);
	mutex_unlock(&tree_lock);
	if (r.over)
		dentry_put(r.over);
	return err;
}
