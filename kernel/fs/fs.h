/*
 * Paths and files. Today: one tree in memory, unpacked from the initial archive without copying, readable. The seam
 * for the real file layer is this header: sys/ and init/ call only what stands here.
 */
#ifndef FS_FS_H
#define FS_FS_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/file.h"

/* Builds the tree from the archive in boot_info. 0, -EINVAL (broken; the offset is logged), -ENOMEM. */
MUST_CHECK int fs_mount_archive(void);

/* Paths are NUL-terminated kernel strings; relative ones start at base (an absolute path). Errors as open(2) etc. */
MUST_CHECK int fs_open(const char *base, const char *path, u32 flags, u32 mode, struct file **out);
MUST_CHECK int fs_stat(const char *base, const char *path, bool follow, struct stat *out);
MUST_CHECK int fs_access(const char *base, const char *path, u32 mode, u32 uid, u32 gid);
MUST_CHECK ssize_t fs_readlink(const char *base, const char *path, char *buffer, size_t size);
/* The absolute path, without . and .. and links, of an existing directory. */
MUST_CHECK int fs_resolve_dir(const char *base, const char *path, char *out, size_t size);
/* The path an open file of this layer was opened under; -EBADF for other files. */
MUST_CHECK int fs_file_path(struct file *f, char *out, size_t size);

#endif
