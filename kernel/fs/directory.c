/*
 * Reading directories. A position is the number of an entry: 0 is ".", 1 is "..", and the rest follow in the order of
 * their names. The tree does not change, so a position means the same entry for ever.
 *
 * Locking: f->pos_lock, which the caller of seek and getdents holds, guards the position and the cursor in
 * f->private2: the entry at the position, so that reading on does not start from the first. NULL: not known.
 */
#include <linux/fs.h>

#include "fs/fs.h"
#include "fs/opened.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"

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

static struct dentry *entry_of(struct rb_node *node)
{
	return node ? rb_entry(node, struct dentry, node) : NULL;
}

/* The entry at the position, or NULL past the last. */
static struct dentry *entry_at(struct file *f, const struct dentry *dir)
{
	if (f->private2)
		return f->private2;
	if (f->pos - FIRST >= dir->inode->entry_count)
		return NULL;
	struct rb_node *node = rb_first(&dir->inode->entries);
	for (u64 i = FIRST; i < f->pos; i++)
		node = rb_next(node);
	return entry_of(node);
}

static void advance(struct file *f, struct dentry *entry)
{
	f->pos++;
	f->private2 = entry ? entry_of(rb_next(&entry->node)) : NULL;
}

/* 1 if the entry was put, 0 if there is no room for it, or -EFAULT. */
static int put_entry(
	struct iobuf *to, const struct inode *i, const char *name, size_t length, u64 next)
{
	ALIGNED(RECORD_ALIGN) char buffer[RECORD_MAX];
	struct record *r = (struct record *)buffer;
	size_t size = ALIGN_UP(sizeof(*r) + length + 1, RECORD_ALIGN);

	if (to->left < size)
		return 0;
	/* The filling at the end must not carry what was on the stack. */
	memset(buffer, 0, size);
	r->ino = i->ino;
	r->next = (s64)next;
	r->length = (u16)size;
	/* The DT_ values are those of the mode's type. */
	r->type = (u8)(i->mode >> 12);
	memcpy(r->name, name, length);
	return iobuf_put(to, buffer, size) == (ssize_t)size ? 1 : -EFAULT;
}

/* One entry, at the position. 1, 0 at the end or without room, or -errno; *more is set if there is one. */
static int put_next(struct file *f, const struct dentry *dir, struct iobuf *to, bool *more)
{
	struct dentry *entry = NULL;
	int put;

	*more = true;
	if (f->pos == DOT) {
		put = put_entry(to, dir->inode, ".", 1, f->pos + 1);
	} else if (f->pos == DOT_DOT) {
		put = put_entry(to, dir->parent->inode, "..", 2, f->pos + 1);
	} else {
		entry = entry_at(f, dir);
		*more = entry != NULL;
		if (!entry)
			return 0;
		put = put_entry(to, entry->inode, entry->name, entry->name_length, f->pos + 1);
	}
	if (put > 0)
		advance(f, entry);
	return put;
}

static ssize_t directory_getdents(struct file *f, struct iobuf *to)
{
	const struct dentry *dir = f->private;
	size_t before = to->left, done = 0;
	bool more;
	int put;

	ASSERT(mutex_held(&f->pos_lock));
	while ((put = put_next(f, dir, to, &more)) > 0)
		done = before - to->left;
	if (done > 0)
		return (ssize_t)done;
	if (put < 0)
		return put;
	return more ? -EINVAL : 0;
}

static s64 directory_seek(struct file *f, s64 offset, int whence)
{
	ASSERT(mutex_held(&f->pos_lock));
	if (whence == SEEK_CUR) {
		if (__builtin_add_overflow((s64)f->pos, offset, &offset))
			return -EINVAL;
	} else if (whence != SEEK_SET) {
		return -EINVAL;
	}
	s64 pos = opened_set_pos(f, offset);
	if (pos >= 0)
		f->private2 = NULL;
	return pos;
}

static ssize_t directory_read(struct file *f, struct iobuf *to, u64 *pos)
{
	return -EISDIR;
}

const struct file_ops directory_ops = {
	.read = directory_read,
	.seek = directory_seek,
	.stat = fs_file_stat,
	.getdents = directory_getdents,
};
