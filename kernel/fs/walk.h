/* From a path to what it names. */
#ifndef FS_WALK_H
#define FS_WALK_H

#include "fs/access.h"
#include "fs/tree.h"
#include "proc/file.h"

#define WALK_NOFOLLOW 1U /* a last link is not followed (unless slashes come after it) */

/* As in Linux: links followed in one walk. */
#define WALK_LINKS_MAX 40

/* What is still to be walked of a path or of a link's target. */
struct walk_part {
	const char *next, *end;
};

struct walk {
	struct access access; /* whose permissions count */
	struct dentry *at;    /* result, if file is NULL */
	/* Result, with a reference: a last link led to a descriptor whose file has no name here. */
	struct file *file;
	bool missing_last; /* -ENOENT, but all before the last component is there */
	bool must_be_dir;  /* slashes came after the last component */
	bool named_dir;	   /* and that component was a name, not "." or ".." */
	/* The rest is the walk's own. */
	u32 flags;
	u32 links;
	u32 depth;
	struct walk_part part[WALK_LINKS_MAX + 1];
};

/* The tree that walks start in. Set once, at start-up. */
void walk_set_tree(struct tree *t);
struct dentry *walk_root(void);

/*
 * Walks path, which starts at base if it is relative. w->access is the caller's to fill. 0; -ENOENT, -ENOTDIR, -EACCES,
 * -ELOOP, -ENAMETOOLONG as path_resolution(7). On 0 the caller gives back w->file, if it is not NULL.
 */
MUST_CHECK int walk_path(struct walk *w, const char *base, const char *path, u32 flags);
/* The same from a directory; the path ends where it says. */
MUST_CHECK int walk_at(
	struct walk *w, struct dentry *from, const char *path, size_t length, u32 flags);

#endif
