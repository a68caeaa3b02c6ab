/*
 * The tree of /proc: from a name to what it is about. Called with tree_lock held, except open and
 * stat.
 */
#include <asm/fcntl.h>
#include <asm/stat.h>

#include "fs/opened.h"
#include "fs/proc.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/pid.h"
#include "proc/process.h"

#define FIRST PROC_FIRST
/* Longer names are no numbers. */
#define DIGITS_MAX 9

static const struct inode_ops proc_ops;

static u32 type_of(const struct proc_entry *e)
{
	switch (e->kind) {
	case PROC_DIRECTORY:
	case PROC_DESCRIPTORS:
	case PROC_DESCRIPTOR_INFOS:
	case PROC_THREADS:
		return S_IFDIR;
	case PROC_FILE:
	case PROC_MEMORY:
	case PROC_DESCRIPTOR_INFO:
		return S_IFREG;
	default:
		return S_IFLNK;
	}
}

/* The same number for the same thing as long as it is there. */
u64 proc_ino(const struct proc_entry *e, const struct process *p, s32 fd)
{
	u64 base = p ? (u64)p->pid << 32 : 0;

	return 1 + base + (fd >= 0 ? 0x100000 + (u64)fd : ((u64)e >> 4 & 0xfffff));
}

struct inode *proc_create_inode(const struct proc_entry *e, struct process *p, s32 fd, u32 dev)
{
	struct proc_ref *r = kmalloc(sizeof(*r));
	struct inode *i =
		r ? inode_create(&proc_ops, dev, proc_ino(e, p, fd), type_of(e) | e->mode) : NULL;

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
	i->immutable = e == &proc_process_entry || e == &proc_thread_entry;
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
s64 proc_number(const char *name, size_t length)
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

/* About a thread: its number stands for the process's, with a bit more in the thread's own folder. */
static u64 thread_ino(u64 ino, const struct process *p, u32 tid)
{
	return (ino & UINT32_MAX) | (u64)tid << 32 | (tid == p->pid ? 1UL << 31 : 0);
}

/* tid: the thread that it is about; 0: the first, and the whole process. */
static int make_about(struct dentry *dir, const char *name, size_t length,
	const struct proc_entry *e, struct process *p, s32 fd, u32 tid, struct dentry **out)
{
	struct inode *i = proc_create_inode(e, p, fd, dir->inode->dev);

	if (i && tid) {
		((struct proc_ref *)i->private)->tid = tid;
		i->ino = thread_ino(i->ino, p, tid);
	}
	*out = i ? dentry_create(dir, name, length, i) : NULL;
	if (i)
		inode_put(i);
	return *out ? 0 : -ENOMEM;
}

/* What is in the folder of a thread is about that. */
int proc_make(struct dentry *dir, const char *name, size_t length, const struct proc_entry *e,
	struct process *p, s32 fd, struct dentry **out)
{
	const struct proc_ref *r = dir->inode->private;

	return make_about(dir, name, length, e, p, fd, r->tid, out);
}

static int lookup_thread(struct dentry *dir, const char *name, size_t length, struct dentry **out)
{
	const struct proc_ref *r = dir->inode->private;
	s64 tid = proc_number(name, length);

	if (tid <= 0 || process_next_thread(r->process, (u32)tid) != (u32)tid)
		return -ENOENT;
	return make_about(dir, name, length, &proc_thread_entry, r->process, -1, (u32)tid, out);
}

/* A thread's number leads to its process's folder, too, though none of that name is listed. */
static int lookup_by_thread(
	struct dentry *dir, const char *name, size_t length, u32 tid, struct dentry **out)
{
	struct thread *t = process_find_thread(tid);

