/*
 * Walking a path, with tree_lock held from the beginning to the end: names and link targets can't go
 * away meanwhile, and what an O_CREAT finds missing stays missing until it is made.
 *
 * A walk is a stack of parts: the path itself, and above it the target of each link that is being followed. A component
 * is taken from the top part; when that is used up, the part below goes on. Nothing is copied, and each link adds at most
 * one part, so the links that may be followed bound the depth. (Links of /proc have text that is made up for each walk.)
 *
 * A walk stays below the process's root, unless it starts outside of it: then ".." leads up to the real one, as on Linux, where chroot(2) is
 * no prison for who has a directory open. The root is taken once, when the walk starts.
 *
 * The last component is the one after which all parts hold nothing but slashes. Slashes right after it mean that it must
 * be a directory, and that it is followed if it is a link, wherever the slashes come from.
 */
#include "fs/walk.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/fscontext.h"
#include "proc/process.h"

static struct tree *walk_tree;

void walk_set_tree(struct tree *t)
{
	walk_tree = t;
}

struct dentry *walk_root(void)
{
	return walk_tree->root;
}

struct dentry *walk_callers_root(void)
{
	struct process *p = current_process();
	/* A process on its way out may have none any more. */
	struct dentry *d = p && p->fs ? fs_context_root(p->fs) : NULL;

	return d ? d : dentry_get(walk_root());
}

/* Goes to d, whose reference is taken over. */
static void go_to(struct walk *w, struct dentry *d)
{
	struct dentry *before = w->at;

	w->at = d;
	dentry_put(before);
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
		go_to(w, dentry_get(w->root));
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

/* The text of a link that is made up for each look. */
static int push_text(struct walk *w, struct dentry *link)
{
	struct walk_text *t = kmalloc(sizeof(*t) + FS_PATH_MAX);

	if (!t)
		return -ENOMEM;
	t->next = w->texts;
	w->texts = t;
	ssize_t length = link->inode->ops->readlink(link, t->text, FS_PATH_MAX);
	if (length <= 0)
		return length ? (int)length : -ENOENT;
	push_part(w, t->text, (size_t)length);
	return 0;
}

static int follow_link(struct walk *w, struct dentry *link)
{
	struct inode *i = link->inode;
	struct dentry *d;

	if (++w->links > WALK_LINKS_MAX)
		return -ELOOP;
	if (i->ops && i->ops->follow) {
		int err = i->ops->follow(link, &d);
		if (!err)
			go_to(w, d);
		if (err <= 0)
			return err;
	}
	if (i->ops)
		return push_text(w, link);
	if (i->target_length == 0)
		return -ENOENT;
	push_part(w, i->target, i->target_length);
	return 0;
}

/* The name in the directory, with a reference. */
static int look_up(struct dentry *dir, const char *name, size_t length, struct dentry **out)
{
	const struct inode_ops *ops = dir->inode->ops;

	if (ops)
		return ops->lookup ? ops->lookup(dir, name, length, out) : -ENOTDIR;
	struct dentry *d = tree_lookup(dir, name, length);
	if (!d)
		return -ENOENT;
	*out = dentry_get(d);
	return 0;
}

static int step(struct walk *w, const char *name, size_t length)
{
	struct dentry *child;

	bool last = is_last(w);
	if (last) {
		w->last = name;
		w->last_length = length;
	}
	if (length == 1 && name[0] == '.')
		return 0;
	if (length == 2 && name[0] == '.' && name[1] == '.') {
		if (w->at != w->root)
			go_to(w, dentry_get(w->at->parent));
		return 0;
	}
	w->named_dir |= w->must_be_dir;
	if (last && (w->flags & WALK_PARENT)) {
		w->missing_last = true;
		return 0;
	}
	/* Said by the directory's own look, so the last name of WALK_PARENT is for the caller to judge. */
	int err = length > FS_NAME_MAX ? -ENAMETOOLONG : look_up(w->at, name, length, &child);
	if (err) {
		w->missing_last = last && err == -ENOENT;
		return err;
	}
	bool follow = !last || w->must_be_dir || !(w->flags & WALK_NOFOLLOW);
	if (!inode_is(child->inode, S_IFLNK) || !follow) {
		go_to(w, child);
		return 0;
	}
	/* The target's text stays until the walk ends: under tree_lock a link that has a name keeps it,
	 * and those that are made up have their text in w->texts. */
	err = follow_link(w, child);
	dentry_put(child);
	return err;
}

/* Walks all parts, starting at w->at. */
static int walk_parts(struct walk *w)
{
	const char *name;
	size_t length;

	while (!w->missing_last && next_component(w, &name, &length)) {
		if (!inode_is(w->at->inode, S_IFDIR))
			return -ENOTDIR;
		int err = access_check(&w->access, w->at->inode, ACCESS_EXEC);
		if (!err)
			err = step(w, name, length);
		if (err)
			return err;
	}
	if (w->must_be_dir && !w->missing_last && !inode_is(w->at->inode, S_IFDIR))
		return -ENOTDIR;
	return 0;
}

int walk_path(struct walk *w, struct dentry *from, const char *path, u32 flags)
{
	size_t length = strnlen(path, FS_PATH_MAX);

	return walk_at(w, from, path, length, flags);
}

int walk_at(struct walk *w, struct dentry *from, const char *path, size_t length, u32 flags)
{
	ASSERT(mutex_held(&tree_lock));
	w->missing_last = w->must_be_dir = w->named_dir = false;
	w->last = "";
	w->last_length = 0;
	w->texts = NULL;
	w->flags = flags;
	w->links = w->depth = 0;
	w->root = walk_callers_root();
	w->at = dentry_get(from);
	if (length == 0)
		return -ENOENT;
	if (length >= FS_PATH_MAX)
		return -ENAMETOOLONG;
	push_part(w, path, length);
	return walk_parts(w);
}

void walk_end(struct walk *w)
{
	while (w->texts) {
		struct walk_text *next = w->texts->next;
		kfree(w->texts);
		w->texts = next;
	}
	dentry_put(w->at);
	dentry_put(w->root);
}

struct dentry *walk_take(struct walk *w)
{
	struct dentry *d = dentry_get(w->at);

	walk_end(w);
	return d;
}
