/*
 * Places for open files that have none: pipes, and what eventfd(2) and its kin make. Calls that are about a place, and /proc/PID/fd, get one
 * made up for each look, whose inode says of the file what the file itself says, and holds it.
 *
 * What is changed there is told to the file: only the attributes that the call was about, so that two calls at a time don't undo each other.
 * A file that keeps no attributes of its own has none that could be changed, as on Linux, where they share one inode.
 */
#include <asm/fcntl.h>
#include <asm/stat.h>

#include "fs/fs.h"
#include "fs/opened.h"
#include "ipc/pipe.h"
#include "lib/errno.h"

static int open_shared(struct dentry *d, u32 flags, struct file **out)
{
	struct file *f = d->inode->private;
	u32 has = atomic32_load_relaxed(&f->flags) & O_ACCMODE, wants = flags & O_ACCMODE;

	if (pipe_of(f))
		return pipe_open_fifo(pipe_of(f), flags, out);
	if (has != O_RDWR && has != wants)
		return -EACCES;
	file_get(f);
	*out = f;
	return 0;
}

static void stat_shared(struct inode *i, struct stat *out)
{
	struct file *f = i->private;
	struct stat st;

	if (f->ops->stat && !f->ops->stat(f, &st))
		*out = st;
}

static void release_shared(struct inode *i)
{
	file_put(i->private);
}

static int may_change(const struct inode *i, enum file_attribute what)
{
	const struct file *f = i->private;

	return f->ops->set_stat ? 0 : -EOPNOTSUPP;
}

/* The words of the inode itself: stat_inode() would ask the file. */
static void changed(struct inode *i, enum file_attribute what)
{
	struct file *f = i->private;

	f->ops->set_stat(f, what,
		&(struct file_attributes){.mode = i->mode & 07777,
			.uid = i->uid,
			.gid = i->gid,
			.atime = i->atime,
			.mtime = i->mtime,
			.ctime = i->ctime});
}

static const struct inode_ops shared_ops = {
	.open = open_shared,
	.stat = stat_shared,
	.release = release_shared,
	.may_change = may_change,
	.changed = changed,
	.shares_file = true,
};

static struct dentry *make_up(struct file *f)
{
	struct stat st = {.st_mode = S_IFIFO | 0600};

	if (f->ops->stat && f->ops->stat(f, &st))
		return NULL;
	struct inode *i = inode_create(&shared_ops, (u32)st.st_dev, st.st_ino, st.st_mode);
	if (!i)
		return NULL;
	i->uid = st.st_uid;
	i->gid = st.st_gid;
	i->atime = (s64)(st.st_atime * NS_PER_SEC + st.st_atime_nsec);
	i->mtime = (s64)(st.st_mtime * NS_PER_SEC + st.st_mtime_nsec);
	i->nlink = 1;
	file_get(f);
	i->private = f;
	struct dentry *d = dentry_create_place(i);
	inode_put(i);
	return d;
}

struct dentry *fs_file_place(struct file *f)
{
	return f->place ? dentry_get(f->place) : make_up(f);
}
