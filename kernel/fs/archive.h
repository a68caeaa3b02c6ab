/* From the initial archive to a tree. */
#ifndef FS_ARCHIVE_H
#define FS_ARCHIVE_H

#include "fs/tree.h"

/*
 * Adds everything in the archive to the tree, which then points into it. 0, -ENOMEM, or -EINVAL with the offset of the entry
 * that is wrong and a few words about it. On failure the tree is as far as it got.
 */
MUST_CHECK int archive_unpack(
	struct tree *t, const void *archive, size_t size, size_t *offset, const char **why);

#endif
