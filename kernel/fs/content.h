/* The contents of regular files: pages from the archive and from memory. */
#ifndef FS_CONTENT_H
#define FS_CONTENT_H

#include "fs/tree.h"
#include "proc/file.h"

/* A new regular file's; data lies in the archive (NULL: empty). */
void content_init(struct inode *i, const char *data, u64 size);
/* Gives the pages back. Nobody uses or maps them. */
void content_destroy(struct inode *i);

static inline u64 content_size(const struct inode *i)
{
	return page_store_size(&i->store);
}

/* Bytes moved from *pos on, which is advanced; 0 at the end, or -EFAULT, -ENOMEM. */
MUST_CHECK ssize_t content_read(struct inode *i, struct iobuf *to, u64 *pos);

/* All that follow need inode->lock. */

/* Bytes moved, or -EFAULT, -ENOSPC, -ENOMEM; the file grows as needed. */
MUST_CHECK ssize_t content_write(struct inode *i, struct iobuf *from, u64 *pos);
void content_set_size(struct inode *i, u64 size);
/* Makes pages for the range, so that writing to it can't fail: 0, -ENOSPC, -ENOMEM. */
MUST_CHECK int content_allocate(struct inode *i, u64 start, u64 end);
/* Makes the range zeros and gives its pages back. 0 or -ENOMEM, -ENOSPC. */
MUST_CHECK int content_punch(struct inode *i, u64 start, u64 end);
/* Where the next byte of data (or hole) is from pos on; the size if there is none. */
u64 content_seek(struct inode *i, u64 pos, bool data);

/* The source of the file's pages, with a reference; known in reports by d's path (or an earlier
 * one). 0 or -ENOMEM. Takes tree_lock. */
MUST_CHECK int content_source(const struct dentry *d, struct page_source **out);

/* Pages that files may have all together, and have. */
u64 content_limit(void);
u64 content_used(void);

#endif
