/* The list of what is mounted (fs/mounts.h). */
#include "fs/mounts.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

static struct fs_mount *first, *last;

static bool is_above(const char *path, const char *of)
{
	size_t n = strlen(path);

	return strcmp(path, "/") == 0 || (strncmp(path, of, n) == 0 && of[n] == '/');
}

/* The nearest one above: of those that are, the last that was mounted. */
static u32 parent_of(const char *path, u32 own)
{
	u32 parent = own;

	for (const struct fs_mount *m = first; m; m = m->next)
		if (is_above(m->path, path))
			parent = m->id;
	return parent;
}

int mounts_add(const char *path, const char *type, const char *options, u32 dev, bool readonly)
{
	size_t n = strlen(path) + 1;
	struct fs_mount *m = kmalloc(sizeof(*m) + n);

	if (!m)
		return -ENOMEM;
	*m = (struct fs_mount){
		.id = last ? last->id + 1 : 1,
		.dev = dev,
		.readonly = readonly,
		.type = type,
		.options = options,
	};
	m->parent = parent_of(path, m->id);
	memcpy(m->path, path, n);
	if (last)
		last->next = m;
	else
		first = m;
	last = m;
	return 0;
}

void mounts_forget(void)
{
	while (first) {
		struct fs_mount *m = first;
		first = m->next;
		kfree(m);
	}
	last = NULL;
}

const struct fs_mount *mounts_next(const struct fs_mount *m)
{
	return m ? m->next : first;
}

u32 mounts_id(u32 dev)
{
	for (const struct fs_mount *m = first; m; m = m->next)
		if (m->dev == dev)
			return m->id;
	return 0;
}
