/*
 * Making names: mkdir, mknod, symlink, link.
 *
 * Each walks to the directory and makes the name under one hold of tree_lock, so nothing can come in
 * between. The order of the checks is the order of Linux's errors: what the path says, whether the
 * name exists, then permissions.
 */
#include "fs/fs.h"
#include "fs/names.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

struct tree fs_tree;

void names_touch(struct inode *dir)
{
	s64 now = tree_now();

	WRITE_ONCE(dir->mtime, now);
	WRITE_ONCE(dir->ctime, now);
}

void names_changed(struct inode *i)
{
	WRITE_ONCE(i->ctime, tree_now());
}

struct inode *names_new_inode(
	const struct access *a, const struct dentry *dir, const struct inode_attributes *attributes)
{
	struct inode_attributes own = *attributes;

	own.uid = a->uid;
	own.gid = a->gid;
	if (READ_ONCE(dir->inode->mode) & S_ISGID) {
		own.gid = dir->inode->gid;
		if ((own.mode & S_IFMT) == S_IFDIR)
			own.mode |= S_ISGID;
		else if ((own.mode & 02010) == 02010 && !access_in_group(a, own.gid) &&
			 !access_has(a, CAP_FSETID))
			own.mode &= ~(u32)S_ISGID;
	}
	return tree_create_inode(&fs_tree, &own);
}

/* Walks to where a name is to be made: 0, or what is wrong with the path or the directory. */
static int walk_to_new(struct walk *w, struct dentry *from, const char *path, bool directory)
{
	struct dentry *there = NULL;

	int err = walk_path(w, from, path, WALK_PARENT);
	if (err)
		return err;
	if (!w->missing_last)
		return -EEXIST;
	const struct inode_ops *ops = w->at->inode->ops;
	if (w->last_length > FS_NAME_MAX)
		return -ENAMETOOLONG;
	if (!ops)
		there = tree_lookup(w->at, w->last, w->last_length);
	else if (ops->lookup && !ops->lookup(w->at, w->last, w->last_length, &there))
		dentry_put(there);
	if (there)
		return -EEXIST;
	/* Only a directory may be named with a slash at the end. */
	if (w->must_be_dir && !directory)
		return -ENOENT;
	return access_check_create(&w->access, w->at);
}

static int add_new(struct walk *w, const struct inode_attributes *a, bool owned_target)
{
	struct inode *i = names_new_inode(&w->access, w->at, a);

	if (!i)
		return -ENOMEM;
	int err = tree_add(w->at, w->last, w->last_length, i, NULL);
	if (!err) {
		i->target_owned = owned_target;
		names_touch(w->at->inode);
	}
	inode_put(i);
	return err;
}

/* A device gives who opens it more than its file does. The one of number 0 is none: a whiteout, which anybody may make. */
static bool may_make(const struct access *access, const struct inode_attributes *a)
{
	u32 type = a->mode & S_IFMT;

	if (type != S_IFBLK && (type != S_IFCHR || (a->rdev_major == 0 && a->rdev_minor == 0)))
		return true;
	return access_has(access, CAP_MKNOD);
}

static int make(
	struct dentry *from, const char *path, const struct inode_attributes *a, bool owned_target)
{
	struct walk w;

	access_current(&w.access);
	mutex_lock(&tree_lock);
	int err = walk_to_new(&w, from, path, (a->mode & S_IFMT) == S_IFDIR);
	if (!err && !may_make(&w.access, a))
		err = -EPERM;
	if (!err)
		err = add_new(&w, a, owned_target);
	walk_end(&w);
	mutex_unlock(&tree_lock);
	return err;
}

int fs_make_directory(struct dentry *from, const char *path, u32 mode)
{
	struct inode_attributes a = {.mode = S_IFDIR | (mode & 01777)};

	return make(from, path, &a, false);
}

int fs_make_node_check(u32 mode)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return 0;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

int fs_make_node(struct dentry *from, const char *path, u32 mode, u32 major, u32 minor)
{
	struct inode_attributes a = {.mode = mode};
	u32 type = mode & S_IFMT;

	if (type == 0)
		a.mode |= S_IFREG;
	if (type == S_IFCHR || type == S_IFBLK) {
		a.rdev_major = major;
		a.rdev_minor = minor;
	}
	return make(from, path, &a, false);
}

int fs_make_link(struct dentry *from, const char *path, const char *target)
{
	size_t length = strlen(target);
	char *copy = kmalloc(length + 1);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, target, length + 1);
	struct inode_attributes a = {.mode = S_IFLNK | 0777, .data = copy, .size = length};
	int err = make(from, path, &a, true);
	if (err)
		kfree(copy);
	return err;
}

/* A name more for what has one already. */
static int check_link(const struct walk *w, const struct inode *i)
{
	if (inode_is(i, S_IFDIR))
		return -EPERM;
	if (i->ops || w->at->inode->ops)
		return -EXDEV;
	/* What is gone stays gone, unless it never had a name. */
	return i->nlink == 0 && !i->may_link ? -ENOENT : 0;
}

int fs_link(struct dentry *what, struct dentry *from, const char *path)
{
	struct walk w;

	access_current(&w.access);
	mutex_lock(&tree_lock);
	int err = walk_to_new(&w, from, path, false);
	/* Another file system is found before the permissions are looked at. */
	if ((!err || err == -EACCES || err == -EPERM) &&
		(what->inode->ops || w.at->inode->ops || what->inode->dev != w.at->inode->dev))
		err = -EXDEV;
	if (!err)
		err = check_link(&w, what->inode);
	if (!err)
		err = tree_add(w.at, w.last, w.last_length, what->inode, NULL);
	if (!err) {
		names_touch(w.at->inode);
		names_changed(what->inode);
	}
	walk_end(&w);
	mutex_unlock(&tree_lock);
	return err;
}
