/*
 * What is known about a file besides its contents: reading and changing it.
 *
 * Each attribute is one word, changed under inode->lock and read without (fs/tree.h).
 */
#include <asm/statfs.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/stat.h>

#include "fs/content.h"
#include "fs/fs.h"
#include "fs/mounts.h"
#include "fs/names.h"
#include "fs/opened.h"
#include "lib/errno.h"
#include "lib/string.h"

#define MODE_BITS 07777U

void fs_place_stat(struct dentry *d, struct stat *out)
{
	stat_inode(d->inode, out);
}

/* Can attributes of the file be changed by anybody: 0, -EROFS, -EPERM, -EOPNOTSUPP. */
static int check_change(const struct inode *i, enum file_attribute what)
{
	if (i->readonly)
		return -EROFS;
	if (i->immutable)
		return -EPERM;
	return i->ops && i->ops->may_change ? i->ops->may_change(i, what) : 0;
}

static void tell(struct inode *i, enum file_attribute what)
{
	if (i->ops && i->ops->changed)
		i->ops->changed(i, what);
}

int fs_place_chmod(struct dentry *d, u32 mode)
{
	struct inode *i = d->inode;
	struct access a;

	access_current(&a);
	if (inode_is(i, S_IFLNK))
		return -EOPNOTSUPP;
	mutex_lock(&i->lock);
	int err = check_change(i, FILE_MODE);
	if (!err && !access_is_owner(&a, i))
		err = -EPERM;
	if (!err) {
		mode &= MODE_BITS;
		if (!access_in_group(&a, i->gid) && !access_has(&a, CAP_FSETID))
			mode &= ~(u32)S_ISGID;
		WRITE_ONCE(i->mode, (i->mode & S_IFMT) | mode);
		names_changed(i);
		tell(i, FILE_MODE);
	}
	mutex_unlock(&i->lock);
	return err;
}

/* The owner may give the file to a group of his; only who is privileged may give it away. */
static bool may_chown(const struct access *a, const struct inode *i, u32 uid, u32 gid)
{
	if (access_has(a, CAP_CHOWN) || (uid == UINT32_MAX && gid == UINT32_MAX))
		return true;
	if (a->uid != i->uid || (uid != UINT32_MAX && uid != i->uid))
		return false;
	return gid == UINT32_MAX || gid == i->gid || access_in_group(a, gid);
}

/* The mode after any chown(2): the new owner's rights are not to be lent by accident. */
static u32 mode_given_away(const struct access *a, const struct inode *i)
{
	u32 mode = i->mode;

	if (inode_is(i, S_IFDIR))
		return mode;
	mode &= ~(u32)S_ISUID;
	if ((mode & 010) || (!access_in_group(a, i->gid) && !access_has(a, CAP_FSETID)))
		mode &= ~(u32)S_ISGID;
	return mode;
}

static int set_owner(const struct access *a, struct inode *i, u32 uid, u32 gid)
{
	u32 mode = mode_given_away(a, i);

	bool nothing = uid == UINT32_MAX && gid == UINT32_MAX && mode == i->mode;

	int err = nothing && i->immutable ? 0 : check_change(i, FILE_OWNER);
	if (err)
		return err;
	/* That changes the mode, which only the owner may, even where no owner is given. */
	if (!may_chown(a, i, uid, gid) || (mode != i->mode && !access_is_owner(a, i)))
		return -EPERM;
	if (uid != UINT32_MAX)
		WRITE_ONCE(i->uid, uid);
	if (gid != UINT32_MAX)
		WRITE_ONCE(i->gid, gid);
	WRITE_ONCE(i->mode, mode);
	names_changed(i);
	tell(i, FILE_OWNER);
	return 0;
}

int fs_place_chown(struct dentry *d, u32 uid, u32 gid)
{
	struct inode *i = d->inode;
	struct access a;

	access_current(&a);
	mutex_lock(&i->lock);
	int err = set_owner(&a, i, uid, gid);
	mutex_unlock(&i->lock);
	return err;
}

