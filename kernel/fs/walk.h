/* From a path to what it names. */
#ifndef FS_WALK_H
#define FS_WALK_H

#include "fs/access.h"
#include "fs/tree.h"

#define WALK_NOFOLLOW 1U /* a last link is not followed (unless slashes come after it) */
/* The last component is not looked up, but left in last; `at` is the directory for it. "." and ".."
 * as last components are walked: then missing_last is not set. */
#define WALK_PARENT 2U

/* As in Linux: links followed in one walk. */
#define WALK_LINKS_MAX 40U

/* What is still to be walked of a path or of a link's target. */
struct walk_part {
	const char *next, *end;
};

/* The target of a link that was made up. */
struct walk_text {
	struct walk_text *next;
	char text[];
};

struct walk {
	struct access access; /* whose permissions count: the caller's to fill */
	struct dentry *at;    /* result, with a reference; if missing_last, the directory */
	bool missing_last;    /* all before the last component is there; that is in last */
	bool must_be_dir;     /* slashes came after the last component */
	bool named_dir;	      /* and that component was a name, not "." or ".." */
	/* The last component; constant as long as tree_lock is held and the walk not ended. */
	const char *last;
	size_t last_length;
	/* The rest is the walk's own. */
	struct dentry *root; /* with a reference: nobody leaves it by ".." */
	struct walk_text *texts;
	u32 flags;
	u32 links;
	u32 depth;
	struct walk_part part[WALK_LINKS_MAX + 1];
};

/* The tree that walks start in. Set once, at start-up. */
void walk_set_tree(struct tree *t);
struct dentry *walk_root(void);
/* That of the running process (chroot(2)), with a reference; the real one for kernel threads. */
struct dentry *walk_callers_root(void);

/*
 * Walks path, which starts at from if it is relative. 0; -ENOENT, -ENOTDIR, -EACCES, -ELOOP,
 * -ENAMETOOLONG as path_resolution(7); -ENOENT with missing_last if only the last component is not
 * there. Needs tree_lock. In any case the caller owes a walk_end(), also under tree_lock.
 */
MUST_CHECK int walk_path(struct walk *w, struct dentry *from, const char *path, u32 flags);
/* The same; the path ends where it says. */
MUST_CHECK int walk_at(
	struct walk *w, struct dentry *from, const char *path, size_t length, u32 flags);
void walk_end(struct walk *w);
/* Ends the walk and gives its result, with a reference. */
struct dentry *walk_take(struct walk *w);

#endif
