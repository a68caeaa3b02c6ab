/*
 * Mounting: the tree that all paths start in, from the archive that the boot loader left in memory, and /dev.
 *
 * What the archive has wins: a name in /dev is added only if it is free.
 */
#define LOG_SUBSYSTEM "fs"
#include "arch/boot_info.h"
#include "arch/clock.h"
#include "fs/archive.h"
#include "fs/fs.h"
#include "fs/mounts.h"
#include "fs/names.h"
#include "fs/proc.h"
#include "fs/pts.h"
#include "fs/tree.h"
#include "fs/walk.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "trace/log.h"

/* Numbers from Linux's list of devices (its Documentation/admin-guide/devices.txt). */
static const struct {
	const char *name;
	u32 major, minor;
} devices[] = {
	{"null", 1, 3},
	{"zero", 1, 5},
	{"full", 1, 7},
	{"random", 1, 8},
	{"urandom", 1, 9},
	{"tty", 5, 0},
	{"console", 5, 1},
	{"ptmx", 5, 2},
};

static const struct {
	const char *name, *target;
} stream_links[] = {
	{"fd", "/proc/self/fd"},
	{"stdin", "/proc/self/fd/0"},
	{"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},
};

static int add(struct dentry *dir, const char *name, struct inode_attributes *a)
{
	if (tree_lookup(dir, name, strlen(name)))
		return 0;
	struct inode *i = tree_create_inode(&fs_tree, a);
	if (!i)
		return -ENOMEM;
	int err = tree_link(dir, name, strlen(name), i);
	inode_put(i);
	return err;
}

/* The directory, made if it is missing; *out is NULL if the archive has something else of that name. */
static int add_directory(struct dentry *parent, const char *name, u32 mode, struct dentry **out)
{
	struct inode_attributes a = {.mode = S_IFDIR | mode};

	*out = NULL;
	int err = add(parent, name, &a);
	if (err)
		return err;
	struct dentry *d = tree_lookup(parent, name, strlen(name));
	if (inode_is(d->inode, S_IFDIR))
		*out = d;
	return 0;
}

static int add_devices(struct dentry *dev)
{
	int err = 0;

	for (u32 i = 0; i < ARRAY_SIZE(devices) && !err; i++) {
		struct inode_attributes a = {.mode = S_IFCHR | 0666,
			.rdev_major = devices[i].major,
			.rdev_minor = devices[i].minor};
		err = add(dev, devices[i].name, &a);
	}
	return err;
}

static int add_stream_links(struct dentry *dev)
{
	int err = 0;

	for (u32 i = 0; i < ARRAY_SIZE(stream_links) && !err; i++) {
		struct inode_attributes a = {.mode = S_IFLNK | 0777,
			.data = stream_links[i].target,
			.size = strlen(stream_links[i].target)};
		err = add(dev, stream_links[i].name, &a);
	}
	return err;
}

static int mount_pts(struct dentry *dev)
{
	if (tree_lookup(dev, "pts", 3))
		return 0;
	struct inode *i = pts_create_folder();
	if (!i)
		return -ENOMEM;
	i->mount_point = true;
	/* Linking counts its names. */
	i->nlink = 0;
	int err = tree_link(dev, "pts", 3, i);
	inode_put(i);
	return err ? err : mounts_add("/dev/pts", "devpts", ",gid=5,mode=620", FS_DEV_PTS, false);
}

static int populate_dev(void)
{
	struct dentry *dev, *shm;

	int err = add_directory(fs_tree.root, "dev", 0755, &dev);
	if (err || !dev)
		return err;
	err = add_devices(dev);
	if (!err)
		err = add_directory(dev, "shm", 01777, &shm);
	if (!err)
		err = mount_pts(dev);
	if (!err)
		err = add_stream_links(dev);
	return err;
}

static int unpack(void)
{
	size_t offset;
	const char *why;

	if (boot_info.archive_size == 0)
		return 0;
	int err = archive_unpack(
		&fs_tree, direct_map(boot_info.archive), boot_info.archive_size, &offset, &why);
	if (err == -EINVAL)
		log_error("initial archive of %lu bytes, entry at byte %lu: %s",
			boot_info.archive_size, offset, why);
	else if (err)
		log_error("no memory to unpack the initial archive, at byte %lu", offset);
	return err;
}

/* /proc or /sys, in the place of an empty directory, which must be there as for mount(2). */
static int mount_entries(const char *path, const char *type, u32 dev, const struct proc_entry *root)
{
	const char *name = path + 1;
	struct dentry *d = tree_lookup(fs_tree.root, name, strlen(name));

	if (!d || !inode_is(d->inode, S_IFDIR) || d->inode->entry_count > 0)
		return 0;
	struct inode *i = proc_create_inode(root, NULL, -1, dev);
	if (!i)
		return -ENOMEM;
	tree_unlink(d);
	i->mount_point = true;
	/* Linking counts its names. */
	i->nlink = 0;
	int err = tree_link(fs_tree.root, name, strlen(name), i);
	inode_put(i);
	return err ? err : mounts_add(path, type, "", dev, false);
}

/* Needs tree_lock. */
static int build(void)
{
	int err = unpack();

	if (!err)
		err = mounts_add("/", "tmpfs", "", FS_DEV_TREE, false);
	if (!err)
		err = populate_dev();
	if (!err)
		err = mount_entries("/proc", "proc", FS_DEV_PROC, &proc_root_entry);
	return err ? err : mount_entries("/sys", "sysfs", FS_DEV_SYS, &sys_root_entry);
}

static const struct place_ops place_ops = {.get = dentry_get, .put = dentry_put};

int fs_mount_archive(void)
{
	int err = tree_init(&fs_tree);

	if (err)
		return err;
	file_set_place_ops(&place_ops);
	walk_set_tree(&fs_tree);
	mutex_lock(&tree_lock);
	err = build();
	if (err) {
		mounts_forget();
		tree_destroy(&fs_tree);
	}
	mutex_unlock(&tree_lock);
	if (!err)
		log_info("%lu files", fs_tree.last_ino);
	return err;
}
