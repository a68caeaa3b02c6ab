/*
 * open(2).
 *
 * The walk, and the making of a file that is missing, are one step under tree_lock; what comes after
 * (permissions, truncation, waiting for the other end of a FIFO, a device's own opening) works on
 * the dentry, which is held. The order of the checks is the order of Linux's errors.
 */
#include <linux/fcntl.h>

#include "fs/fs.h"
#include "fs/names.h"
#include "fs/opened.h"
#include "ipc/pipe.h"
#include "lib/errno.h"

/* __O_TMPFILE is O_TMPFILE without the O_DIRECTORY that it comes with. */
#define TMPFILE_BIT (O_TMPFILE & ~O_DIRECTORY)
/* What O_PATH leaves of the other flags. */
#define PATH_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW)
/* Meant for open() alone, and not kept. */
#define OPEN_ONLY (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

static bool wants_write(u32 flags)
{
	return (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);
}

static u32 wanted_access(u32 flags)
{
	u32 wanted = wants_write(flags) ? ACCESS_WRITE : 0;

	return wanted | ((flags & O_ACCMODE) != O_WRONLY ? ACCESS_READ : 0);
}

static int check_permissions(const struct access *a, const struct inode *i, u32 flags)
{
	int err = access_check(a, i, wanted_access(flags));
	if (err)
		return err;
	if ((flags & O_NOATIME) && !access_is_owner(a, i))
		return -EPERM;
	return 0;
}

static u32 kept_flags(u32 flags)
{
	/* As a 64-bit program sees it in fcntl(F_GETFL). */
	u32 large = flags & O_PATH ? 0 : O_LARGEFILE;

	return (flags & ~(u32)OPEN_ONLY) | large;
}

/* What is opened becomes *blank, if there is one. */
static struct file *take_file(struct file **blank, const struct file_ops *ops, u32 flags)
{
	struct file *f = *blank ? *blank : file_alloc();

	*blank = NULL;
	if (f)
		file_fill(f, ops, kept_flags(flags), NULL);
	return f;
}

/* O_TRUNC. */
static int cut(struct inode *i)
{
	mutex_lock(&i->lock);
	int err = seals_check_size(i, 0);
	if (!err) {
		content_set_size(i, 0);
		names_touch(i);
	}
	mutex_unlock(&i->lock);
	return err;
}

static int open_regular(struct dentry *d, u32 flags, struct file **blank, struct file **out)
{
	struct inode *i = d->inode;
	bool writes = (flags & O_ACCMODE) != O_RDONLY, cuts = flags & O_TRUNC;

	/* Whoever only reads writes for as long as it cuts. */
	if ((writes || cuts) && !inode_begin_write(i))
		return -ETXTBSY;
	*out = take_file(blank, &regular_ops, flags);
	int err = *out && cuts ? cut(i) : 0;
	if (writes ? !*out : cuts)
		inode_end_write(i);
	if (!*out)
		return -ENOMEM;
	if (err) {
		/* What regular_release() looks at. */
		(*out)->place = dentry_get(d);
		file_put(*out);
	}
	return err;
}

/* The pipe of a FIFO's inode, made by whoever opens it first. */
static int fifo_pipe(struct inode *i, struct pipe **out)
{
	mutex_lock(&i->lock);
	if (!i->pipe)
		i->pipe = pipe_create();
	*out = i->pipe;
	mutex_unlock(&i->lock);
	return *out ? 0 : -ENOMEM;
}

static int open_fifo(struct inode *i, u32 flags, struct file **out)
{
	struct pipe *p;

	int err = fifo_pipe(i, &p);
	return err ? err : pipe_open_fifo(p, kept_flags(flags), out);
}

static int open_device(struct dentry *d, u32 flags, struct file **out)
{
	const struct fs_device *device = device_find(d->inode->rdev_major, d->inode->rdev_minor);

	if (!device)
		return -ENXIO;
	if (device->open)
		return device->open(d->inode->rdev_minor, flags, out);
	*out = file_create(device->ops, kept_flags(flags), NULL);
	return *out ? 0 : -ENOMEM;
}

static int open_kind(struct dentry *d, u32 flags, struct file **blank, struct file **out)
{
	struct inode *i = d->inode;

	switch (i->mode & S_IFMT) {
	case S_IFREG:
		return open_regular(d, flags, blank, out);
	case S_IFDIR:
		*out = file_create(&directory_ops, kept_flags(flags), NULL);
		return *out ? 0 : -ENOMEM;
	case S_IFCHR:
		return open_device(d, flags, out);
	case S_IFIFO:
		return open_fifo(i, flags, out);
	default:
		return -ENXIO;
	}
}

/* What opens is known under d from here on. */
static int open_and_name(struct dentry *d, u32 flags, struct file **blank, struct file **out)
{
	int err;

	if (flags & O_PATH) {
		*out = file_create(&path_ops, kept_flags(flags), NULL);
		err = *out ? 0 : -ENOMEM;
	} else if (d->inode->ops && d->inode->ops->open) {
		err = d->inode->ops->open(d, kept_flags(flags), out);
	} else {
		err = open_kind(d, flags, blank, out);
	}
	bool shares = !(flags & O_PATH) && d->inode->ops && d->inode->ops->shares_file;
	if (!err && !shares)
		(*out)->place = dentry_get(d);
	if (!err && (flags & O_DIRECT) && !(*out)->ops->direct) {
		file_put(*out);
		err = -EINVAL;
	}
	return err;
}

static int open_dentry(const struct access *a, struct dentry *d, u32 flags, bool created,
	struct file **blank, struct file **out)
{
	const struct inode *i = d->inode;

