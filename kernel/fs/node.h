/* Inodes and dentries as objects: between tree.c and node.c. */
#ifndef FS_NODE_H
#define FS_NODE_H

#include "fs/tree.h"

/* Start-up, before the first inode. */
void node_set_up(void);

/* A dentry whose name is not copied. */
MUST_CHECK struct dentry *dentry_create_literal(
	struct dentry *dir, const char *name, size_t length, struct inode *inode);
#endif
