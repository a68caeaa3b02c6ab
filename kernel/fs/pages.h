/* The pages of regular files, for mmap and exec. */
#ifndef FS_PAGES_H
#define FS_PAGES_H

#include "fs/tree.h"

/* Before the first inode. */
void pages_set_up(void);
void pages_init(struct inode *i);
/* The source of the file's pages, with a reference, known in reports by d's path (or an earlier one, if the file has
 * several). 0 or -ENOMEM. */
MUST_CHECK int pages_source(const struct dentry *d, struct page_source **out);
/* Gives back the copies and the path. Nobody may map the file. */
void pages_drop(struct inode *i);

#endif
