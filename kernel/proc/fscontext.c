/*
 * Working directory, root and umask.
 *
 * A place leaves the structure under the lock, and its reference is dropped after that, because
 * freeing may sleep.
 */
#include "proc/fscontext.h"

#include "mm/slab.h"
#include "proc/file.h"

static struct dentry *get(struct dentry *place)
{
	if (place)
		place_get(place);
	return place;
}

static void put(struct dentry *place)
{
	if (place)
		place_put(place);
}

struct fs_context *fs_context_create(struct dentry *cwd, struct dentry *root, u32 umask)
{
	struct fs_context *c = kmalloc(sizeof(*c));

	if (!c)
		return NULL;
	refcount_init(&c->refs);
	spin_init(&c->lock, "fs context", RANK_FILES);
	c->cwd = get(cwd);
	c->root = get(root);
	c->umask = umask;
	return c;
}

struct fs_context *fs_context_copy(struct fs_context *c)
{
	spin_lock(&c->lock);
	struct dentry *cwd = get(c->cwd), *root = get(c->root);
	u32 umask = c->umask;
	spin_unlock(&c->lock);
	struct fs_context *copy = fs_context_create(cwd, root, umask);
	put(cwd);
	put(root);
	return copy;
}

void fs_context_get(struct fs_context *c)
{
	refcount_get(&c->refs);
}

void fs_context_put(struct fs_context *c)
{
	if (!refcount_put(&c->refs))
		return;
	put(c->cwd);
	put(c->root);
	kfree(c);
}

struct dentry *fs_context_cwd(struct fs_context *c)
{
	spin_lock(&c->lock);
	struct dentry *cwd = get(c->cwd);
	spin_unlock(&c->lock);
	return cwd;
}

struct dentry *fs_context_root(struct fs_context *c)
{
	/* Nearly all never change it. A chroot(2) beside this comes before or after it. */
	if (!READ_ONCE(c->root))
		return NULL;
	spin_lock(&c->lock);
	struct dentry *root = get(c->root);
	spin_unlock(&c->lock);
	return root;
}

void fs_context_set_cwd(struct fs_context *c, struct dentry *cwd)
{
	spin_lock(&c->lock);
	struct dentry *old = c->cwd;
	c->cwd = cwd;
	spin_unlock(&c->lock);
	put(old);
}

void fs_context_set_root(struct fs_context *c, struct dentry *root)
{
	spin_lock(&c->lock);
	struct dentry *old = c->root;
	WRITE_ONCE(c->root, root);
	spin_unlock(&c->lock);
	put(old);
}

u32 fs_context_umask(struct fs_context *c)
{
	spin_lock(&c->lock);
	u32 umask = c->umask;
	spin_unlock(&c->lock);
	return umask;
}

u32 fs_context_set_umask(struct fs_context *c, u32 umask)
{
	spin_lock(&c->lock);
	u32 old = c->umask;
	c->umask = umask;
	spin_unlock(&c->lock);
	return old;
}
