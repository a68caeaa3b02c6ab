/*
 * Paths and files: one tree in memory, unpacked from the initial archive without copying, and
 * writable. The seam for the real file layer is this header: sys/ and init/ call only what stands
 * here.
 *
 * A place (struct dentry) is what a path leads to and where relative paths start: open files have
 * one, and a process's working directory is one. Permissions are checked with the running process's
 * credentials; kernel threads are root.
 *
 * Paths are NUL-terminated kernel strings; relative ones start at `from`. Errors are those of the
 * system calls. All functions but fs_register_device() are for thread context and may sleep.
 */
#ifndef FS_FS_H
#define FS_FS_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/file.h"

struct dentry;
struct statfs;

/* Builds the tree from the archive in boot_info, and /dev. 0, -EINVAL (broken; the offset is logged), -ENOMEM. Once. */
MUST_CHECK int fs_mount_archive(void);

/* What is at the absolute path and below: read-only, or (within such a part) not. Before the first
 * process. 0, or as path_resolution(7). */
MUST_CHECK int fs_add_volume(const char *path, bool readonly);

/* -- places -- */

/* The real root, with a reference. */
struct dentry *fs_root(void);
/* What the path leads to, with a reference; a last link is followed if asked for. */
MUST_CHECK int fs_lookup(struct dentry *from, const char *path, bool follow, struct dentry **out);
struct dentry *fs_place_get(struct dentry *d);
void fs_place_put(struct dentry *d);
/* Two names of one file. */
bool fs_place_same(const struct dentry *a, const struct dentry *b);
/* The absolute path, without . and .. and links, from the running process's root, or as getcwd(2) tells what is not below that. -ERANGE if it
 * does not fit, -ENOENT if the place has been removed. */
MUST_CHECK int fs_place_path(struct dentry *d, char *out, size_t size);
void fs_place_stat(struct dentry *d, struct stat *out);
/* May the running process search it: 0, -ENOTDIR, -EACCES. For chdir(2). */
MUST_CHECK int fs_place_enter(struct dentry *d);
/* mode is access(2)'s; real: asked with the real ids instead of those of the file system. */
MUST_CHECK int fs_place_access(struct dentry *d, u32 mode, bool real);
/* Bytes put into the buffer, without a NUL. */
MUST_CHECK ssize_t fs_place_readlink(struct dentry *d, char *buffer, size_t size);
MUST_CHECK int fs_place_chmod(struct dentry *d, u32 mode);
/* UINT32_MAX: as it is. */
MUST_CHECK int fs_place_chown(struct dentry *d, u32 uid, u32 gid);
/* Times in ns since 1970, negative before, or one of these; FS_TIME_KEEP: as it is. */
#define FS_TIME_NOW INT64_MAX
#define FS_TIME_KEEP (INT64_MAX - 1)
/* explicit: not just "now" for both, which whoever may write is allowed to say. */
MUST_CHECK int fs_place_set_times(struct dentry *d, s64 atime, s64 mtime, bool explicit);
MUST_CHECK int fs_place_truncate(struct dentry *d, u64 size);
void fs_place_statfs(struct dentry *d, struct statfs *out);
/* The file again, as open(2) of its path would. */
MUST_CHECK int fs_place_open(struct dentry *d, u32 flags, struct file **out);
/* A regular file that the running process may execute, open to be read by the kernel, which the process itself may be forbidden:
 * -EACCES, -ELOOP for a link. */
MUST_CHECK int fs_place_open_exec(struct dentry *d, struct file **out);
/* Extended attributes: xattr(7). Sizes as the calls give them; size 0 asks for the size. */
MUST_CHECK ssize_t fs_place_getxattr(struct dentry *d, const char *name, void *value, size_t size);
MUST_CHECK ssize_t fs_place_listxattr(struct dentry *d, char *list, size_t size);
MUST_CHECK int fs_place_setxattr(
	struct dentry *d, const char *name, const void *value, size_t size, u32 flags);
MUST_CHECK int fs_place_removexattr(struct dentry *d, const char *name);

/* -- paths -- */

