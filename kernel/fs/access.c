/* Permissions (fs/access.h). Linux's order: read-only first, then the bits of the one class that the process is in. */
#include "fs/access.h"

#include "arch/cpu.h"
#include "lib/errno.h"

static void from_process(struct access *a, bool real)
{
	struct thread *t = current_thread();
	struct credentials c;

	/* Start-up itself, and kernel threads. */
	*a = (struct access){.effective = CAPS_ALL};
	if (!t || !t->process)
		return;
	spin_lock(&t->process->lock);
	c = t->process->cred;
	spin_unlock(&t->process->lock);
	if (real)
		cred_use_real(&c);
	*a = (struct access){
		.uid = c.fsuid, .gid = c.fsgid, .effective = c.effective, .process = t->process};
}

void access_current(struct access *a)
{
	from_process(a, false);
}

void access_current_real(struct access *a)
{
	from_process(a, true);
}

bool access_in_group(const struct access *a, u32 gid)
{
	return a->gid == gid || (a->process && groups_contain(&a->process->groups, gid));
}

bool access_is_owner(const struct access *a, const struct inode *i)
{
	return a->uid == READ_ONCE(i->uid) || access_has(a, CAP_FOWNER);
}

/* mode, uid and gid are words that chmod and chown may change beside this: a check that comes at the
 * same time may see either, as on Linux. */
static u32 allowed_by_mode(const struct access *a, const struct inode *i, u32 mode)
{
	if (a->uid == READ_ONCE(i->uid))
		return mode >> 6 & 7;
	/* The groups are looked at only where they make a difference. */
	if (((mode >> 3 ^ mode) & 7) && access_in_group(a, READ_ONCE(i->gid)))
		return mode >> 3 & 7;
	return mode & 7;
}

static bool overruled(const struct access *a, const struct inode *i, u32 mode, u32 wanted)
{
	bool directory = inode_is(i, S_IFDIR);

	if (access_has(a, CAP_DAC_OVERRIDE) &&
		(directory || !(wanted & ACCESS_EXEC) || (mode & 0111)))
		return true;
	return access_has(a, CAP_DAC_READ_SEARCH) &&
	       (directory ? !(wanted & ACCESS_WRITE) : wanted == ACCESS_READ);
}

static bool belongs_to_tree(const struct inode *i)
{
	return inode_is(i, S_IFREG) || inode_is(i, S_IFDIR) || inode_is(i, S_IFLNK);
}

int access_check(const struct access *a, const struct inode *i, u32 wanted)
{
	if ((wanted & ACCESS_WRITE) && i->readonly && belongs_to_tree(i))
		return -EROFS;
	if ((wanted & ACCESS_WRITE) && i->immutable)
		return -EPERM;
	u32 mode = READ_ONCE(i->mode);

	return !(wanted & ~allowed_by_mode(a, i, mode)) || overruled(a, i, mode, wanted) ? 0
											 : -EACCES;
}

int access_check_create(const struct access *a, const struct dentry *dir)
{
	/* As on Linux, a directory that is gone has no place for names, whatever its bits. */
	if (dir->inode->nlink == 0)
		return -ENOENT;
	/* As Linux says of /proc, where the look for a name that is not there fails. */
	if (dir->inode->ops)
		return -ENOENT;
	return access_check(a, dir->inode, ACCESS_WRITE | ACCESS_EXEC);
}

int access_check_remove(const struct access *a, const struct dentry *d)
{
	const struct inode *dir = d->parent->inode;

	int err = access_check_create(a, d->parent);
	if (err)
		return err;
	bool sticky = READ_ONCE(dir->mode) & S_ISVTX;
	if (sticky && !access_is_owner(a, dir) && !access_is_owner(a, d->inode))
		return -EPERM;
	return 0;
}
