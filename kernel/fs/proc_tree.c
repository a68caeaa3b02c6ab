/*
 * The tree of /proc: from a name to what it is about. Called with tree_lock held, except open and
 * stat.
 *
 * A link to a descriptor leads to the place of the open file, so that opening it opens the file
 * again, as on Linux. A file that has no place (a pipe, a socket) gets a name made up for it: a pipe
 * is opened again like a FIFO, any other is shared.
 */
#include <asm/fcntl.h>
#include <asm/stat.h>

#include "fs/opened.h"
#include "fs/proc.h"
#include "ipc/pipe.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/pid.h"
#include "proc/process.h"

#define PROC_DEV 3
#define FIRST 2
/* Longer names are no numbers. */
#define DIGITS_MAX 9

static const struct inode_ops proc_ops;

static const struct proc_entry descriptor_entry = {
	.name = "", .mode = 0700, .kind = PROC_DESCRIPTOR};

static u32 type_of(const struct proc_entry *e)
{
	switch (e->kind) {
	case PROC_DIRECTORY:
	case PROC_DESCRIPTORS:
		return S_IFDIR;
	case PROC_FILE:
		return S_IFREG;
	default:
		return S_IFLNK;
	}
}

/* The same number for the same thing as long as it is there. */
static u64 ino_of(const struct proc_entry *e, const struct process *p, s32 fd)
{
	u64 base = p ? (u64)p->pid << 32 : 0;

	return 1 + base + (fd >= 0 ? 0x100000 + (u64)fd : ((u64)e >> 4 & 0xfffff));
}

struct inode *proc_create_inode(const struct proc_entry *e, struct process *p, s32 fd)
{
	struct proc_ref *r = kmalloc(sizeof(*r));
	struct inode *i =
		r ? inode_create(&proc_ops, PROC_DEV, ino_of(e, p, fd), type_of(e) | e->mode)
		  : NULL;

	if (!i) {
		kfree(r);
		return NULL;
	}
	*r = (struct proc_ref){.entry = e, .process = p, .fd = fd};
	if (p) {
		process_get(p);
		spin_lock(&p->lock);
		i->uid = p->cred.euid;
		i->gid = p->cred.egid;
		spin_unlock(&p->lock);
	}
	i->nlink = type_of(e) == S_IFDIR ? 2 : 1;
	i->private = r;
	return i;
}

static void release(struct inode *i)
{
	struct proc_ref *r = i->private;

	if (r->process)
		process_put(r->process);
	kfree(r);
}

/* The number that a name is, or -1. */
static s64 number_of(const char *name, size_t length)
{
	s64 n = 0;

	if (length == 0 || length > DIGITS_MAX || (name[0] == '0' && length > 1))
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		n = n * 10 + (name[i] - '0');
	}
	return n;
}

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

static int make(struct dentry *dir, const char *name, size_t length, const struct proc_entry *e,
	struct process *p, s32 fd, struct dentry **out)
{
	struct inode *i = proc_create_inode(e, p, fd);

	*out = i ? dentry_create(dir, name, length, i) : NULL;
	if (i)
		inode_put(i);
	return *out ? 0 : -ENOMEM;
}

static int lookup_descriptor(
	struct dentry *dir, const char *name, size_t length, struct dentry **out)
{
	const struct proc_ref *r = dir->inode->private;
	s64 fd = number_of(name, length);
	struct file *f = fd >= 0 ? file_of(r->process, (s32)fd) : NULL;

	if (!f)
		return -ENOENT;
	file_put(f);
	return make(dir, name, length, &descriptor_entry, r->process, (s32)fd, out);
}

static int lookup_process(struct dentry *dir, const char *name, size_t length, struct dentry **out)
{
	s64 pid = number_of(name, length);
	struct process *p = pid > 0 ? process_find((u32)pid) : NULL;

	if (!p)
		return -ENOENT;
	int err = make(dir, name, length, &proc_process_entry, p, -1, out);
	process_put(p);
	return err;
}

static int lookup(struct dentry *dir, const char *name, size_t length, struct dentry **out)
{
	const struct proc_ref *r = dir->inode->private;
	const struct proc_entry *e = r->entry;

	if (e->kind == PROC_DESCRIPTORS)
		return lookup_descriptor(dir, name, length, out);
	for (u32 i = 0; i < e->count; i++)
		if (strlen(e->children[i].name) == length &&
			memcmp(e->children[i].name, name, length) == 0)
			return make(dir, name, length, &e->children[i], r->process, -1, out);
	return e == &proc_root_entry ? lookup_process(dir, name, length, out) : -ENOENT;
}

static int put_number(struct tree_entry *e, u64 number, u64 pos, u32 mode, u64 ino)
{
	*e = (struct tree_entry){.ino = ino, .next = pos + 1, .mode = mode};
	e->length = (u32)format(e->name, sizeof(e->name), "%lu", number);
	return 1;
}

static int next_descriptor(const struct proc_ref *r, u64 pos, struct tree_entry *e)
{
	for (u64 fd = pos - FIRST; fd < FILES_MAX; fd++) {
		struct file *f = file_of(r->process, (s32)fd);
		if (!f)
			continue;
		file_put(f);
		u64 ino = ino_of(&descriptor_entry, r->process, (s32)fd);
		return put_number(e, fd, fd + FIRST, S_IFLNK, ino);
	}
	return 0;
}

