/*
 * Unpacking a cpio archive into the tree, as Linux does with its initial archive:
 *   - of two entries with one name the later wins, but a directory that has entries stays a directory;
 *   - directories that an entry needs and the archive does not have (yet) are made, 0755 of root;
 *   - a path may lead through links to directories that are there already;
 *   - names of one file (hard links) have the same number in the archive, and any of them has the contents.
 *
 * The archive comes from outside, so a path may not contain "..": nothing in a proper archive needs that.
 */
#include "fs/archive.h"

#include "fs/content.h"
#include "fs/walk.h"
#include "lib/cpio.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

/* A file that may get more names, while unpacking. */
struct link {
	struct rb_node node;
	u32 ino, dev_major, dev_minor;
	struct inode *inode;
};

struct unpacking {
	struct tree *tree;
	struct rb_root links;
	const char *why;
};

static int refuse(struct unpacking *u, const char *why)
{
	u->why = why;
	return -EINVAL;
}

static int compare_u32(u32 a, u32 b)
{
	return (a > b) - (a < b);
}

static int compare_links(const struct rb_node *a, const struct rb_node *b)
{
	const struct link *x = rb_entry(a, struct link, node), *y = rb_entry(b, struct link, node);
	int order = compare_u32(x->ino, y->ino);

	if (order == 0)
		order = compare_u32(x->dev_major, y->dev_major);
	return order ? order : compare_u32(x->dev_minor, y->dev_minor);
}

static int compare_link_key(const void *key, const struct rb_node *node)
{
	return compare_links(&((const struct link *)key)->node, node);
}

static struct link *find_link(struct unpacking *u, const struct cpio_entry *e)
{
	struct link key = {.ino = e->ino, .dev_major = e->dev_major, .dev_minor = e->dev_minor};
	struct rb_node *node = rb_find(&u->links, &key, compare_link_key);

	return node ? rb_entry(node, struct link, node) : NULL;
}

/* The record has a reference, so that the inode stays even if all its names are taken by later entries. */
static int remember_link(struct unpacking *u, const struct cpio_entry *e, struct inode *inode)
{
	struct link *l = kmalloc(sizeof(*l));

	if (!l)
		return -ENOMEM;
	*l = (struct link){.ino = e->ino,
		.dev_major = e->dev_major,
		.dev_minor = e->dev_minor,
		.inode = inode};
	rb_insert(&u->links, &l->node, compare_links);
	inode_get(inode);
	return 0;
}

static void forget_links(struct unpacking *u)
{
	struct rb_node *node;

	while ((node = rb_first(&u->links)) != NULL) {
		struct link *l = rb_entry(node, struct link, node);
		rb_remove(&u->links, node);
		inode_put(l->inode);
		kfree(l);
	}
}

static int check_type(struct unpacking *u, const struct cpio_entry *e)
{
	switch (e->mode & S_IFMT) {
	case S_IFLNK:
		if (e->size >= FS_PATH_MAX || strnlen(e->data, e->size) != e->size)
			return refuse(u, "impossible target of a link");
		return 0;
	case S_IFREG:
	case S_IFDIR:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return 0;
	default:
		return refuse(u, "unknown type of file");
	}
}

static struct inode *create_inode(struct unpacking *u, const struct cpio_entry *e)
{
	bool has_data = (e->mode & S_IFMT) == S_IFREG || (e->mode & S_IFMT) == S_IFLNK;
	struct inode_attributes a = {
		.mode = e->mode & (S_IFMT | 07777),
		.uid = e->uid,
		.gid = e->gid,
		.mtime = e->mtime,
		.rdev_major = e->rdev_major,
		.rdev_minor = e->rdev_minor,
		.data = has_data ? e->data : NULL,
		.size = has_data ? e->size : 0,
	};

	return tree_create_inode(u->tree, &a);
}

/* A new inode, or the one that another name of the file has made already. */
static int get_inode(struct unpacking *u, const struct cpio_entry *e, struct inode **out)
{
	bool linked = e->nlink > 1 && (e->mode & S_IFMT) != S_IFDIR;
	struct link *l = linked ? find_link(u, e) : NULL;

	if (l) {
		if ((l->inode->mode & S_IFMT) != (e->mode & S_IFMT))
			return refuse(u, "hard link between files of different types");
		if (inode_is(l->inode, S_IFREG) && e->size > 0)
			content_init(l->inode, e->data, e->size);
		inode_get(l->inode);
		*out = l->inode;
		return 0;
	}
	*out = create_inode(u, e);
	if (!*out)
		return -ENOMEM;
	int err = linked ? remember_link(u, e, *out) : 0;
	if (err)
		inode_put(*out);
	return err;
}

