/* What open files of this layer have in common (fs/opened.h), and those that are opened with O_PATH. */
#include "fs/opened.h"

#include <asm/stat.h>

#include "fs/fs.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"

/* Of the one file system there is, as st_dev has it: no device of its own, so major 0. */
#define TREE_DEV 2

struct dentry *opened_dentry(const struct file *f)
{
	bool ours = f->ops == &regular_ops || f->ops == &directory_ops || f->ops == &path_ops ||
		    device_has_ops(f->ops);

	return ours ? f->private : NULL;
}

/* A device's number as Linux packs it into 32 bits. */
static u64 encode_device(u32 major, u32 minor)
{
	return (minor & 0xff) | (u64)major << 8 | (u64)(minor & ~0xffU) << 12;
}

void stat_inode(const struct inode *i, struct stat *out)
{
	bool sized = inode_is(i, S_IFREG) || inode_is(i, S_IFLNK);

	*out = (struct stat){
		.st_dev = TREE_DEV,
		.st_ino = i->ino,
		.st_nlink = i->nlink,
		.st_mode = i->mode,
		.st_uid = i->uid,
		.st_gid = i->gid,
		.st_rdev = encode_device(i->rdev_major, i->rdev_minor),
		.st_size = sized ? (s64)i->size : 0,
		.st_blksize = PAGE_SIZE,
		.st_blocks = inode_is(i, S_IFREG) ? (s64)(ALIGN_UP(i->size, PAGE_SIZE) / 512) : 0,
		.st_atime = i->mtime,
		.st_mtime = i->mtime,
		.st_ctime = i->mtime,
	};
}

int fs_file_stat(struct file *f, struct stat *out)
{
	const struct dentry *d = f->private;

	stat_inode(d->inode, out);
	return 0;
}

s64 opened_set_pos(struct file *f, s64 pos)
{
	ASSERT(mutex_held(&f->pos_lock));
	if (pos < 0)
		return -EINVAL;
	f->pos = (u64)pos;
	return pos;
}

/* open(2): all but a few calls on an O_PATH descriptor fail with EBADF. */
static ssize_t path_move(struct file *f, struct iobuf *b, u64 *pos)
{
	return -EBADF;
}

static s64 path_seek(struct file *f, s64 offset, int whence)
{
	return -EBADF;
}

static ssize_t path_getdents(struct file *f, struct iobuf *to)
{
	return -EBADF;
}

static int path_ioctl(struct file *f, u32 command, u64 argument)
{
	return -EBADF;
}

static int path_page_source(struct file *f, struct page_source **out)
{
	return -EBADF;
}

const struct file_ops path_ops = {
	.read = path_move,
	.write = path_move,
	.seek = path_seek,
	.stat = fs_file_stat,
	.getdents = path_getdents,
	.ioctl = path_ioctl,
	.page_source = path_page_source,
};
