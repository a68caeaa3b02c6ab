/*
 * /proc/PID/mounts and mountinfo: the file systems that the tree is made of (fs/mounts.h), as a process sees them. One that has changed its
 * root sees those below it, by their paths from there.
 */
#include "fs/fs.h"
#include "fs/mounts.h"
#include "fs/proc.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/fscontext.h"

/* The path of the root that a process has, to be freed. NULL: memory ran out, or it has none any more. */
static char *root_of(struct process *p)
{
	struct dentry *root = proc_held(p, fs_context_root);
	char *path = root ? kmalloc(FS_PATH_MAX) : NULL;
	int err = 0;

	if (path) {
		mutex_lock(&tree_lock);
		err = dentry_path(root, NULL, path, FS_PATH_MAX);
		mutex_unlock(&tree_lock);
	}
	if (root)
		dentry_put(root);
	if (!err)
		return path;
	kfree(path);
	return NULL;
}

/* A path as seen from root, or NULL if it is not below it. */
static const char *seen_from(const char *root, const char *path)
{
	size_t n = strlen(root);

	if (strcmp(root, "/") == 0)
		return path;
	if (strncmp(path, root, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return NULL;
	return path[n] ? path + n : "/";
}

/* Blanks and what else would end a field as octal numbers. */
static void print_path(struct proc_text *t, const char *path)
{
	for (; *path; path++) {
		if (strchr(" \t\n\\#", *path))
			proc_print(t, "\\%03o", (u32)(u8)*path);
		else
			proc_print(t, "%c", *path);
	}
}

static void show(struct proc_text *t, struct process *p,
	void (*show_one)(struct proc_text *t, const struct fs_mount *m, const char *path))
{
	char *root = root_of(p);

	for (const struct fs_mount *m = root ? mounts_next(NULL) : NULL; m; m = mounts_next(m)) {
		const char *path = seen_from(root, m->path);
		if (path)
			show_one(t, m, path);
	}
	kfree(root);
}

static void show_mount(struct proc_text *t, const struct fs_mount *m, const char *path)
{
	proc_print(t, "%s ", m->type);
	print_path(t, path);
	proc_print(t, " %s %s,relatime%s 0 0\n", m->type, m->readonly ? "ro" : "rw", m->options);
}

static void show_info(struct proc_text *t, const struct fs_mount *m, const char *path)
{
	proc_print(t, "%u %u 0:%u / ", m->id, m->parent, m->dev);
	print_path(t, path);
	proc_print(t, " %s,relatime - %s %s %s%s\n", m->readonly ? "ro" : "rw", m->type, m->type,
		m->readonly ? "ro" : "rw", m->options);
}

void proc_show_mounts(struct proc_text *t, struct process *p)
{
	show(t, p, show_mount);
}

void proc_show_mountinfo(struct proc_text *t, struct process *p)
{
	show(t, p, show_info);
}

void proc_show_filesystems(struct proc_text *t, struct process *p)
{
	/* None of them is on a disk. */
	proc_print(t, "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tdevpts\n");
}
