/* Names: linking, unlinking, moving and finding them in the tree of fs/tree.h. */
#include "fs/tree.h"

#include "fs/node.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

struct mutex tree_lock;

/* The first position of an entry: 0 is ".", 1 is "..". */
#define FIRST_COOKIE 2

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

static int compare_cookies(const struct rb_node *a, const struct rb_node *b)
{
	u64 x = rb_entry(a, struct dentry, order_node)->cookie;
	u64 y = rb_entry(b, struct dentry, order_node)->cookie;

	return (x > y) - (x < y);
}

static int compare_position(const void *key, const struct rb_node *node)
{
	u64 x = *(const u64 *)key, y = rb_entry(node, struct dentry, order_node)->cookie;

	return (x > y) - (x < y);
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

/* Puts a dentry into its parent's trees; the tree's reference is the caller's gift. */
static void attach(struct dentry *d)
{
	struct inode *dir = d->parent->inode, *inode = d->inode;

	d->cookie = FIRST_COOKIE + dir->last_cookie++;
	rb_insert(&dir->entries, &d->node, compare_dentries);
	rb_insert(&dir->order, &d->order_node, compare_cookies);
	dir->entry_count++;
	d->linked = true;
	if (inode_is(inode, S_IFDIR)) {
		inode->name = d;
		dir->nlink++;
	}
}

static void detach(struct dentry *d)
{
	struct inode *dir = d->parent->inode;

	rb_remove(&dir->entries, &d->node);
	rb_remove(&dir->order, &d->order_node);
	dir->entry_count--;
	d->linked = false;
	if (inode_is(d->inode, S_IFDIR)) {
		d->inode->name = NULL;
		dir->nlink--;
	}
}

/* One more name; a directory is also linked to by its own ".". */
static void count_link(struct inode *i)
{
	i->nlink += inode_is(i, S_IFDIR) ? 2 : 1;
	i->may_link = false;
}

int tree_link(struct dentry *dir, const char *name, size_t length, struct inode *inode)
{
	struct dentry *d = dentry_create_literal(dir, name, length, inode);

	if (!d)
		return -ENOMEM;
	count_link(inode);
	attach(d);
	return 0;
}

int tree_add(struct dentry *dir, const char *name, size_t length, struct inode *inode,
	struct dentry **out)
{
	struct dentry *d = dentry_create(dir, name, length, inode);

	if (!d)
		return -ENOMEM;
	count_link(inode);
	attach(d);
	if (out)
		*out = dentry_get(d);
	return 0;
}

void tree_unlink(struct dentry *d)
{
	struct inode *i = d->inode;

	ASSERT(i->entry_count == 0);
	detach(d);
	i->nlink -= inode_is(i, S_IFDIR) ? 2 : 1;
	dentry_put(d);
}

/* Gives a detached dentry its new place. */
static void replace_name(struct dentry *d, struct dentry *dir, const char *name, size_t length)
{
	struct dentry *old = d->parent;

	d->parent = dentry_get(dir);
	d->name = name;
	d->name_length = (u32)length;
	dentry_put(old);
}

void tree_move(struct dentry *d, struct dentry *dir, char *name, size_t length)
{
	const char *old_name = d->name_owned ? d->name : NULL;

	detach(d);
	replace_name(d, dir, name, length);
	d->name_owned = true;
	attach(d);
	kfree((void *)old_name);
}

void tree_exchange(struct dentry *a, struct dentry *b)
{
	struct dentry *parent = dentry_get(a->parent);
	const char *name = a->name;
	u32 length = a->name_length;
	bool owned = a->name_owned;

	detach(a);
	detach(b);
	replace_name(a, b->parent, b->name, b->name_length);
	a->name_owned = b->name_owned;
	replace_name(b, parent, name, length);
	b->name_owned = owned;
	attach(a);
	attach(b);
	dentry_put(parent);
}

struct dentry *tree_lookup(const struct dentry *dir, const char *name, size_t length)
{
	struct name_key key = {.name = name, .length = length};
	struct rb_node *node = rb_find(&dir->inode->entries, &key, compare_key);

	return node ? rb_entry(node, struct dentry, node) : NULL;
}

int tree_next(struct dentry *dir, u64 pos, struct tree_entry *e)
{
	struct rb_node *node = rb_lower_bound(&dir->inode->order, &pos, compare_position);

	if (!node)
		return 0;
	const struct dentry *d = rb_entry(node, struct dentry, order_node);
	e->ino = d->inode->ino;
	e->next = d->cookie + 1;
	e->mode = d->inode->mode;
	e->length = d->name_length;
	memcpy(e->name, d->name, d->name_length);
	return 1;
}

bool dentry_is_below(const struct dentry *d, const struct dentry *dir)
{
	while (d != dir && d->parent != d)
		d = d->parent;
	return d == dir;
}

size_t dentry_path_size(const struct dentry *d, const struct dentry *root)
{
	size_t length = 0;

	if (root && !dentry_is_below(d, root))
		root = NULL;
	for (; d->parent != d && d != root; d = d->parent)
		length += 1 + d->name_length;
	return MAX(length, 1UL) + 1;
}

int dentry_path(const struct dentry *d, const struct dentry *root, char *out, size_t size)
{
	size_t end = dentry_path_size(d, root) - 1;

	if (end >= size)
		return -ERANGE;
	out[0] = '/';
	out[end] = '\0';
	if (root && !dentry_is_below(d, root))
		root = NULL;
	for (; d->parent != d && d != root; d = d->parent) {
		end -= d->name_length;
		memcpy(out + end, d->name, d->name_length);
		out[--end] = '/';
	}
	return 0;
}

int tree_init(struct tree *t)
{
	struct inode_attributes a = {.mode = S_IFDIR | 0755};

	node_set_up();
	mutex_init(&tree_lock, RANK_TREE);
	*t = (struct tree){.last_ino = 0};
	struct inode *inode = tree_create_inode(t, &a);
	if (!inode)
		return -ENOMEM;
	t->root = dentry_create_place(inode);
	if (t->root)
		inode->nlink = 2;
	inode_put(inode);
	return t->root ? 0 : -ENOMEM;
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
				tree_unlink(child);
		} else if (at == t->root) {
			break;
		} else {
			at = at->parent;
		}
	}
	dentry_put(t->root);
	t->root = NULL;
}
