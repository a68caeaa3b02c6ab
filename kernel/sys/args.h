/*
 * Arguments: descriptors, paths, directories, vectors and times of the calling program. Between the
 * files of sys/.
 */
#ifndef SYS_ARGS_H
#define SYS_ARGS_H

#include <linux/fcntl.h>
#include <linux/time_types.h>

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/file.h"

/* The most that one read or write moves, as in Linux: INT_MAX without the last page's remainder. */
#define RW_MAX 0x7ffff000UL

/* The open file with a reference, or NULL. */
MUST_CHECK struct file *arg_file(u32 fd);
/* The same, also for a descriptor that was opened with O_PATH, which only names a place. */
MUST_CHECK struct file *arg_file_or_place(u32 fd);
/* The same for reading or writing: -EBADF if it was not opened for that. */
MUST_CHECK int arg_file_readable(u32 fd, struct file **out);
MUST_CHECK int arg_file_writable(u32 fd, struct file **out);
bool file_readable(const struct file *f);
bool file_writable(const struct file *f);
/* Where the file is, or a place that is made up for it, with a reference: -EBADF, -ENOMEM. opened_as_place: O_PATH will do. */
MUST_CHECK int arg_place(u32 fd, bool opened_as_place, struct dentry **out);
/* May have an offset of the call's own: as pread(2). */
bool file_may_seek(const struct file *f);

/* A descriptor for a new file, whose reference is taken over in any case: the number, or -errno. */
MUST_CHECK s64 install_file(struct file *f, bool cloexec);
/* Two, whose numbers go to two ints at the address: 0, or -errno, and then neither was ever to be
 * seen. */
MUST_CHECK s64 install_pair(struct file *const files[2], uaddr_t to, bool cloexec);

/*
 * A path and the place it starts at. path_get() gives 0 or -EFAULT, -ENAMETOOLONG, -EBADF, -ENOTDIR,
 * -ENOMEM; after 0 the caller owes a path_put(). An empty path starts at the root, whatever dirfd is.
 */
struct path_arg {
	char *path; /* PATH_MAX bytes; may be empty */
	struct dentry *from;
};
MUST_CHECK int path_get(s32 dirfd, uaddr_t path, struct path_arg *out);
/* The same in two steps: after the first, -EFAULT, -ENAMETOOLONG or -ENOMEM, path_put() is owed, whatever the second gives. */
MUST_CHECK int path_copy(uaddr_t path, struct path_arg *out);
MUST_CHECK int path_start(s32 dirfd, struct path_arg *a);
void path_put(struct path_arg *p);
/*
 * What the path leads to, with a reference. flags: AT_SYMLINK_NOFOLLOW, and AT_EMPTY_PATH, with which
 * an empty path means dirfd itself. path_lookup() is both.
 */
MUST_CHECK int path_find(const struct path_arg *a, s32 dirfd, u32 flags, struct dentry **out);
MUST_CHECK int path_lookup(s32 dirfd, uaddr_t path, u32 flags, struct dentry **out);
/* The working directory, with a reference. */
struct dentry *path_cwd(void);

/* User ranges from an array of struct iovec, all in the program's half and RW_MAX together. After 0
 * the caller owes a vector_put(). -EFAULT, -EINVAL, -ENOMEM. */
struct vector_arg {
	struct iobuf_segment few[8];
	struct iobuf_segment *segments;
	u32 count;
};
MUST_CHECK int vector_get(uaddr_t array, u32 count, struct vector_arg *out);
void vector_put(struct vector_arg *v);

/* A struct timespec as nanoseconds, as many as fit. 0, -EFAULT, -EINVAL. */
MUST_CHECK int timespec_get(uaddr_t from, u64 *ns);
MUST_CHECK int timespec_put(uaddr_t to, u64 ns);
/* seconds and ns together as nanoseconds, as many as fit. */
u64 seconds_plus(u64 seconds, u64 ns);
/* now + ns on the monotonic clock, or WAIT_FOREVER if that is beyond it. A call that is made again
 * after a signal must not count anew: see proc/restart.h. */
u64 deadline_after(u64 ns);

#endif
