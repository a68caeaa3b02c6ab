/* The initial archive: the VM's first root file system, built in memory. */
#ifndef CLI_INITRD_H
#define CLI_INITRD_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

struct initrd;

/* What is known of one entry that was added. */
struct initrd_entry {
	/* Absolute path. */
	const char *path;
	mode_t mode;
	/* Where a symbolic link points, else NULL. */
	const char *target;
	/* Place and size of a regular file's contents in the archive. */
	size_t offset;
	size_t size;
};

/* Properties of an entry to be added; the type in `mode` says what kind it is. */
struct initrd_attributes {
	mode_t mode;
	uid_t uid;
	gid_t gid;
	time_t mtime;
	dev_t device;
};

/*
 * Each of these ends the command with one line when the archive cannot be built.  Paths are absolute.
 * Adding a path that is already there changes nothing.
 */
struct initrd *initrd_create(void);
void initrd_add_directory(struct initrd *initrd, const char *path, mode_t mode);
void initrd_add_link(struct initrd *initrd, const char *path, const char *target);
void initrd_add_file(struct initrd *initrd, const char *path,
	const struct initrd_attributes *attributes, const void *data, size_t size);
void initrd_add_text(struct initrd *initrd, const char *path, const char *text);
/* A directory, device, pipe or socket with these attributes; `target` for a symbolic link. */
void initrd_add_special(struct initrd *initrd, const char *path,
	const struct initrd_attributes *attributes, const char *target);
/* The directories that lead to `path`, as far as they are missing. */
void initrd_add_parents(struct initrd *initrd, const char *path);

/* Copies the whole of an earlier regular file under another path (a hard link in a tar). */
void initrd_add_copy(struct initrd *initrd, const char *path, const char *earlier);

/* The entry at exactly this path, or NULL. */
const struct initrd_entry *initrd_find(const struct initrd *initrd, const char *path);

/*
 * Follows `path` as the program in the VM would, through directories and symbolic links.
 * 0 or a negative errno value (-ENOENT, -ENOTDIR, -ELOOP).
 */
int initrd_resolve(
	const struct initrd *initrd, const char *path, const struct initrd_entry **entry);

/* Reads contents back into memory that the caller owns. */
void *initrd_read(const struct initrd *initrd, const struct initrd_entry *entry);

/* Ends the archive; no more can be added.  The result is a file descriptor of the whole archive. */
int initrd_finish(struct initrd *initrd, size_t *size);

#endif
