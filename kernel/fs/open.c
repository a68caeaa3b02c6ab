/*
 * open(2). The tree can't be changed, so an open that would create or write ends in EROFS, after all that Linux looks at
 * before: the order of the checks below is the order of Linux's errors.
 */
#include <linux/fcntl.h>

#include "fs/fs.h"
#include "fs/opened.h"
#include "fs/walk.h"
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
	if ((flags & O_NOATIME) && a->uid != 0 && a->uid != i->uid)
		return -EPERM;
	return 0;
}

/* The operations of an open file of that inode, in *out; -ENXIO if nobody is behind it. */
static int find_ops(const struct inode *i, const struct file_ops **out)
{
	switch (i->mode & S_IFMT) {
	case S_IFREG:
		*out = &regular_ops;
		return 0;
	case S_IFDIR:
		*out = &directory_ops;
		return 0;
	case S_IFCHR:
		*out = device_find(i->rdev_major, i->rdev_minor);
		return *out ? 0 : -ENXIO;
	default:
		return -ENXIO;
	}
}

static int create_file(struct dentry *d, const struct file_ops *ops, u32 flags, struct file **out)
{
	/* As a 64-bit program sees it in fcntl(F_GETFL). */
	u32 large = flags & O_PATH ? 0 : O_LARGEFILE;

	*out = file_create(ops, (flags & ~(u32)OPEN_ONLY) | large, d);
	return *out ? 0 : -ENOMEM;
}

static int open_dentry(const struct access *a, struct dentry *d, u32 flags, struct file **out)
{
	const struct inode *i = d->inode;
	const struct file_ops *ops;

	if ((flags & O_DIRECTORY) && !inode_is(i, S_IFDIR))
		return -ENOTDIR;
	if (flags & O_PATH)
		return create_file(d, &path_ops, flags, out);
	if (inode_is(i, S_IFLNK))
		return -ELOOP;
	if (inode_is(i, S_IFDIR) && ((flags & O_CREAT) || wants_write(flags)))
		return -EISDIR;
	int err = check_permissions(a, i, flags);
	if (!err)
		err = find_ops(i, &ops);
	if (err)
		return err;
	return create_file(d, ops, flags, out);
}

/* A link led to an open file without a name here: f, whose reference is taken over on success, is shared. */
static int open_shared(struct file *f, u32 flags, struct file **out)
{
	u32 has = atomic32_load_relaxed(&f->flags) & O_ACCMODE, wants = flags & O_ACCMODE;

	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	if (has != O_RDWR && has != wants)
		return -EACCES;
	*out = f;
	return 0;
}

/* What O_CREAT says about the walk's end. 0: open what was found. */
static int check_create(const struct walk *w, u32 flags, int err)
{
	if (w->named_dir)
		return -EISDIR;
	if (err == -ENOENT && w->missing_last)
		return -EROFS;
	if (!err && (flags & O_EXCL))
		return -EEXIST;
	return err;
}

static int open_walked(struct walk *w, u32 flags, int err, struct file **out)
{
	if (flags & O_CREAT)
		err = check_create(w, flags, err);
	if (err)
		return err;
	return w->file ? open_shared(w->file, flags, out)
		       : open_dentry(&w->access, w->at, flags, out);
}

/* O_TMPFILE: path is a directory, in which nothing can be created. */
static int open_tmpfile(struct walk *w, const char *base, const char *path)
{
	int err = walk_path(w, base, path, 0);

	if (err)
		return err;
	if (w->file)
		file_put(w->file);
	return !w->file && inode_is(w->at->inode, S_IFDIR) ? -EROFS : -ENOTDIR;
}

int fs_open(const char *base, const char *path, u32 flags, u32 mode, struct file **out)
{
	struct walk w;

	access_current(&w.access);
	if (flags & O_PATH)
		flags &= PATH_FLAGS;
	if (flags & TMPFILE_BIT) {
		if (!(flags & O_DIRECTORY) || (flags & O_CREAT) || (flags & O_ACCMODE) == O_RDONLY)
			return -EINVAL;
		return open_tmpfile(&w, base, path);
	}
	bool create_new = (flags & O_CREAT) && (flags & O_EXCL);
	int err = walk_path(&w, base, path, flags & O_NOFOLLOW || create_new ? WALK_NOFOLLOW : 0);
	bool walked = !err;
	err = open_walked(&w, flags, err, out);
	if (err && walked && w.file)
		file_put(w.file);
	return err;
}
