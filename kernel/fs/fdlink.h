/* /dev/fd/0, 1 and 2, which /dev/stdin, /dev/stdout and /dev/stderr lead to: links to the process's own descriptors. */
#ifndef FS_FDLINK_H
#define FS_FDLINK_H

#include "fs/tree.h"
#include "proc/file.h"

/*
 * What the link's descriptor is in the running process: either the name of a file of this layer in *d (then *f is NULL), or
 * its open file in *f with a reference (then *d is NULL). -ENOENT if it is not open.
 */
MUST_CHECK int fdlink_open(const struct inode *link, struct file **f, struct dentry **d);

/* What readlink(2) says: the path of a file of this layer, else the kind of file. The length, or -ENOENT. */
MUST_CHECK ssize_t fdlink_read(const struct inode *link, char *out, size_t size);

#endif
