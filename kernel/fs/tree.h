/*
 * The tree in memory: inodes, which are files, and dentries, which are their names.
 *
 * A directory inode has exactly one dentry; any other inode may have several (hard links). Names and contents are
 * pointers into the archive or to literals, with their lengths: nothing is copied, nothing ends with NUL.
 *
 * The tree is built by one thread at start-up and constant from then on, so it is read without a lock and pointers into
 * it stay valid for ever. The one exception is an inode's copied pages: fs/pages.c.
 */
#ifndef FS_TREE_H
#define FS_TREE_H

#include <linux/stat.h>

#include "lib/compiler.h"
#include "lib/rbtree.h"
#include "lib/types.h"
#include "mm/mm.h"

/* As in Linux. */
#define FS_NAME_MAX 255
#define FS_PATH_MAX 4096

#define FD_LINK_NONE (-1)

struct dentry;

struct inode {
	u64 ino;
	u32 mode, uid, gid;
	u32 nlink; /* of a directory: 2, and 1 for each directory in it */
	u32 mtime; /* seconds since 1970, as cpio has it */
	u32 rdev_major, rdev_minor;
	s32 fd_link; /* of a link: the descriptor it leads to, or FD_LINK_NONE */
	/* Regular files and links. */
	const char *data;
	u64 size;
	struct page_source source;
	struct rb_root copies; /* fs/pages.c: copies_lock */
	char *path;	       /* copies_lock until set: for reports */
	/* Directories. */
	struct rb_root entries; /* by name */
	u64 entry_count;
	struct dentry *name;
};

struct dentry {
	struct rb_node node;   /* in the parent's entries */
	struct dentry *parent; /* the root's is itself */
	struct inode *inode;
	const char *name;
	u32 name_length;
};

struct tree {
	struct dentry *root;
	u64 last_ino;
	u32 now; /* seconds since 1970: for what no archive has a time for */
};

/* What a new inode is made of. */
struct inode_attributes {
	u32 mode, uid, gid, mtime, rdev_major, rdev_minor;
	s32 fd_link;
	const char *data;
	u64 size;
};

static inline bool inode_is(const struct inode *i, u32 type)
{
	return (i->mode & S_IFMT) == type;
}

/* An empty root directory, 0755. 0 or -ENOMEM. */
MUST_CHECK int tree_init(struct tree *t, u32 now);
/* Frees everything. No file may be open. */
void tree_destroy(struct tree *t);

/* An inode without a name yet: tree_link() it or tree_drop_inode() it. NULL if memory ran out. */
MUST_CHECK struct inode *tree_create_inode(struct tree *t, const struct inode_attributes *a);
void tree_drop_inode(struct inode *i);

/* Gives inode a name in a directory that does not have it yet. 0 or -ENOMEM. */
MUST_CHECK int tree_link(struct dentry *dir, const char *name, size_t length, struct inode *inode);
/*
 * Makes a name stand for another inode; the old one goes if that was its last name. -ENOTEMPTY if that is a directory with
 * entries: then nothing has changed.
 */
MUST_CHECK int tree_replace(struct dentry *d, struct inode *inode);

/* The name in a directory, or NULL. */
struct dentry *tree_lookup(const struct dentry *dir, const char *name, size_t length);

/* Bytes of the absolute path with its NUL. */
size_t dentry_path_size(const struct dentry *d);
/* The absolute path with its NUL. 0, or -ERANGE if it does not fit. */
MUST_CHECK int dentry_path(const struct dentry *d, char *out, size_t size);

#endif
