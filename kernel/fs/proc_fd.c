/*
 * /proc/PID/fd and /proc/PID/fdinfo: the open files of a process.
 *
 * A link to a descriptor leads to the place of the open file, so that opening it opens the file
 * again, as on Linux. A file that has no place (a pipe, a socket) gets a name made up for it: a pipe
 * is opened again like a FIFO, any other is shared.
 */
#include <asm/fcntl.h>
#include <asm/stat.h>

#include "fs/fs.h"
#include "fs/mounts.h"
#include "fs/opened.h"
#include "fs/proc.h"
#include "fs/walk.h"
#include "ipc/pipe.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "proc/process.h"

static const struct proc_entry descriptor_entry = {
	.name = "", .mode = 0700, .kind = PROC_DESCRIPTOR};

static const struct proc_entry info_entry = {
	.name = "", .mode = 0444, .kind = PROC_DESCRIPTOR_INFO};

/* The open file of another process, with a reference, or NULL. */
static struct file *file_of(struct process *p, s32 fd)
{
	spin_lock(&p->lock);
	struct files *t = p->files;
	if (t)
		files_get(t);
	spin_unlock(&p->lock);
	if (!t)
		return NULL;
	struct file *f = files_lookup(t, fd);
	files_put(t);
	return f;
}

/* What each number of one of the two folders is. */
static const struct proc_entry *entry_in(const struct proc_entry *dir)
{
	return dir->kind == PROC_DESCRIPTORS ? &descriptor_entry : &info_entry;
}

int proc_fd_lookup(struct dentry *dir, const char *name, size_t length, struct dentry **out)
{
	const struct proc_ref *r = dir->inode->private;
	s64 fd = proc_number(name, length);
	struct file *f = fd >= 0 ? file_of(r->process, (s32)fd) : NULL;

	if (!f)
		return -ENOENT;
	file_put(f);
	return proc_make(dir, name, length, entry_in(r->entry), r->process, (s32)fd, out);
}

int proc_fd_next(const struct proc_ref *r, u64 pos, struct tree_entry *e)
{
	for (u64 fd = pos - PROC_FIRST; fd < FILES_MAX; fd++) {
		struct file *f = file_of(r->process, (s32)fd);
		if (!f)
			continue;
		file_put(f);
		u64 ino = proc_ino(entry_in(r->entry), r->process, (s32)fd);
		u32 type = r->entry->kind == PROC_DESCRIPTORS ? S_IFLNK : S_IFREG;
		return proc_put_number(e, fd, fd + PROC_FIRST, type, ino);
	}
	return 0;
}

ssize_t proc_place_text(const struct dentry *place, char *out, size_t size)
{
	/* A name that is gone, or never was: its last, and that. */
	static const char gone[] = " (deleted)";
	size_t rest = dentry_is_gone(place) ? sizeof(gone) - 1 : 0;
	struct dentry *root = walk_callers_root();

	int err = size > rest ? dentry_path(place, root, out, size - rest) : -ERANGE;
	dentry_put(root);
	if (err)
		return err;
	size_t n = strlen(out);
	memcpy(out + n, gone, rest);
	return (ssize_t)(n + rest);
}

ssize_t proc_fd_read(const struct proc_ref *r, char *out, size_t size)
{
	struct file *f = file_of(r->process, r->fd);

	if (!f)
		return -ENOENT;
	ssize_t n = f->place ? proc_place_text(f->place, out, size) : proc_describe(f, out, size);
	file_put(f);
	return n;
}

int proc_fd_follow(const struct proc_ref *r, struct dentry **out)
{
	struct file *f = file_of(r->process, r->fd);

	if (!f)
		return -ENOENT;
	*out = fs_file_place(f);
	file_put(f);
	return *out ? 0 : -ENOMEM;
}

void proc_fd_show_info(struct proc_text *t, const struct proc_ref *r)
{
	struct file *f = file_of(r->process, r->fd);
	struct stat st = {.st_ino = 0};

	if (!f)
		return;
	if (f->ops->stat && f->ops->stat(f, &st))
		st.st_ino = st.st_dev = 0;
	/* The position is told without its lock: one word. */
	proc_print(t, "pos:\t%lu\nflags:\t0%o\nmnt_id:\t%u\nino:\t%lu\n", READ_ONCE(f->pos),
		atomic32_load_relaxed(&f->flags), mounts_id((u32)st.st_dev), (u64)st.st_ino);
	if (f->ops->show_info)
		f->ops->show_info(f, t);
	file_put(f);
}

ssize_t proc_describe(struct file *f, char *out, size_t size)
{
	struct stat st;

	if (f->ops->name)
		return format(out, size, "anon_inode:%s", f->ops->name);
	if (!f->ops->stat || f->ops->stat(f, &st) || (st.st_mode & S_IFMT) == 0)
		return format(out, size, "anon_inode:[file]");
	if ((st.st_mode & S_IFMT) == S_IFCHR)
		return format(out, size, "/dev/tty");
	const char *kind = (st.st_mode & S_IFMT) == S_IFSOCK ? "socket" : "pipe";
	return format(out, size, "%s:[%lu]", kind, st.st_ino);
}
