/*
 * The tree in memory: inodes, which are files, and dentries, which are their names.
 *
 * A directory inode has exactly one dentry; any other inode may have several (hard links), or none
 * any more while somebody has it open. Names and link targets from the archive are pointers into it;
 * contents are in the inode's page store, which takes pages of the archive as they lie.
 *
 * An inode with ops is made by somebody else (fs/proc): its entries, links and files are what the
 * operations say, and nothing can be created in it.
 *
 * Lifetime: a dentry that is linked has one reference from the tree, and holds one of its inode and
 * one of its parent; open files, working directories and walks hold more. What was unlinked goes
 * with the last of them. Dropping a reference needs no lock: nobody can find what has none.
 *
 * Locking key: (t) tree_lock, one sleeping lock for all names (RANK_TREE); (i) inode->lock
 * (RANK_INODE), a sleeping lock of one inode; (w) written under (i), single words that others read
 * without; (c) constant; (a) atomic.
 */
#ifndef FS_TREE_H
#define FS_TREE_H

#include <linux/stat.h>

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "lib/refcount.h"
#include "lib/types.h"
#include "mm/store.h"
#include "proc/file.h"
#include "sched/mutex.h"

/* As in Linux. */
#define FS_NAME_MAX 255
#define FS_PATH_MAX 4096

struct dentry;
struct file;
struct inode;
struct pipe;
struct stat;

/* One entry of a directory. */
struct tree_entry {
	u64 ino;
	u64 next; /* position after it */
	u32 mode; /* its type */
	u32 length;
	char name[FS_NAME_MAX + 1];
};

/* All under tree_lock, unless said otherwise; a NULL operation: as for an inode in memory. */
struct inode_ops {
	/* 0 with a new dentry, or -errno. */
	int (*lookup)(struct dentry *dir, const char *name, size_t length, struct dentry **out);
	/* The first entry at or after position pos (from 2 on): 1, 0 past the last, or -errno. */
	int (*next)(struct dentry *dir, u64 pos, struct tree_entry *e);
	/* Where a link leads: bytes of text. */
	ssize_t (*readlink)(struct dentry *link, char *out, size_t size);
	/* Where it leads if that is more than its text: 0 with a dentry with a reference, or 1. */
	int (*follow)(struct dentry *link, struct dentry **out);
	/* open(2); without tree_lock. */
	int (*open)(struct dentry *d, u32 flags, struct file **out);
	/* Changes what stat_inode() said; without tree_lock. */
	void (*stat)(struct inode *i, struct stat *out);
	/* Before chmod(2), chown(2) and utimensat(2), and before permissions are asked: 0 or -errno; and afterwards. Under inode->lock. */
	int (*may_change)(const struct inode *i, enum file_attribute what);
	void (*changed)(struct inode *i, enum file_attribute what);
	/* The last reference went; any lock may be held that is not of fs/. */
	void (*release)(struct inode *i);
	/* open() may give a file that has a name elsewhere, or none: it keeps what it has. */
	bool shares_file;
};

struct inode {
	struct refcount refs;	     /* (a) */
	const struct inode_ops *ops; /* (c) NULL: in memory */
	void *private;		     /* (c) the operations' */
	u64 ino;		     /* (c) */
	u32 dev;		     /* (c) minor number of the file system, as in st_dev */
	u32 mode, uid, gid;	     /* (w) the type in mode is (c) */
	u32 nlink;		 /* (t) read without it; of a directory: 2, and 1 for each in it */
	s64 atime, mtime, ctime; /* (w) ns since 1970 */
	u32 rdev_major, rdev_minor; /* (c) */
	bool readonly;		    /* (c) nothing may write to it, as on a read-only mount */
	bool mount_point;	    /* (c) can't be removed or renamed */
	bool immutable;		    /* (c) nobody may write to it or change it, whoever he is */
	bool memfd;    /* (c) made by memfd_create(): runs although it is open to write */
	bool may_link; /* (t) has no name, but may get one: O_TMPFILE without O_EXCL */
	struct mutex lock;
	/* Regular files. */
	struct page_store store;
	const char *archive; /* (c) what the first archive_size bytes are, until written to */
	u64 archive_size;    /* (i) */
	u64 accounted;	     /* (i) pages that fs/content.c has counted */
	char *path;	     /* (t) until set: for reports and /proc/PID/maps */
	atomic32_t writers;  /* (a) open for writing; negative: programs that run it */
	u32 seals;	     /* (i) F_SEAL_*: fs/memfd.c; read without the lock for a glance */
	struct list xattrs;  /* (i) fs/xattr.c */
	/* Links. */
	const char *target; /* (c) */
	u32 target_length;  /* (c) */
	bool target_owned;  /* (c) kfree() frees it */
	/* Directories. */
	struct rb_root entries; /* (t) by name */
	struct rb_root order;	/* (t) by cookie */
	u64 entry_count;	/* (t) */
	u64 last_cookie;	/* (t) */
	struct dentry *name;	/* (t) its one name, no reference; NULL if removed */
	/* FIFOs. */
	struct pipe *pipe; /* (i) made by the first open */
};

