/* Extended attributes of an inode (xattr(7)), as a tmpfs has them. */
#ifndef FS_XATTR_H
#define FS_XATTR_H

struct inode;

/* Frees them all; nobody else has the inode. */
void xattr_destroy(struct inode *i);

#endif
