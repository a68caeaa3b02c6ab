/* What the calls that make, take away and move names have in common. */
#ifndef FS_NAMES_H
#define FS_NAMES_H

#include "fs/access.h"
#include "fs/tree.h"
#include "fs/walk.h"

/* The one tree in memory. */
extern struct tree fs_tree;

/* A new inode for the running process in a directory: its ids, and what a directory's set-group-id
 * bit does. NULL if memory ran out. */
MUST_CHECK struct inode *names_new_inode(const struct access *a, const struct dentry *dir,
	const struct inode_attributes *attributes);

/* truncate(2) and ftruncate(2) of a regular file that may be written: 0, -EFBIG. */
MUST_CHECK int inode_truncate(struct inode *i, u64 size);
/* A hole in it: 0, -EPERM if it is sealed, -ENOMEM, -ENOSPC. */
MUST_CHECK int inode_punch(struct inode *i, u64 start, u64 end);

/* The directory's contents changed. */
void names_touch(struct inode *dir);
/* The inode's attributes changed. */
void names_changed(struct inode *i);

#endif
