/*
 * Open files of this layer. All have their dentry in file->private, whatever their operations; a directory has its
 * cursor in private2 (fs/directory.c).
 */
#ifndef FS_OPENED_H
#define FS_OPENED_H

#include "fs/tree.h"
#include "proc/file.h"

extern const struct file_ops regular_ops;
extern const struct file_ops directory_ops;
/* O_PATH: stands for a place in the tree and can do nothing else. */
extern const struct file_ops path_ops;

/* The name under which f was opened, or NULL if it is not a file of this layer. */
struct dentry *opened_dentry(const struct file *f);

/* The operations of a registered device, or NULL. */
const struct file_ops *device_find(u32 major, u32 minor);
/* Whether a registered device has these operations. */
bool device_has_ops(const struct file_ops *ops);

void stat_inode(const struct inode *i, struct stat *out);

/* lseek(2) to an absolute place: the new position, or -EINVAL if it is not one. Needs f->pos_lock. */
s64 opened_set_pos(struct file *f, s64 pos);

#endif