	if ((flags & O_DIRECTORY) && !inode_is(i, S_IFDIR))
		return -ENOTDIR;
	if (flags & O_PATH)
		return open_and_name(d, flags, blank, out);
	if (inode_is(i, S_IFLNK))
		return -ELOOP;
	if (inode_is(i, S_IFDIR) && ((flags & O_CREAT) || wants_write(flags)))
		return -EISDIR;
	/* Who makes a file may have it open as asked, whatever the new bits say. */
	int err = created ? 0 : check_permissions(a, i, flags);
	return err ? err : open_and_name(d, flags, blank, out);
}

/* Makes the regular file that the walk found missing. */
static int create_missing(struct walk *w, u32 mode, struct dentry **out)
{
	struct inode_attributes a = {.mode = S_IFREG | (mode & 07777)};

	int err = access_check_create(&w->access, w->at);
	if (err)
		return err;
	struct inode *i = names_new_inode(&w->access, w->at, &a);
	if (!i)
		return -ENOMEM;
	err = tree_add(w->at, w->last, w->last_length, i, out);
	inode_put(i);
	if (!err)
		names_touch(w->at->inode);
	return err;
}

/* A file of somebody else in a sticky directory that others may write to: protected_regular(5) and
 * its kin are off, as Linux has them by default. */
static int walk_to_open(struct walk *w, struct dentry *from, const char *path, u32 flags, u32 mode,
	struct dentry **out, bool *created)
{
	bool create_new = (flags & O_CREAT) && (flags & O_EXCL);
	int err = walk_path(w, from, path, (flags & O_NOFOLLOW) || create_new ? WALK_NOFOLLOW : 0);

	*created = false;
	if ((flags & O_CREAT) && w->named_dir)
		return -EISDIR;
	if ((flags & O_CREAT) && err == -ENOENT && w->missing_last) {
		*created = true;
		return create_missing(w, mode, out);
	}
	if (!err && create_new)
		return -EEXIST;
	if (!err)
		*out = dentry_get(w->at);
	return err;
}

/* O_TMPFILE: path is a directory; the file never has a name, unless linkat() gives it one. */
static int make_tmpfile(struct walk *w, struct dentry *from, const char *path, u32 flags, u32 mode,
	struct dentry **out)
{
	struct inode_attributes a = {.mode = S_IFREG | (mode & 07777)};

	int err = walk_path(w, from, path, 0);
	if (!err && !inode_is(w->at->inode, S_IFDIR))
		err = -ENOTDIR;
	if (!err)
		err = access_check(&w->access, w->at->inode, ACCESS_WRITE | ACCESS_EXEC);
	if (!err && w->at->inode->ops)
		err = -EOPNOTSUPP;
	if (!err)
		err = access_check_create(&w->access, w->at);
	if (err)
		return err;
	struct inode *i = names_new_inode(&w->access, w->at, &a);
	if (!i)
		return -ENOMEM;
	i->may_link = !(flags & O_EXCL);
	*out = dentry_create(w->at, "#tmpfile", 8, i);
	inode_put(i);
	return *out ? 0 : -ENOMEM;
}

static int find_and_open(struct dentry *from, const char *path, u32 flags, u32 mode,
	struct file **blank, struct file **out)
{
	struct dentry *d = NULL;
	struct walk w;
	bool created = true;
	int err;

	access_current(&w.access);
	bool tmpfile = flags & TMPFILE_BIT;
	mutex_lock(&tree_lock);
	if (tmpfile)
		err = make_tmpfile(&w, from, path, flags, mode, &d);
	else
		err = walk_to_open(&w, from, path, flags, mode, &d, &created);
	walk_end(&w);
	mutex_unlock(&tree_lock);
	if (err)
		return err;
	if (tmpfile)
		flags &= ~(u32)O_DIRECTORY;
	err = open_dentry(&w.access, d, flags, created, blank, out);
	dentry_put(d);
	return err;
}

int fs_open_check_flags(u32 flags)
{
	if (flags & O_PATH)
		return 0;
	if ((flags & TMPFILE_BIT) &&
		(!(flags & O_DIRECTORY) || (flags & O_CREAT) || (flags & O_ACCMODE) == O_RDONLY))
		return -EINVAL;
	return (flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY) ? -EINVAL : 0;
}

int fs_open_at(struct dentry *from, const char *path, u32 flags, u32 mode, struct file **out)
{
	struct file *blank = NULL;

	if (flags & O_PATH)
		flags &= PATH_FLAGS;
	/* When memory runs out for this, no file may have been made. */
	if ((flags & O_CREAT) && !(blank = file_alloc()))
		return -ENOMEM;
	int err = find_and_open(from, path, flags, mode, &blank, out);

	if (blank)
		file_discard(blank);
	return err;
}

int fs_place_open_exec(struct dentry *d, struct file **out)
{
	const struct inode *i = d->inode;
	struct file *blank = NULL;
	struct access a;

	if (inode_is(i, S_IFLNK))
		return -ELOOP;
	/* Before anything is opened: opening a device or a pipe may do something. */
	if (!inode_is(i, S_IFREG) || i->ops)
		return -EACCES;
	access_current(&a);
	int err = access_check(&a, i, ACCESS_EXEC);
	return err ? err : open_and_name(d, O_RDONLY, &blank, out);
}

int fs_place_open(struct dentry *d, u32 flags, struct file **out)
{
	struct file *blank = NULL;
	struct access a;

	access_current(&a);
	return open_dentry(&a, d, flags, false, &blank, out);
}