static int next_process(u64 pos, u64 first, struct tree_entry *e)
{
	for (u64 pid = pos - first; pid <= PID_MAX; pid++) {
		struct process *p = pid ? process_find((u32)pid) : NULL;
		if (!p)
			continue;
		u64 ino = ino_of(&proc_process_entry, p, -1);
		process_put(p);
		return put_number(e, pid, first + pid, S_IFDIR, ino);
	}
	return 0;
}

static int next(struct dentry *dir, u64 pos, struct tree_entry *out)
{
	const struct proc_ref *r = dir->inode->private;
	const struct proc_entry *e = r->entry;

	if (e->kind == PROC_DESCRIPTORS)
		return next_descriptor(r, pos, out);
	if (pos - FIRST < e->count) {
		const struct proc_entry *child = &e->children[pos - FIRST];
		*out = (struct tree_entry){.ino = ino_of(child, r->process, -1),
			.next = pos + 1,
			.mode = type_of(child)};
		out->length = (u32)strlen(child->name);
		memcpy(out->name, child->name, out->length);
		return 1;
	}
	return e == &proc_root_entry ? next_process(pos, FIRST + e->count, out) : 0;
}

static ssize_t read_descriptor(const struct proc_ref *r, char *out, size_t size)
{
	struct file *f = file_of(r->process, r->fd);

	if (!f)
		return -ENOENT;
	ssize_t n;
	if (f->place) {
		/* A name that is gone, or never was: its last, and that. */
		static const char gone[] = " (deleted)";
		size_t rest = dentry_is_gone(f->place) ? sizeof(gone) - 1 : 0;

		n = size > rest ? dentry_path(f->place, out, size - rest) : -ERANGE;
		if (!n) {
			n = (ssize_t)strlen(out);
			memcpy(out + n, gone, rest);
			n += (ssize_t)rest;
		}
	} else {
		n = proc_describe(f, out, size);
	}
	file_put(f);
	return n;
}

static ssize_t readlink(struct dentry *link, char *out, size_t size)
{
	const struct proc_ref *r = link->inode->private;

	if (r->entry->kind == PROC_DESCRIPTOR)
		return read_descriptor(r, out, size);
	return r->entry->readlink(r->process, out, size);
}

static int follow_descriptor(const struct proc_ref *r, struct dentry **out)
{
	struct file *f = file_of(r->process, r->fd);

	if (!f)
		return -ENOENT;
	*out = f->place ? dentry_get(f->place) : proc_place_of(f);
	file_put(f);
	return *out ? 0 : -ENOMEM;
}

/* 1: the link leads where its text says. */
static int follow(struct dentry *link, struct dentry **out)
{
	const struct proc_ref *r = link->inode->private;

	if (r->entry->kind == PROC_DESCRIPTOR)
		return follow_descriptor(r, out);
	return r->entry->follow ? r->entry->follow(r->process, out) : 1;
}

static int open(struct dentry *d, u32 flags, struct file **out)
{
	if (!inode_is(d->inode, S_IFDIR))
		return proc_open_file(d->inode, flags, out);
	*out = file_create(&directory_ops, flags, NULL);
	return *out ? 0 : -ENOMEM;
}

static const struct inode_ops proc_ops = {
	.lookup = lookup,
	.next = next,
	.readlink = readlink,
	.follow = follow,
	.open = open,
	.release = release,
};

/* -- names for files that have none -- */

static int open_shared(struct dentry *d, u32 flags, struct file **out)
{
	struct file *f = d->inode->private;
	u32 has = atomic32_load_relaxed(&f->flags) & O_ACCMODE, wants = flags & O_ACCMODE;

	if (pipe_of(f))
		return pipe_open_fifo(pipe_of(f), flags, out);
	if (has != O_RDWR && has != wants)
		return -EACCES;
	file_get(f);
	*out = f;
	return 0;
}

static void stat_shared(struct inode *i, struct stat *out)
{
	struct file *f = i->private;
	struct stat st;

	if (f->ops->stat && !f->ops->stat(f, &st))
		*out = st;
}

static void release_shared(struct inode *i)
{
	file_put(i->private);
}

static const struct inode_ops shared_ops = {
	.open = open_shared,
	.stat = stat_shared,
	.release = release_shared,
	.shares_file = true,
};

struct dentry *proc_place_of(struct file *f)
{
	struct stat st = {.st_mode = S_IFIFO | 0600};

	if (f->ops->stat && f->ops->stat(f, &st))
		return NULL;
	struct inode *i = inode_create(&shared_ops, (u32)st.st_dev, st.st_ino, st.st_mode);
	if (!i)
		return NULL;
	i->uid = st.st_uid;
	i->gid = st.st_gid;
	i->nlink = 1;
	file_get(f);
	i->private = f;
	struct dentry *d = dentry_create_place(i);
	inode_put(i);
	return d;
}

ssize_t proc_describe(struct file *f, char *out, size_t size)
{
	struct stat st;

	if (!f->ops->stat || f->ops->stat(f, &st) || (st.st_mode & S_IFMT) == 0)
		return format(out, size, "anon_inode:[file]");
	if ((st.st_mode & S_IFMT) == S_IFCHR)
		return format(out, size, "/dev/tty");
	const char *kind = (st.st_mode & S_IFMT) == S_IFSOCK ? "socket" : "pipe";
	return format(out, size, "%s:[%lu]", kind, st.st_ino);
}
