/*
 * Paths and files. Today: one tree in memory, unpacked from the initial archive without copying, readable. The seam
 * for the real file layer is this header: sys/ and init/ call only what stands here.
 *
 * The tree is built by fs_mount_archive() before the first process and never changes afterwards, so walking it takes no
 * lock. Whatever would change it is -EROFS. Permissions are checked with the running process's credentials; kernel
 * threads are root.
 *
 * All functions but fs_register_device() are for thread context and may sleep.
 */
#ifndef FS_FS_H
#define FS_FS_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/file.h"

/* Builds the tree from the archive in boot_info, and /dev. 0, -EINVAL (broken; the offset is logged), -ENOMEM. Once. */
MUST_CHECK int fs_mount_archive(void);

/*
 * Paths are NUL-terminated kernel strings; relative ones start at base (an absolute path). Errors as open(2) etc.
 *
 * flags are open(2)'s, with O_CLOEXEC ignored (it is the descriptor's). Opening /dev/fd/N, /dev/stdin and so on gives
 * a new reference to the file with that descriptor, or, for a file of this layer, a new open file.
 */
MUST_CHECK int fs_open(const char *base, const char *path, u32 flags, u32 mode, struct file **out);
MUST_CHECK int fs_stat(const char *base, const char *path, bool follow, struct stat *out);
/* mode is access(2)'s; uid and gid are the ones to check with, 0 is root. */
MUST_CHECK int fs_access(const char *base, const char *path, u32 mode, u32 uid, u32 gid);
/* Bytes put into the buffer, without a NUL. */
MUST_CHECK ssize_t fs_readlink(const char *base, const char *path, char *buffer, size_t size);
/* The absolute path, without . and .. and links, of an existing directory. -ERANGE if it does not fit. */
MUST_CHECK int fs_resolve_dir(const char *base, const char *path, char *out, size_t size);
/* The same of anything that exists. A last link is followed. */
MUST_CHECK int fs_resolve(const char *base, const char *path, char *out, size_t size);
/* The path an open file of this layer was opened under; -EBADF for other files, -ERANGE if it does not fit. */
MUST_CHECK int fs_file_path(struct file *f, char *out, size_t size);
/* May the running process execute it: 0, -EACCES (also for anything but a regular file), -EBADF as above. */
MUST_CHECK int fs_file_may_exec(struct file *f);

/*
 * Character devices. A node of that number, opened, becomes a file with these operations. Its private and private2 belong
 * to this layer; the operations are the device's own, except that stat should be fs_file_stat, and no file of another
 * origin may have them: they are how a file of this layer is known. Start-up only, before the first process; at most
 * FS_DEVICES_MAX, else -ENOSPC; -EEXIST if the number is taken.
 */
#define FS_DEVICES_MAX 16
MUST_CHECK int fs_register_device(u32 major, u32 minor, const struct file_ops *ops);
int fs_file_stat(struct file *f, struct stat *out);

#endif
