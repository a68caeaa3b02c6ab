/* What open files of this layer have in common (fs/opened.h), and those that are opened with O_PATH. */
#include "fs/opened.h"

#include <asm/stat.h>

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/nstime.h"
#include "lib/string.h"

u64 encode_device(u32 major, u32 minor)
{
	return (minor & 0xff) | (u64)major << 8 | (u64)(minor & ~0xffU) << 12;
}

/* Bytes that a directory of n entries has on a tmpfs. */
static s64 directory_size(const struct inode *i)
{
	return (s64)(2 + READ_ONCE(i->entry_count)) * 20;
}

static s64 size_of(const struct inode *i)
{
	if (inode_is(i, S_IFREG) && !i->ops)
		return (s64)content_size(i);
	if (inode_is(i, S_IFDIR) && !i->ops)
		return directory_size(i);
	return inode_is(i, S_IFLNK) ? i->target_length : 0;
}

static s64 blocks_of(const struct inode *i)
{
	if (!inode_is(i, S_IFREG) || i->ops)
		return 0;
	/* What lies in the archive has blocks, too. */
	u64 pages = READ_ONCE(i->store.page_count);
	u64 archived = ALIGN_UP(READ_ONCE(i->archive_size), PAGE_SIZE) / PAGE_SIZE;
	return (s64)(MAX(pages, archived) * (PAGE_SIZE / 512));
}

/* Single words, each of which may change beside this: as on Linux, a stat(2) beside a change may see
 * some of it. */
void stat_inode(struct inode *i, struct stat *out)
{
	s64 atime = READ_ONCE(i->atime), mtime = READ_ONCE(i->mtime), ctime = READ_ONCE(i->ctime);

	*out = (struct stat){
		.st_dev = i->dev,
		.st_ino = i->ino,
		.st_nlink = READ_ONCE(i->nlink),
		.st_mode = READ_ONCE(i->mode),
		.st_uid = READ_ONCE(i->uid),
		.st_gid = READ_ONCE(i->gid),
		.st_rdev = encode_device(i->rdev_major, i->rdev_minor),
		.st_size = size_of(i),
		.st_blksize = PAGE_SIZE,
		.st_blocks = blocks_of(i),
		.st_atime = (u64)nstime_seconds(atime),
		.st_atime_nsec = nstime_nanoseconds(atime),
		.st_mtime = (u64)nstime_seconds(mtime),
		.st_mtime_nsec = nstime_nanoseconds(mtime),
		.st_ctime = (u64)nstime_seconds(ctime),
		.st_ctime_nsec = nstime_nanoseconds(ctime),
	};
	if (i->ops && i->ops->stat)
		i->ops->stat(i, out);
}

int fs_file_stat(struct file *f, struct stat *out)
{
	stat_inode(opened_inode(f), out);
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

/* One word: above 0, files open for writing; below, programs that run it. */
static bool count_if(atomic32_t *count, s32 step)
{
	u32 old = atomic32_load_relaxed(count);

	do {
		if ((s32)old * step < 0)
			return false;
	} while (!atomic32_compare_exchange(count, &old, old + (u32)step));
	return true;
}

bool inode_begin_write(struct inode *i)
{
	return count_if(&i->writers, 1);
}

void inode_end_write(struct inode *i)
{
	atomic32_fetch_sub(&i->writers, 1);
}

/* Who has it mapped to write had it open for that before, so once there are no writers any more, each
 * such mapping has been counted. */
bool inode_begin_exec(struct inode *i)
{
	if (!count_if(&i->writers, -1))
		return false;
	if (i->memfd || !page_source_is_written(&i->store.source))
		return true;
	inode_end_exec(i);
	return false;
}

void inode_end_exec(struct inode *i)
{
	atomic32_fetch_add(&i->writers, 1);
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
