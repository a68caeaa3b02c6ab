/* /dev/pts: names are made up for each look, as in /proc; the device numbers lead to the terminals. */
#include "fs/pts.h"

#include <linux/major.h>

#include "fs/mounts.h"
#include "fs/names.h"
#include "fs/opened.h"
#include "fs/tree.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"

#define FIRST 2
#define TTY_GROUP 5

static u32 (*next_terminal)(u32 number, u32 *uid) RO_AFTER_INIT;

void pts_set_next(u32 (*next)(u32 number, u32 *uid))
{
	next_terminal = next;
}

struct pts_path pts_path(u32 number)
{
	struct pts_path p;

	format(p.text, sizeof(p.text), "/dev/pts/%u", number);
	return p;
}

static u64 ino_of(u32 number)
{
	return 3 + (u64)number;
}

static struct inode *node(u32 number, u32 uid)
{
	struct inode *i = inode_create(NULL, FS_DEV_PTS, ino_of(number), S_IFCHR | 0620);

	if (!i)
		return NULL;
	i->uid = uid;
	i->gid = TTY_GROUP;
	i->nlink = 1;
	i->rdev_major = UNIX98_PTY_SLAVE_MAJOR;
	i->rdev_minor = number;
	return i;
}

static int lookup(struct dentry *dir, const char *name, size_t length, struct dentry **out)
{
	char own[12];
	u32 uid = 0, number = 0;

	for (size_t i = 0; i < length && number < PTS_MAX; i++)
		number = name[i] >= '0' && name[i] <= '9' ? number * 10 + (u32)(name[i] - '0')
							  : PTS_MAX;
	if (!length || number >= PTS_MAX || !next_terminal || next_terminal(number, &uid) != number)
		return -ENOENT;
	format(own, sizeof(own), "%u", number);
	if (strlen(own) != length)
		return -ENOENT;
	struct inode *i = node(number, uid);
	*out = i ? dentry_create(dir, name, length, i) : NULL;
	if (i)
		inode_put(i);
	return *out ? 0 : -ENOMEM;
}

static int next(struct dentry *dir, u64 pos, struct tree_entry *e)
{
	u32 uid, number = (u32)(pos - FIRST);

	if (!next_terminal || number >= PTS_MAX)
		return 0;
	number = next_terminal(number, &uid);
	if (number >= PTS_MAX)
		return 0;
	*e = (struct tree_entry){
		.ino = ino_of(number), .next = FIRST + (u64)number + 1, .mode = S_IFCHR};
	e->length = (u32)format(e->name, sizeof(e->name), "%u", number);
	return 1;
}

static int open(struct dentry *d, u32 flags, struct file **out)
{
	*out = file_create(&directory_ops, flags, NULL);
	return *out ? 0 : -ENOMEM;
}

static const struct inode_ops folder_ops = {.lookup = lookup, .next = next, .open = open};

struct inode *pts_create_folder(void)
{
	return inode_create(&folder_ops, FS_DEV_PTS, 1, S_IFDIR | 0755);
}
