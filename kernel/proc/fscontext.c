/*
 * Working directory and umask.
 *
 * The path is a string that is replaced as a whole under the lock; nobody keeps a pointer to it
 * beyond the lock. A copy for a new process is made in two steps, because memory is allocated
 * without the lock: the length is read, memory is got, and the string is copied if it still fits;
 * another thread may have changed it meanwhile, then once more.
 */
#include "proc/fscontext.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

static struct fs_context *context_alloc(char *cwd, u32 umask)
{
	struct fs_context *c = cwd ? kmalloc(sizeof(*c)) : NULL;

	if (!c) {
		kfree(cwd);
		return NULL;
	}
	refcount_init(&c->refs);
	spin_init(&c->lock, "fs context", RANK_FILES);
	c->cwd = cwd;
	c->umask = umask;
	return c;
}

struct fs_context *fs_context_create(const char *cwd, u32 umask)
{
	size_t n = strlen(cwd) + 1;
	char *copy = kmalloc(n);

	if (copy)
		memcpy(copy, cwd, n);
	return context_alloc(copy, umask);
}

struct fs_context *fs_context_copy(struct fs_context *c)
{
	for (;;) {
		spin_lock(&c->lock);
		size_t size = strlen(c->cwd) + 1;
		spin_unlock(&c->lock);

		char *copy = kmalloc(size);
		if (!copy)
			return NULL;
		spin_lock(&c->lock);
		bool fits = string_copy(copy, c->cwd, size);
		u32 umask = c->umask;
		spin_unlock(&c->lock);
		if (fits)
			return context_alloc(copy, umask);
		kfree(copy);
	}
}

void fs_context_get(struct fs_context *c)
{
	refcount_get(&c->refs);
}

void fs_context_put(struct fs_context *c)
{
	if (!refcount_put(&c->refs))
		return;
	kfree(c->cwd);
	kfree(c);
}

int fs_context_cwd(struct fs_context *c, char *out, size_t size)
{
	spin_lock(&c->lock);
	bool fits = string_copy(out, c->cwd, size);
	spin_unlock(&c->lock);
	return fits ? 0 : -ENAMETOOLONG;
}

void fs_context_set_cwd(struct fs_context *c, char *path)
{
	spin_lock(&c->lock);
	char *old = c->cwd;
	c->cwd = path;
	spin_unlock(&c->lock);
	kfree(old);
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