static s64 chosen_time(s64 wanted, s64 now, s64 before)
{
	if (wanted == FS_TIME_KEEP)
		return before;
	return wanted == FS_TIME_NOW ? now : wanted;
}

int fs_place_set_times(struct dentry *d, s64 atime, s64 mtime, bool explicit)
{
	struct inode *i = d->inode;
	s64 now = tree_now();
	struct access a;

	access_current(&a);
	mutex_lock(&i->lock);
	int err = check_change(i, FILE_TIMES);
	if (!err && !access_is_owner(&a, i))
		err = explicit ? -EPERM : access_check(&a, i, ACCESS_WRITE);
	if (!err) {
		WRITE_ONCE(i->atime, chosen_time(atime, now, i->atime));
		WRITE_ONCE(i->mtime, chosen_time(mtime, now, i->mtime));
		WRITE_ONCE(i->ctime, now);
		tell(i, FILE_TIMES);
	}
	mutex_unlock(&i->lock);
	return err;
}

int fs_place_truncate(struct dentry *d, u64 size)
{
	struct inode *i = d->inode;
	struct access a;

	if (inode_is(i, S_IFDIR))
		return -EISDIR;
	if (!inode_is(i, S_IFREG))
		return -EINVAL;
	access_current(&a);
	int err = access_check(&a, i, ACCESS_WRITE);
	/* What is made up has no size, and takes any that 31 bits can say. */
	if (err || i->ops)
		return err ? err : size > INT32_MAX ? -EFBIG : 0;
	if (!inode_begin_write(i))
		return -ETXTBSY;
	err = inode_truncate(i, size);
	inode_end_write(i);
	return err;
}

int fs_place_access(struct dentry *d, u32 mode, bool real)
{
	struct access a;

	if (mode & ~(ACCESS_READ | ACCESS_WRITE | ACCESS_EXEC))
		return -EINVAL;
	if (real)
		access_current_real(&a);
	else
		access_current(&a);
	/* What is made up is on file systems of which nothing can be executed. */
	if ((mode & ACCESS_EXEC) && d->inode->ops && inode_is(d->inode, S_IFREG))
		return -EACCES;
	return mode ? access_check(&a, d->inode, mode) : 0;
}

int fs_place_enter(struct dentry *d)
{
	struct access a;

	if (!inode_is(d->inode, S_IFDIR))
		return -ENOTDIR;
	access_current(&a);
	return access_check(&a, d->inode, ACCESS_EXEC);
}

/* As mounts_add() names it. */
static long type_of(const struct inode *i)
{
	switch (i->dev) {
	case FS_DEV_PROC:
		return PROC_SUPER_MAGIC;
	case FS_DEV_SYS:
		return SYSFS_MAGIC;
	case FS_DEV_PTS:
		return DEVPTS_SUPER_MAGIC;
	default:
		break;
	}
	if (!i->ops)
		return TMPFS_MAGIC;
	return inode_is(i, S_IFIFO) ? PIPEFS_MAGIC : ANON_INODE_FS_MAGIC;
}

void fs_place_statfs(struct dentry *d, struct statfs *out)
{
	u64 limit = content_limit(), used = content_used();
	bool made_up = d->inode->ops != NULL || d->inode->dev == FS_DEV_PTS;

	*out = (struct statfs){
		.f_type = type_of(d->inode),
		.f_bsize = PAGE_SIZE,
		.f_frsize = PAGE_SIZE,
		.f_namelen = FS_NAME_MAX,
		/* ST_VALID and ST_RELATIME. */
		.f_flags = 0x1020,
	};
	if (d->inode->readonly)
		out->f_flags |= MS_RDONLY;
	if (made_up)
		return;
	out->f_blocks = (long)limit;
	out->f_bfree = out->f_bavail = (long)(limit > used ? limit - used : 0);
	/* Names are made as long as there is memory: about a page for four. */
	out->f_files = (long)limit;
	out->f_ffree = out->f_bfree;
}
