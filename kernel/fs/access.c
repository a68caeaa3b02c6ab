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

static bool in_group(const struct access *a, u32 gid)
{
	if (a->gid == gid)
		return true;
	for (u32 i = 0; i < a->group_count; i++)
		if (a->groups[i] == gid)
			return true;
	return false;
}

static u32 allowed(const struct access *a, const struct inode *i)
{
	if (a->uid == 0) {
		bool exec = inode_is(i, S_IFDIR) || (i->mode & 0111);
		return ACCESS_READ | ACCESS_WRITE | (exec ? ACCESS_EXEC : 0);
	}
	if (a->uid == i->uid)
		return i->mode >> 6 & 7;
	if (in_group(a, i->gid))
		return i->mode >> 3 & 7;
	return i->mode & 7;
}

static bool belongs_to_tree(const struct inode *i)
{
	return inode_is(i, S_IFREG) || inode_is(i, S_IFDIR) || inode_is(i, S_IFLNK);
}

int access_check(const struct access *a, const struct inode *i, u32 wanted)
{
	if ((wanted & ACCESS_WRITE) && belongs_to_tree(i))
		return -EROFS;
	return wanted & ~allowed(a, i) ? -EACCES : 0;
}
