/*
 * memfd_create(2): regular files that never have a name, and seals, which say what may no longer be done to one.
 *
 * A file's seals are under inode->lock, as all that writes to it, so none of that is half-way when a seal is set; they are only
 * ever added. Mappings are the exception: F_SEAL_WRITE needs that nobody may write through one, and forbids new ones, in one
 * atomic step (page_source_deny_write()).
 *
 * Every other file of the tree is sealed against seals, as on a tmpfs.
 */
#include <linux/fcntl.h>
#include <linux/memfd.h>

#include "fs/fs.h"
#include "fs/mounts.h"
#include "fs/names.h"
#include "fs/opened.h"
#include "fs/walk.h"
#include "lib/errno.h"
#include "lib/string.h"

#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

static struct inode *create_inode(u32 seals)
{
	struct inode_attributes a = {.mode = S_IFREG | 0777};
	struct access access;

	access_current(&access);
	a.uid = access.uid;
	a.gid = access.gid;
	struct inode *i = tree_create_inode(&fs_tree, &a);
	if (i) {
		i->memfd = true;
		i->dev = FS_DEV_MEMFD;
		i->seals = seals;
	}
	return i;
}

int fs_memfd_create(const char *name, bool sealable, struct file **out)
{
	struct inode *i = create_inode(sealable ? 0 : F_SEAL_SEAL);

	if (!i)
		return -ENOMEM;
	mutex_lock(&tree_lock);
	struct dentry *d = dentry_create(walk_root(), name, strlen(name), i);
	mutex_unlock(&tree_lock);
	inode_put(i);
	if (!d)
		return -ENOMEM;
	/* Not counted among the writers: as on Linux, it may be executed while this is open. */
	*out = file_create(&memfd_ops, O_RDWR | O_LARGEFILE, NULL);
	if (*out)
		(*out)->place = d;
	else
		dentry_put(d);
	return *out ? 0 : -ENOMEM;
}

static bool is_sealable_kind(const struct file *f)
{
	return f->place && inode_is(f->place->inode, S_IFREG) && !f->place->inode->ops;
}

s64 fs_file_seals(struct file *f)
{
	if (!is_sealable_kind(f))
		return -EINVAL;
	const struct inode *i = opened_inode(f);
	return i->memfd ? READ_ONCE(i->seals) : F_SEAL_SEAL;
}

static int add_locked(struct inode *i, u32 seals)
{
	if (i->seals & F_SEAL_SEAL)
		return -EPERM;
	if ((seals & F_SEAL_WRITE) && !(i->seals & F_SEAL_WRITE) &&
		!page_source_deny_write(&i->store.source))
		return -EBUSY;
	WRITE_ONCE(i->seals, i->seals | seals);
	return 0;
}

int fs_file_add_seals(struct file *f, u32 seals)
{
	if ((atomic32_load_relaxed(&f->flags) & O_ACCMODE) == O_RDONLY)
		return -EPERM;
	if (seals & ~(u32)ALL_SEALS)
		return -EINVAL;
	if (!is_sealable_kind(f))
		return -EINVAL;
	struct inode *i = opened_inode(f);
	if (!i->memfd)
		return -EPERM;
	mutex_lock(&i->lock);
	int err = add_locked(i, seals);
	mutex_unlock(&i->lock);
	return err;
}

int seals_check_size(const struct inode *i, u64 size)
{
	u64 now = content_size(i);

	if (size < now && (i->seals & F_SEAL_SHRINK))
		return -EPERM;
	return size > now && (i->seals & F_SEAL_GROW) ? -EPERM : 0;
}

bool seals_forbid_write(const struct inode *i)
{
	return READ_ONCE(i->seals) & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
}

/* Linux writes page by page, and finds at each whether it ends behind the file. */
int seals_check_write(const struct inode *i, u64 pos, size_t *n)
{
	u64 size = content_size(i), whole = ALIGN_DOWN(size, PAGE_SIZE);

	if (seals_forbid_write(i))
		return -EPERM;
	if (!(i->seals & F_SEAL_GROW) || (pos <= size && *n <= size - pos))
		return 0;
	if (pos >= whole)
		return -EPERM;
	*n = whole - pos;
	return 0;
}

bool fs_file_write_sealed(struct file *f)
{
	return is_sealable_kind(f) && seals_forbid_write(opened_inode(f));
}
