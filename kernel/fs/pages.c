/*
 * The pages of regular files.
 *
 * A whole page of contents that starts on a page of the archive is mapped where it lies: its frame is reserved for ever,
 * and a mapping takes a reference like on any other. What is left - the last part of a file, which is followed by
 * other bytes of the archive, and every page of a file that is not aligned - is copied to a frame of its own and filled up
 * with zeros. A copy is kept in the inode, so that all mappings of the page share one frame, until the tree goes.
 *
 * Locking: copies_lock (RANK_FS, inside an address space's lock) guards every inode's copies and path. Copies are rare and
 * short, so one lock does, and holding it while copying means that two faults on one page make one copy.
 */
#include "fs/pages.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "sched/mutex.h"

struct page_copy {
	struct rb_node node; /* inode->copies: copies_lock */
	u64 index;
	struct page *page;
};

static struct mutex copies_lock;

static struct inode *inode_of(struct page_source *s)
{
	return CONTAINER_OF(s, struct inode, source);
}

static int compare_copies(const struct rb_node *a, const struct rb_node *b)
{
	u64 x = rb_entry(a, struct page_copy, node)->index;
	u64 y = rb_entry(b, struct page_copy, node)->index;

	return (x > y) - (x < y);
}

static int compare_index(const void *key, const struct rb_node *node)
{
	u64 x = *(const u64 *)key, y = rb_entry(node, struct page_copy, node)->index;

	return (x > y) - (x < y);
}

/* Needs copies_lock. */
static int make_copy(struct inode *i, u64 index, struct page **out)
{
	struct page_copy *copy = kmalloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	struct page *page = frame_alloc(0, FRAME_ZERO);
	if (!page) {
		kfree(copy);
		return -ENOMEM;
	}
	u64 start = index << PAGE_SHIFT;
	memcpy(page_address(page), i->data + start, MIN(i->size - start, PAGE_SIZE));
	copy->index = index;
	copy->page = page;
	rb_insert(&i->copies, &copy->node, compare_copies);
	*out = page;
	return 0;
}

static int get_copy(struct inode *i, u64 index, struct page **out)
{
	int err = 0;

	mutex_lock(&copies_lock);
	struct rb_node *node = rb_find(&i->copies, &index, compare_index);
	if (node)
		*out = rb_entry(node, struct page_copy, node)->page;
	else
		err = make_copy(i, index, out);
	if (!err)
		frame_get(*out);
	mutex_unlock(&copies_lock);
	return err;
}

static int pages_get_page(struct page_source *s, u64 index, struct page **out)
{
	struct inode *i = inode_of(s);

	/* Not index << PAGE_SHIFT, which may overflow. */
	if (i->size == 0 || index > (i->size - 1) >> PAGE_SHIFT)
		return -ENXIO;
	const char *start = i->data + (index << PAGE_SHIFT);
	bool whole = i->size - (index << PAGE_SHIFT) >= PAGE_SIZE;
	if (!whole || !IS_ALIGNED((u64)start, PAGE_SIZE))
		return get_copy(i, index, out);
	*out = page_of(direct_map_physical(start));
	frame_get(*out);
	return 0;
}

/* Inodes are never freed while a program runs, so there is nothing to count. */
static void pages_get(struct page_source *s)
{
}

static void pages_put(struct page_source *s)
{
}

static const char *pages_name(struct page_source *s)
{
	/* Set before anybody got the source, and constant from then on. */
	return inode_of(s)->path;
}

static const struct page_source_ops pages_ops = {
	.get_page = pages_get_page,
	.get = pages_get,
	.put = pages_put,
	.name = pages_name,
};

void pages_set_up(void)
{
	mutex_init(&copies_lock, RANK_FS);
}

void pages_init(struct inode *i)
{
	i->source.ops = &pages_ops;
}

/* Needs copies_lock. */
static int set_path(struct inode *i, const struct dentry *d)
{
	if (i->path)
		return 0;
	size_t size = dentry_path_size(d);
	char *path = kmalloc(size);
	if (!path)
		return -ENOMEM;
	int err = dentry_path(d, path, size);
	if (err) {
		kfree(path);
		return err;
	}
	i->path = path;
	return 0;
}

int pages_source(const struct dentry *d, struct page_source **out)
{
	mutex_lock(&copies_lock);
	int err = set_path(d->inode, d);
	mutex_unlock(&copies_lock);
	if (!err)
		*out = &d->inode->source;
	return err;
}

void pages_drop(struct inode *i)
{
	struct rb_node *node;

	while ((node = rb_first(&i->copies)) != NULL) {
		struct page_copy *copy = rb_entry(node, struct page_copy, node);
		rb_remove(&i->copies, node);
		frame_put(copy->page);
		kfree(copy);
	}
	kfree(i->path);
}
