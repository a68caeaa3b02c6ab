/*
 * Reading directories. A position is an entry's cookie: 0 is ".", 1 is "..", and the others have
 * numbers that grow in the order in which they were made and are never used again. So reading on
 * after a change gives every entry that was there all the time exactly once, whatever was removed
 * or added meanwhile, and a position from telldir(3) stays good.
 *
 * Locking: f->pos_lock, which the caller of seek and getdents holds, guards the position. tree_lock
 * is held while an entry is looked up, and not while it is copied out.
 */
#include <asm/stat.h>
#include <linux/fs.h>

#include "fs/names.h"
#include "fs/opened.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "sched/break.h"

#define DOT 0
#define DOT_DOT 1
#define FIRST 2

/* struct linux_dirent64 of getdents64(2), which no header has; the name and its NUL follow. */
struct record {
	u64 ino;
	s64 next;
	u16 length;
	u8 type;
	char name[];
} PACKED;

#define RECORD_ALIGN 8
#define RECORD_MAX ALIGN_UP(sizeof(struct record) + FS_NAME_MAX + 1, RECORD_ALIGN)

/* 1 if the entry was put, 0 if there is no room for it, or -EFAULT. */
static int put_entry(struct iobuf *to, const struct tree_entry *e)
{
	ALIGNED(RECORD_ALIGN) char buffer[RECORD_MAX];
	struct record *r = (struct record *)buffer;
	size_t size = ALIGN_UP(sizeof(*r) + e->length + 1, RECORD_ALIGN);

	if (to->left < size)
		return 0;
	/* The filling at the end must not carry what was on the stack. */
	memset(buffer, 0, size);
	r->ino = e->ino;
	r->next = (s64)e->next;
	r->length = (u16)size;
	/* The DT_ values are those of the mode's type. */
	r->type = (u8)(e->mode >> 12);
	memcpy(r->name, e->name, e->length);
	return iobuf_put(to, buffer, size) == (ssize_t)size ? 1 : -EFAULT;
}

static int dots_at(struct dentry *dir, u64 pos, struct tree_entry *e)
{
	const struct dentry *d = pos == DOT ? dir : dir->parent;

	*e = (struct tree_entry){
		.ino = d->inode->ino, .next = pos + 1, .mode = S_IFDIR, .name = ".."};
	e->length = pos == DOT ? 1 : 2;
	return 1;
}

/* The first entry at or after the position: 1, 0 past the last, or -errno. */
static int entry_at(struct dentry *dir, u64 pos, struct tree_entry *e)
{
	const struct inode_ops *ops = dir->inode->ops;
	int found;

	mutex_lock(&tree_lock);
	if (pos < FIRST)
		found = dots_at(dir, pos, e);
	else
		found = ops ? ops->next(dir, pos, e) : tree_next(dir, pos, e);
	mutex_unlock(&tree_lock);
	return found;
}

static ssize_t directory_getdents(struct file *f, struct iobuf *to)
{
	size_t before = to->left, done = 0;
	struct tree_entry e;
	int found, put = 1;

	ASSERT(mutex_held(&f->pos_lock));
	/* A directory that was removed has not even "." any more. */
	if (opened_inode(f)->nlink == 0)
		return -ENOENT;
	while ((found = entry_at(f->place, f->pos, &e)) > 0 && (put = put_entry(to, &e)) > 0) {
		f->pos = e.next;
		/* Whole entries: what a fault left of the last does not count. */
		done = before - to->left;
		sched_break();
	}
	if (done > 0)
		return (ssize_t)done;
	if (found < 0)
		return found;
	if (put < 0)
		return put;
	return found ? -EINVAL : 0;
}

static s64 directory_seek(struct file *f, s64 offset, int whence)
{
	/* Those are as files of size 0. */
	bool made_up = opened_inode(f)->ops;

	ASSERT(mutex_held(&f->pos_lock));
	if (made_up && (whence == SEEK_DATA || whence == SEEK_HOLE))
		return -ENXIO;
	if (whence == SEEK_CUR) {
		if (__builtin_add_overflow((s64)f->pos, offset, &offset))
			return -EINVAL;
	} else if (whence != SEEK_SET && !(whence == SEEK_END && made_up)) {
		return -EINVAL;
	}
	return opened_set_pos(f, offset);
}

static ssize_t directory_read(struct file *f, struct iobuf *to, u64 *pos)
{
	return -EISDIR;
}

static int directory_sync(struct file *f)
{
	return opened_inode(f)->ops ? -EINVAL : 0;
}

const struct file_ops directory_ops = {
	.read = directory_read,
	.seek = directory_seek,
	.stat = fs_file_stat,
	.getdents = directory_getdents,
	.sync = directory_sync,
};
