/* Building and searching the tree of fs/tree.h. */
#include "fs/tree.h"

#include "fs/pages.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

static struct slab_cache *inode_cache, *dentry_cache;

static void set_up(void)
{
	if (inode_cache)
		return;
	pages_set_up();
	inode_cache = slab_cache_create("inode", sizeof(struct inode), 0);
	dentry_cache = slab_cache_create("dentry", sizeof(struct dentry), 0);
}

static int compare_names(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, MIN(a_length, b_length));

	if (order != 0)
		return order;
	return (a_length > b_length) - (a_length < b_length);
}

static int compare_dentries(const struct rb_node *a, const struct rb_node *b)
{
	const struct dentry *x = rb_entry(a, struct dentry, node);
	const struct dentry *y = rb_entry(b, struct dentry, node);

	return compare_names(x->name, x->name_length, y->name, y->name_length);
}

struct name_key {
	const char *name;
	size_t length;
};

static int compare_key(const void *key, const struct rb_node *node)
{
	const struct name_key *k = key;
	const struct dentry *d = rb_entry(node, struct dentry, node);

	return compare_names(k->name, k->length, d->name, d->name_length);
}

struct inode *tree_create_inode(struct tree *t, const struct inode_attributes *a)
{
	struct inode *i = slab_zalloc(inode_cache);

	if (!i)
		return NULL;
	i->ino = ++t->last_ino;
	i->mode = a->mode;
	i->uid = a->uid;
	i->gid = a->gid;
	i->mtime = a->mtime;
	i->rdev_major = a->rdev_major;
	i->rdev_minor = a->rdev_minor;
	i->fd_link = a->fd_link;
	i->data = a->data;
	i->size = a->size;
	pages_init(i);
	return i;
}

void tree_drop_inode(struct inode *i)
{
	ASSERT(i->nlink == 0 && i->entry_count == 0);
	pages_drop(i);
	slab_free(inode_cache, i);
}

/* Gives inode one more name, d, whose parent is already set. */
static void attach(struct dentry *d, struct inode *inode)
{
	d->inode = inode;
	inode->nlink++;
	if (!inode_is(inode, S_IFDIR))
		return;
	ASSERT(inode->name == NULL);
	/* A directory is linked to by its own "." and by the ".." of those in it. */
	inode->nlink++;
	inode->name = d;
	if (d->parent != d)
		d->parent->inode->nlink++;
}

static void detach(struct dentry *d)
{
	struct inode *inode = d->inode;

	inode->nlink--;
	if (inode_is(inode, S_IFDIR)) {
		inode->nlink--;
		inode->name = NULL;
		if (d->parent != d)
			d->parent->inode->nlink--;
	}
	if (inode->nlink == 0)
		tree_drop_inode(inode);
}

int tree_init(struct tree *t, u32 now)
{
	struct inode_attributes a = {.mode = S_IFDIR | 0755, .mtime = now, .fd_link = FD_LINK_NONE};

	set_up();
	*t = (struct tree){.root = slab_zalloc(dentry_cache), .now = now};
	if (!t->root)
		return -ENOMEM;
	struct inode *inode = tree_create_inode(t, &a);
	if (!inode) {
		slab_free(dentry_cache, t->root);
		t->root = NULL;
		return -ENOMEM;
	}
	t->root->parent = t->root;
	attach(t->root, inode);
	return 0;
}

static void unlink_dentry(struct dentry *d)
{
	struct inode *dir = d->parent->inode;

	rb_remove(&dir->entries, &d->node);
	dir->entry_count--;
	detach(d);
	slab_free(dentry_cache, d);
}

/* Deepest first, without recursion: the way up is in the tree itself. */
void tree_destroy(struct tree *t)
{
	struct dentry *at = t->root;

	for (;;) {
		struct rb_node *first = rb_first(&at->inode->entries);
		if (first) {
			struct dentry *child = rb_entry(first, struct dentry, node);
			if (child->inode->entry_count > 0)
				at = child;
			else
				unlink_dentry(child);
		} else if (at == t->root) {
			break;
		} else {
			at = at->parent;
		}
	}
	detach(t->root);
	slab_free(dentry_cache, t->root);
	t->root = NULL;
}

int tree_link(struct dentry *dir, const char *name, size_t length, struct inode *inode)
{
	struct dentry *d = slab_zalloc(dentry_cache);

	if (!d)
		return -ENOMEM;
	d->parent = dir;
	d->name = name;
	d->name_length = (u32)length;
	rb_insert(&dir->inode->entries, &d->node, compare_dentries);
	dir->inode->entry_count++;
	attach(d, inode);
	return 0;
}

int tree_replace(struct dentry *d, struct inode *inode)
{
	if (d->inode->entry_count > 0)
		return -ENOTEMPTY;
	detach(d);
	attach(d, inode);
	return 0;
}

struct dentry *tree_lookup(const struct dentry *dir, const char *name, size_t length)
{
	struct name_key key = {.name = name, .length = length};
	struct rb_node *node = rb_find(&dir->inode->entries, &key, compare_key);

	return node ? rb_entry(node, struct dentry, node) : NULL;
}

size_t dentry_path_size(const struct dentry *d)
{
	size_t length = 0;

	for (; d->parent != d; d = d->parent)
		length += 1 + d->name_length;
	return MAX(length, 1UL) + 1;
}

int dentry_path(const struct dentry *d, char *out, size_t size)
{
	size_t end = dentry_path_size(d) - 1;

	if (end >= size)
		return -ERANGE;
	out[0] = '/';
	out[end] = '\0';
	for (; d->parent != d; d = d->parent) {
		end -= d->name_length;
		memcpy(out + end, d->name, d->name_length);
		out[--end] = '/';
	}
	return 0;
}