	if (!t)
		return -ENOENT;
	int err = make_about(dir, name, length, &proc_process_entry, t->process, -1, tid, out);
	thread_put(t);
	return err;
}

static int lookup_process(struct dentry *dir, const char *name, size_t length, struct dentry **out)
{
	s64 pid = proc_number(name, length);
	struct process *p = pid > 0 ? process_find((u32)pid) : NULL;

	if (!p)
		return pid > 0 ? lookup_by_thread(dir, name, length, (u32)pid, out) : -ENOENT;
	int err = proc_make(dir, name, length, &proc_process_entry, p, -1, out);
	process_put(p);
	return err;
}

static int lookup(struct dentry *dir, const char *name, size_t length, struct dentry **out)
{
	const struct proc_ref *r = dir->inode->private;
	const struct proc_entry *e = r->entry;

	if (e->kind == PROC_DESCRIPTORS || e->kind == PROC_DESCRIPTOR_INFOS)
		return proc_fd_lookup(dir, name, length, out);
	if (e->kind == PROC_THREADS)
		return lookup_thread(dir, name, length, out);
	for (u32 i = 0; i < e->count; i++)
		if (strlen(e->children[i].name) == length &&
			memcmp(e->children[i].name, name, length) == 0)
			return proc_make(dir, name, length, &e->children[i], r->process, -1, out);
	return e == &proc_root_entry ? lookup_process(dir, name, length, out) : -ENOENT;
}

int proc_put_number(struct tree_entry *e, u64 number, u64 pos, u32 mode, u64 ino)
{
	*e = (struct tree_entry){.ino = ino, .next = pos + 1, .mode = mode};
	e->length = (u32)format(e->name, sizeof(e->name), "%lu", number);
	return 1;
}

static int next_thread(const struct proc_ref *r, u64 pos, struct tree_entry *e)
{
	u32 tid = process_next_thread(r->process, (u32)(pos - FIRST));

	if (!tid)
		return 0;
	u64 ino = proc_ino(&proc_thread_entry, r->process, -1);
	return proc_put_number(e, tid, tid + FIRST, S_IFDIR, thread_ino(ino, r->process, tid));
}

static int next_process(u64 pos, u64 first, struct tree_entry *e)
{
	for (u64 pid = pos - first; pid <= PID_MAX; pid++) {
		struct process *p = pid ? process_find((u32)pid) : NULL;
		if (!p)
			continue;
		u64 ino = proc_ino(&proc_process_entry, p, -1);
		process_put(p);
		return proc_put_number(e, pid, first + pid, S_IFDIR, ino);
	}
	return 0;
}

static int next(struct dentry *dir, u64 pos, struct tree_entry *out)
{
	const struct proc_ref *r = dir->inode->private;
	const struct proc_entry *e = r->entry;

	if (e->kind == PROC_DESCRIPTORS || e->kind == PROC_DESCRIPTOR_INFOS)
		return proc_fd_next(r, pos, out);
	if (e->kind == PROC_THREADS)
		return next_thread(r, pos, out);
	if (pos - FIRST < e->count) {
		const struct proc_entry *child = &e->children[pos - FIRST];
		*out = (struct tree_entry){.ino = proc_ino(child, r->process, -1),
			.next = pos + 1,
			.mode = type_of(child)};
		out->length = (u32)strlen(child->name);
		memcpy(out->name, child->name, out->length);
		return 1;
	}
	return e == &proc_root_entry ? next_process(pos, FIRST + e->count, out) : 0;
}

static ssize_t readlink(struct dentry *link, char *out, size_t size)
{
	const struct proc_ref *r = link->inode->private;

	if (r->entry->kind == PROC_DESCRIPTOR)
		return proc_fd_read(r, out, size);
	return r->entry->readlink(r->process, out, size);
}

/* 1: the link leads where its text says. */
static int follow(struct dentry *link, struct dentry **out)
{
	const struct proc_ref *r = link->inode->private;

	if (r->entry->kind == PROC_DESCRIPTOR)
		return proc_fd_follow(r, out);
	return r->entry->follow ? r->entry->follow(r->process, out) : 1;
}

static int open(struct dentry *d, u32 flags, struct file **out)
{
	const struct proc_ref *r = d->inode->private;

	if (r->entry->kind == PROC_MEMORY)
		return proc_open_memory(r->process, flags, out);
	if (!inode_is(d->inode, S_IFDIR))
		return proc_open_file(d->inode, flags, out);
	*out = file_create(&directory_ops, flags, NULL);
	return *out ? 0 : -ENOMEM;
}

/* As on Linux: what is about a process has the mode that is safe for it. */
static int may_change(const struct inode *i, enum file_attribute what)
{
	const struct proc_ref *r = i->private;

	return r->process && what == FILE_MODE ? -EPERM : 0;
}

static const struct inode_ops proc_ops = {
	.may_change = may_change,
	.lookup = lookup,
	.next = next,
	.readlink = readlink,
	.follow = follow,
	.open = open,
	.release = release,
};

struct process *fs_file_process(const struct file *f)
{
	const struct inode *i = f->place ? f->place->inode : NULL;
	const struct proc_ref *r = i && i->ops == &proc_ops ? i->private : NULL;

	if (!r || r->entry != &proc_process_entry)
		return NULL;
	process_get(r->process);
	return r->process;
}
