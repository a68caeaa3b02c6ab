/*
 * Regular files. Their contents lie in the direct map, so a read is one copy. They are open for reading only: whatever
 * would write is refused when the file is opened.
 */
#include <asm/ioctls.h>
#include <linux/fs.h>
#include <linux/poll.h>

#include "arch/ucopy.h"
#include "fs/fs.h"
#include "fs/opened.h"
#include "fs/pages.h"
#include "lib/assert.h"
#include "lib/errno.h"

static const struct inode *inode_of(const struct file *f)
{
	const struct dentry *d = f->private;

	return d->inode;
}

static ssize_t regular_read(struct file *f, struct iobuf *to, u64 *pos)
{
	const struct inode *i = inode_of(f);

	if (*pos >= i->size)
		return 0;
	ssize_t moved = iobuf_put(to, i->data + *pos, MIN(to->left, i->size - *pos));
	if (moved > 0)
		*pos += (u64)moved;
	return moved;
}

/* Contents have no holes but the one that every file ends with. */
static s64 seek_data_or_hole(struct file *f, s64 offset, int whence)
{
	u64 size = inode_of(f)->size;

	if (offset < 0 || (u64)offset >= size)
		return -ENXIO;
	return opened_set_pos(f, whence == SEEK_DATA ? offset : (s64)size);
}

static s64 regular_seek(struct file *f, s64 offset, int whence)
{
	s64 base = 0;

	ASSERT(mutex_held(&f->pos_lock));
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = (s64)f->pos;
		break;
	case SEEK_END:
		base = (s64)inode_of(f)->size;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		return seek_data_or_hole(f, offset, whence);
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &offset))
		return -EINVAL;
	return opened_set_pos(f, offset);
}

static int regular_ioctl(struct file *f, u32 command, u64 argument)
{
	if (command != FIONREAD)
		return -ENOTTY;
	/* Without the lock, as Linux does it: another thread may move the position at any time anyway. */
	u64 left = inode_of(f)->size - READ_ONCE(f->pos);
	return put_user_u32(argument, (u32)left);
}

static u32 regular_poll(struct file *f)
{
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

static int regular_page_source(struct file *f, struct page_source **out)
{
	return pages_source(f->private, out);
}

const struct file_ops regular_ops = {
	.read = regular_read,
	.seek = regular_seek,
	.stat = fs_file_stat,
	.ioctl = regular_ioctl,
	.poll = regular_poll,
	.page_source = regular_page_source,
};
