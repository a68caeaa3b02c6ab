/*
 * Walking a path.
 *
 * A walk is a stack of parts: the path itself, and above it the target of each link that is being followed. A component
 * is taken from the top part; when that is used up, the part below goes on. Nothing is copied, and each link adds at most
 * one part, so the links that may be followed bound the depth.
 *
 * The last component is the one after which all parts hold nothing but slashes. Slashes right after it mean that it must
 * be a directory, and that it is followed if it is a link, wherever the slashes come from.
 */
#include "fs/walk.h"

#include "arch/cpu.h"
#include "fs/fdlink.h"
#include "lib/errno.h"
#include "lib/string.h"

static struct tree *walk_tree;

void walk_set_tree(struct tree *t)
{
	walk_tree = t;
}

struct dentry *walk_root(void)
{
	return walk_tree->root;
}

static void skip_slashes(struct walk_part *p)
{
	while (p->next < p->end && *p->next == '/')
		p->next++;
}

/* Starts on a path or a target: an absolute one at the root. */
static void push_part(struct walk *w, const char *text, size_t length)
{
	w->part[w->depth++] = (struct walk_part){.next = text, .end = text + length};
	if (length > 0 && text[0] == '/')
		w->at = walk_root();
}

/* The next component of the top part, with everything used up popped. False if there is none left. */
static bool next_component(struct walk *w, const char **name, size_t *length)
{
	for (; w->depth > 0; w->depth--) {
		struct walk_part *p = &w->part[w->depth - 1];
		skip_slashes(p);
		*name = p->next;
		while (p->next < p->end && *p->next != '/')
			p->next++;
		*length = (size_t)(p->next - *name);
		if (*length > 0)
			return true;
	}
	return false;
}

/* Also notes whether slashes come after the component that was just taken, if it is the last. */
static bool is_last(struct walk *w)
{
	bool slashes = w->part[w->depth - 1].next < w->part[w->depth - 1].end;

	for (u32 i = w->depth; i-- > 0;) {
		skip_slashes(&w->part[i]);
		if (w->part[i].next < w->part[i].end)
			return false;
	}
	w->must_be_dir |= slashes;
	return true;
}

/* A link to a descriptor: goes on where its file is, or ends the walk at a file that has no place in the tree. */
static int follow_fd_link(struct walk *w, const struct inode *link, bool last)
{
	struct file *f;
	struct dentry *d;

	int err = fdlink_open(link, &f, &d);
	if (err)
		return err;
	if (d) {
		w->at = d;
		return 0;
	}
	if (!last || w->must_be_dir) {
		file_put(f);
		return -ENOTDIR;
	}
	w->file = f;
	return 0;
}

static int follow_link(struct walk *w, struct dentry *link, bool last)
{
	struct inode *i = link->inode;

	if (++w->links > WALK_LINKS_MAX)
		return -ELOOP;
	if (i->fd_link != FD_LINK_NONE)
		return follow_fd_link(w, i, last);
	if (i->size == 0)
		return -ENOENT;
	push_part(w, i->data, i->size);
	return 0;
}

static int step(struct walk *w, const char *name, size_t length)
{
	if (length > FS_NAME_MAX)
		return -ENAMETOOLONG;
	bool last = is_last(w);
	if (length == 1 && name[0] == '.')
		return 0;
	if (length == 2 && name[0] == '.' && name[1] == '.') {
		w->at = w->at->parent;
		return 0;
	}
	w->named_dir |= w->must_be_dir;
	struct dentry *child = tree_lookup(w->at, name, length);
	if (!child) {
		w->missing_last = last;
		return -ENOENT;
	}
	bool follow = !last || w->must_be_dir || !(w->flags & WALK_NOFOLLOW);
	if (inode_is(child->inode, S_IFLNK) && follow)
		return follow_link(w, child, last);
	w->at = child;
	return 0;
}

/* Walks all parts, starting at w->at. */
static int walk_parts(struct walk *w)
{
	const char *name;
	size_t length;

	while (!w->file && next_component(w, &name, &length)) {
		if (!inode_is(w->at->inode, S_IFDIR))
			return -ENOTDIR;
		int err = access_check(&w->access, w->at->inode, ACCESS_EXEC);
		if (!err)
			err = step(w, name, length);
		if (err)
			return err;
	}
	if (w->must_be_dir && !w->file && !inode_is(w->at->inode, S_IFDIR))
		return -ENOTDIR;
	return 0;
}

static void start(struct walk *w, u32 flags)
{
	w->file = NULL;
	w->missing_last = w->must_be_dir = w->named_dir = false;
	w->flags = flags;
	w->links = 0;
	w->depth = 0;
}

int walk_at(struct walk *w, struct dentry *from, const char *path, size_t length, u32 flags)
{
	start(w, flags);
	w->at = from;
	if (length == 0)
		return -ENOENT;
	if (length >= FS_PATH_MAX)
		return -ENAMETOOLONG;
	push_part(w, path, length);
	return walk_parts(w);
}

int walk_path(struct walk *w, const char *base, const char *path, u32 flags)
{
	struct dentry *from = walk_root();

	if (path[0] != '/') {
		int err = walk_at(w, from, base, strnlen(base, FS_PATH_MAX), 0);
		from = w->at;
		w->missing_last = w->named_dir = false;
		if (err)
			return err;
	}
	return walk_at(w, from, path, strnlen(path, FS_PATH_MAX), flags);
}
