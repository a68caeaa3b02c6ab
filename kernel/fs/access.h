/* Who may do what to a file: the permission bits, and the capabilities that overrule them. */
#ifndef FS_ACCESS_H
#define FS_ACCESS_H

#include "fs/tree.h"
#include "proc/process.h"

/* As in access(2), and in the permission bits. */
#define ACCESS_READ 4U
#define ACCESS_WRITE 2U
#define ACCESS_EXEC 1U

struct access {
	u32 uid, gid;		 /* those of the file system */
	u64 effective;		 /* capabilities */
	struct process *process; /* for its groups; NULL: none */
};

/* The running process's credentials for files; a kernel thread is root. Takes the process's lock. */
void access_current(struct access *a);
/* The same for the real ids, as access(2) asks. */
void access_current_real(struct access *a);

static inline bool access_has(const struct access *a, u32 capability)
{
	return a->effective & BIT(capability);
}

/*
 * 0, -EROFS for writing to a file, directory or link of a read-only part, or -EACCES. Root, who has the capabilities, may read
 * and write everything, search every directory, and execute what anybody may execute.
 */
MUST_CHECK int access_check(const struct access *a, const struct inode *i, u32 wanted);

/* The file's owner, or who may do what owners may: change its attributes. */
bool access_is_owner(const struct access *a, const struct inode *i);
bool access_in_group(const struct access *a, u32 gid);

/* May a name be made in the directory: 0, -EROFS, -EACCES, -ENOENT (it is gone, or not in
 * memory). */
MUST_CHECK int access_check_create(const struct access *a, const struct dentry *dir);
/* May the name be taken away, also with regard to the sticky bit: the same, and -EPERM, -EBUSY. */
MUST_CHECK int access_check_remove(const struct access *a, const struct dentry *d);

#endif