static void set_attributes(struct inode *i, const struct cpio_entry *e)
{
	i->mode = e->mode & (S_IFMT | 07777);
	i->uid = e->uid;
	i->gid = e->gid;
	i->atime = i->mtime = i->ctime = e->mtime * NS_PER_SEC;
}

static int place(struct unpacking *u, struct dentry *dir, const char *name, size_t length,
	const struct cpio_entry *e)
{
	struct dentry *d = tree_lookup(dir, name, length);
	struct inode *inode;

	if (d && inode_is(d->inode, S_IFDIR) && (e->mode & S_IFMT) == S_IFDIR) {
		set_attributes(d->inode, e);
		return 0;
	}
	int err = get_inode(u, e, &inode);
	if (err)
		return err;
	if (d && d->inode->entry_count > 0)
		err = refuse(u, "a directory with entries becomes a file");
	else if (d)
		tree_unlink(d);
	if (!err)
		err = tree_link(dir, name, length, inode);
	inode_put(inode);
	return err;
}

static int make_directory(struct unpacking *u, struct dentry **dir, const char *name, size_t length)
{
	struct inode_attributes a = {.mode = S_IFDIR | 0755};
	struct inode *inode = tree_create_inode(u->tree, &a);

	if (!inode)
		return -ENOMEM;
	int err = tree_link(*dir, name, length, inode);
	if (!err)
		*dir = inode->name;
	inode_put(inode);
	return err;
}

/* The directory of that name in *dir: it may be missing, or a link to one. */
static int enter(struct unpacking *u, struct dentry **dir, const char *name, size_t length)
{
	struct dentry *d = tree_lookup(*dir, name, length);

	if (!d)
		return make_directory(u, dir, name, length);
	if (inode_is(d->inode, S_IFLNK)) {
		struct walk w = {.at = NULL};
		int err = walk_at(&w, *dir, name, length, 0);
		/* The tree keeps it. */
		d = err ? NULL : w.at;
		walk_end(&w);
	}
	if (!d || !inode_is(d->inode, S_IFDIR))
		return refuse(u, "path through something that is not a directory");
	*dir = d;
	return 0;
}

/* The next component that is not "."; its length, 0 at the end. */
static size_t next_component(const char **path, const char **name)
{
	size_t length;

	do {
		while (**path == '/')
			(*path)++;
		*name = *path;
		while (**path != '/' && **path != '\0')
			(*path)++;
		length = (size_t)(*path - *name);
	} while (length == 1 && **name == '.');
	return length;
}

static bool is_dot_dot(const char *name, size_t length)
{
	return length == 2 && name[0] == '.' && name[1] == '.';
}

/* The directory that the path's last component is to be in, and that component; length 0 if the path is the root. */
static int find_place(struct unpacking *u, const char *path, struct dentry **dir, const char **name,
	size_t *length)
{
	*dir = u->tree->root;
	*length = next_component(&path, name);
	for (;;) {
		const char *next;
		if (*length > FS_NAME_MAX || is_dot_dot(*name, *length))
			return refuse(u, "impossible path");
		size_t next_length = next_component(&path, &next);
		if (next_length == 0)
			return 0;
		int err = enter(u, dir, *name, *length);
		if (err)
			return err;
		*name = next;
		*length = next_length;
	}
}

/* Filling between entries, so that contents start on a page: docs/host-protocol.md. */
static bool is_filling(
	const struct dentry *root, const struct dentry *dir, const char *name, size_t length)
{
	static const char folder[] = ".airlock", pad[] = "pad";

	return dir->parent == root && dir != root && dir->name_length == strlen(folder) &&
	       memcmp(dir->name, folder, strlen(folder)) == 0 && length == strlen(pad) &&
	       memcmp(name, pad, length) == 0;
}

static int unpack_entry(struct unpacking *u, const struct cpio_entry *e)
{
	struct dentry *dir;
	const char *name;
	size_t length;

	int err = check_type(u, e);
	if (!err)
		err = find_place(u, e->name, &dir, &name, &length);
	if (err || is_filling(u->tree->root, dir, name, length))
		return err;
	if (length > 0)
		return place(u, dir, name, length, e);
	if ((e->mode & S_IFMT) != S_IFDIR)
		return refuse(u, "the root is not a directory");
	set_attributes(u->tree->root->inode, e);
	return 0;
}

int archive_unpack(
	struct tree *t, const void *archive, size_t size, size_t *offset, const char **why)
{
	struct unpacking u = {.tree = t, .why = "broken or cut short"};
	struct cpio_entry e;
	struct cpio c;
	int more, err = 0;

	cpio_init(&c, archive, size);
	do {
		*offset = c.offset;
		more = cpio_next(&c, &e);
		if (more > 0)
			err = unpack_entry(&u, &e);
	} while (more > 0 && !err);
	forget_links(&u);
	*why = u.why;
	return more < 0 ? more : err;
}
