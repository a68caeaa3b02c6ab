/* Who may do what to a file: the permission bits, with root's exceptions. */
#ifndef FS_ACCESS_H
#define FS_ACCESS_H

#include "fs/tree.h"
#include "proc/process.h"

/* As in access(2), and in the permission bits. */
#define ACCESS_READ 4U
#define ACCESS_WRITE 2U
#define ACCESS_EXEC 1U

struct access {
	u32 uid, gid;
	u32 group_count;
	u32 groups[GROUPS_MAX];
};

/* The running process's credentials for files; a kernel thread is root. Takes the process's lock. */
void access_current(struct access *a);

/*
 * 0, -EROFS for writing to what the tree itself holds (regular files, directories, links), or -EACCES. Root may read and
 * write everything, search every directory, and execute what anybody may execute.
 */
MUST_CHECK int access_check(const struct access *a, const struct inode *i, u32 wanted);

#endif
