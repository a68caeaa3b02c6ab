/*
 * Open files of this layer. Each has the name under which it was opened in file->place; a directory
 * has nothing else, since its position says where it is.
 */
#ifndef FS_OPENED_H
#define FS_OPENED_H

#include "fs/content.h"
#include "fs/fs.h"
#include "fs/tree.h"
#include "proc/file.h"

extern const struct file_ops regular_ops;
/* The same for what memfd_create() gave. */
extern const struct file_ops memfd_ops;
extern const struct file_ops directory_ops;
/* O_PATH: stands for a place in the tree and can do nothing else. */
extern const struct file_ops path_ops;

/* The inode of a file of this layer. */
static inline struct inode *opened_inode(const struct file *f)
{
	return f->place->inode;
}

/* The registered device, or NULL. */
struct fs_device {
	u32 major, first_minor, last_minor;
	const struct file_ops *ops;
	int (*open)(u32 minor, u32 flags, struct file **out); /* NULL: ops are all there is to it */
};
const struct fs_device *device_find(u32 major, u32 minor);

/* A device's number as Linux packs it into 32 bits. */
u64 encode_device(u32 major, u32 minor);
void stat_inode(struct inode *i, struct stat *out);

/* Writers of a file and programs that run it exclude each other: ETXTBSY. False if there is the
 * other kind. */
MUST_CHECK bool inode_begin_write(struct inode *i);
void inode_end_write(struct inode *i);
MUST_CHECK bool inode_begin_exec(struct inode *i);
void inode_end_exec(struct inode *i);

/* memfd.c: what an inode's seals say: 0 or -EPERM. Under inode->lock. A write may be cut short. */
MUST_CHECK int seals_check_size(const struct inode *i, u64 size);
MUST_CHECK int seals_check_write(const struct inode *i, u64 pos, size_t *n);
bool seals_forbid_write(const struct inode *i);

/* lseek(2) to an absolute place: the new position, or -EINVAL if it is not one. Needs f->pos_lock. */
s64 opened_set_pos(struct file *f, s64 pos);

#endif