struct dentry {
	struct refcount refs;	   /* (a) */
	struct rb_node node;	   /* (t) in the parent's entries */
	struct rb_node order_node; /* (t) in the parent's order */
	u64 cookie;		   /* (t) its position in the parent, never used again there */
	struct dentry *parent;	   /* (t) with a reference; the root's is itself, without */
	struct inode *inode;	   /* (c) with a reference */
	const char *name;	   /* (t) */
	u32 name_length;	   /* (t) */
	bool name_owned;	   /* (t) kfree() frees the name */
	bool linked;		   /* (t) in its parent's trees */
};

struct tree {
	struct dentry *root;
	u64 last_ino; /* (a) */
};

/* What a new inode is made of. */
struct inode_attributes {
	u32 mode, uid, gid, mtime, rdev_major, rdev_minor; /* mtime in s, 0: now */
	const char *data; /* in the archive, or a literal: contents, or a link's target */
	u64 size;
};

static inline bool inode_is(const struct inode *i, u32 type)
{
	return (i->mode & S_IFMT) == type;
}

/* Guards all names: see the locking key. */
extern struct mutex tree_lock;

/* Now, in ns since 1970. */
s64 tree_now(void);

/* An empty root directory, 0755. 0 or -ENOMEM. */
MUST_CHECK int tree_init(struct tree *t);
/* Frees everything. No file may be open. */
void tree_destroy(struct tree *t);

/* An inode in memory without a name and with one reference, the caller's. NULL if memory ran out. */
MUST_CHECK struct inode *tree_create_inode(struct tree *t, const struct inode_attributes *a);
/* One with operations; ino is theirs. */
MUST_CHECK struct inode *inode_create(const struct inode_ops *ops, u32 dev, u64 ino, u32 mode);
void inode_get(struct inode *i);
void inode_put(struct inode *i);

/* A name for an inode in a directory that lookup() found, or made up, not linked: with a reference.
 * The name is copied. NULL if memory ran out. */
MUST_CHECK struct dentry *dentry_create(
	struct dentry *dir, const char *name, size_t length, struct inode *inode);
/* One that is in no tree: its own parent. */
MUST_CHECK struct dentry *dentry_create_place(struct inode *inode);
struct dentry *dentry_get(struct dentry *d);
void dentry_put(struct dentry *d);

/* All that follow need tree_lock. */

/* Something in a tree is there as long as it has a name. */
static inline bool dentry_is_gone(const struct dentry *d)
{
	return d->parent != d && !d->linked && !d->inode->ops;
}
/* Gives inode a name in a directory that does not have it yet. The name is not copied. 0 or
 * -ENOMEM. */
MUST_CHECK int tree_link(struct dentry *dir, const char *name, size_t length, struct inode *inode);
/* The same, copied; *out with a reference if it is not NULL. */
MUST_CHECK int tree_add(struct dentry *dir, const char *name, size_t length, struct inode *inode,
	struct dentry **out);
/* Takes the name away. Of a directory: it must be empty. */
void tree_unlink(struct dentry *d);
/* Gives it another name, also in another directory. The name, which kfree() frees, is taken over. */
void tree_move(struct dentry *d, struct dentry *dir, char *name, size_t length);
/* The two change places. */
void tree_exchange(struct dentry *a, struct dentry *b);

/* The name in a directory in memory, without a reference, or NULL. */
struct dentry *tree_lookup(const struct dentry *dir, const char *name, size_t length);
/* As inode_ops.next. */
int tree_next(struct dentry *dir, u64 pos, struct tree_entry *e);

/* Bytes of the absolute path with its NUL, as below. */
size_t dentry_path_size(const struct dentry *d, const struct dentry *root);
/* The absolute path with its NUL, as seen from a root (NULL: the real one, which also is taken if it is not below the other). 0, or -ERANGE if it
 * does not fit. */
MUST_CHECK int dentry_path(
	const struct dentry *d, const struct dentry *root, char *out, size_t size);
/* True if d is dir or below it. */
bool dentry_is_below(const struct dentry *d, const struct dentry *dir);

#endif