/* Are these flags that go together: 0 or -EINVAL. Asked before there is a path, and fs_open_at() relies on it. */
MUST_CHECK int fs_open_check_flags(u32 flags);
/* flags are open(2)'s, with O_CLOEXEC ignored (it is the descriptor's); mode is without the umask's
 * bits already, here and below. */
MUST_CHECK int fs_open_at(
	struct dentry *from, const char *path, u32 flags, u32 mode, struct file **out);
MUST_CHECK int fs_make_directory(struct dentry *from, const char *path, u32 mode);
/* Is it the mode of something that mknod(2) makes: 0, -EPERM of a directory, -EINVAL; asked before there is a path, too. */
MUST_CHECK int fs_make_node_check(u32 mode);
MUST_CHECK int fs_make_node(struct dentry *from, const char *path, u32 mode, u32 major, u32 minor);
MUST_CHECK int fs_make_link(struct dentry *from, const char *path, const char *target);
/* Another name for what has one. */
MUST_CHECK int fs_link(struct dentry *what, struct dentry *from, const char *path);
/* unlink(2), or rmdir(2). */
MUST_CHECK int fs_remove(struct dentry *from, const char *path, bool directory);
/* flags are renameat2(2)'s, of which RENAME_NOREPLACE and RENAME_EXCHANGE are known. */
MUST_CHECK int fs_rename(struct dentry *from, const char *old_path, struct dentry *to,
	const char *new_path, u32 flags);

/* The same for who has a path to start at: base is absolute. */
MUST_CHECK int fs_open(const char *base, const char *path, u32 flags, u32 mode, struct file **out);
MUST_CHECK int fs_stat(const char *base, const char *path, bool follow, struct stat *out);
MUST_CHECK int fs_access(const char *base, const char *path, u32 mode, bool real);
MUST_CHECK ssize_t fs_readlink(const char *base, const char *path, char *buffer, size_t size);
/* The absolute path, without . and .. and links, of an existing directory, or of anything. */
MUST_CHECK int fs_resolve_dir(const char *base, const char *path, char *out, size_t size);
MUST_CHECK int fs_resolve(const char *base, const char *path, char *out, size_t size);

/* -- open files -- */

/* Where it is, with a reference; of a file that has no place one that is made up (fs/placeless.c). NULL if memory ran out. */
MUST_CHECK struct dentry *fs_file_place(struct file *f);
/* The path an open file of this layer was opened under; -EBADF for other files, -ERANGE if it does not fit. */
MUST_CHECK int fs_file_path(struct file *f, char *out, size_t size);
/* May the running process execute it: 0, -EACCES (also for anything but a regular file), -EBADF as above. */
MUST_CHECK int fs_file_may_exec(struct file *f);
/* May it read it? */
bool fs_file_may_read(struct file *f);
/* While a program runs from a file it can't be opened for writing, and the other way round: 0 or
 * -ETXTBSY. */
MUST_CHECK int fs_file_begin_exec(struct file *f);
void fs_file_end_exec(struct file *f);

/* memfd_create(2): an open file without a name; this is what reports call it. */
MUST_CHECK int fs_memfd_create(const char *name, bool sealable, struct file **out);
/* The process whose folder in /proc is open here, with a reference; NULL: it is something else. */
struct process *fs_file_process(const struct file *f);
/* fcntl(2)'s F_GET_SEALS and F_ADD_SEALS. */
s64 fs_file_seals(struct file *f);
MUST_CHECK int fs_file_add_seals(struct file *f, u32 seals);
/* Its seals say that nobody may map it to write from now on. */
bool fs_file_write_sealed(struct file *f);

/*
 * Character devices. A node of that number, opened, becomes a file with these operations. Its private and private2 belong
 * to the device. Operations: stat should be fs_file_stat. Start-up only, before the first process; at most
 * FS_DEVICES_MAX, else -ENOSPC; -EEXIST if the number is taken.
 */
#define FS_DEVICES_MAX 32
MUST_CHECK int fs_register_device(u32 major, u32 minor, const struct file_ops *ops);
/* Several, or one whose opening is more than a file with its operations: open() makes the file. */
MUST_CHECK int fs_register_devices(u32 major, u32 first_minor, u32 last_minor,
	int (*open)(u32 minor, u32 flags, struct file **out));
int fs_file_stat(struct file *f, struct stat *out);

#endif
