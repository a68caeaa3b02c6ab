/* Permissions (fs/access.h). Linux's order: read-only first, then the bits of the one class that the process is in. */
#include "fs/access.h"

#include "arch/cpu.h"
#include "lib/errno.h"
#include "lib/string.h"

void access_current(struct access *a)
{
	struct thread *t = current_thread();

	*a = (struct access){.uid = 0};
	/* Start-up itself, and kernel threads. */
	if (!t || !t->process)
		return;
	struct process *p = t->process;
	spin_lock(&p->lock);
	a->uid = p->cred.fsuid;
	a->gid = p->cred.fsgid;
	a->group_count = p->cred.group_count;
	memcpy(a->groups, p->cred.groups, sizeof(a->groups));
	spin_unlock(&p->lock);
}

bool access_in_group(const struct access *a, u32 gid)
{
	if (a->gid == gid)
		return true;
	for (u32 i = 0; i < a->group_count; i++)
		if (a->groups[i] == gid)
			return true;
	return false;
}

bool access_is_owner(const struct access *a, const struct inode *i)
{
	return a->uid == 0 || a->uid == READ_ONCE(i->uid);
}

/* mode, uid and gid are words that chmod and chown may change beside this: a check that comes at the
 * same time may see either, as on Linux. */
static u32 allowed(const struct access *a, const struct inode *i)
{
	u32 mode = READ_ONCE(i->mode);

	if (a->uid == 0) {
		bool exec = inode_is(i, S_IFDIR) || (mode & 0111);
		return ACCESS_READ | ACCESS_WRITE | (exec ? ACCESS_EXEC : 0);
	}
	if (a->uid == READ_ONCE(i->uid))
		return mode >> 6 & 7;
	if (access_in_group(a, READ_ONCE(i->gid)))
		return mode >> 3 & 7;
	return mode & 7;
}

static bool belongs_to_tree(const struct inode *i)
{
	return inode_is(i, S_IFREG) || inode_is(i, S_IFDIR) || inode_is(i, S_IFLNK);
}

int access_check(const struct access *a, const struct inode *i, u32 wanted)
{
	if ((wanted & ACCESS_WRITE) && i->readonly && belongs_to_tree(i))
		return -EROFS;
	return wanted & ~allowed(a, i) ? -EACCES : 0;
}

int access_check_create(const struct access *a, const struct dentry *dir)
{
	/* As on Linux, a directory that is gone has no place for names, whatever its bits. */
	if (dir->inode->nlink == 0)
		return -ENOENT;
	int err = access_check(a, dir->inode, ACCESS_WRITE | ACCESS_EXEC);
	if (err)
		return err;
	/* As Linux says of /proc, where a name that is not there can't be made. */
	return dir->inode->ops ? -ENOENT : 0;
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
	return d->inode->mount_point ? -EBUSY : 0;
}
