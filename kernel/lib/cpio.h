/*
 * Reading a cpio archive (formats newc and crc, "070701" and "070702") that lies in memory. Nothing is copied: names and
 * contents are pointers into the archive.
 */
#ifndef LIB_CPIO_H
#define LIB_CPIO_H

#include "lib/compiler.h"
#include "lib/types.h"

struct cpio {
	const u8 *archive;
	size_t size;
	size_t offset; /* of the next entry's header; after an error, of the broken one */
};

struct cpio_entry {
	const char *name; /* ends with NUL */
	size_t name_length;
	u32 ino, mode, uid, gid, nlink, mtime;
	u32 dev_major, dev_minor;   /* of the file system that it came from */
	u32 rdev_major, rdev_minor; /* of a device node */
	const void *data;
	size_t size;
};

static inline void cpio_init(struct cpio *c, const void *archive, size_t size)
{
	*c = (struct cpio){.archive = archive, .size = size};
}

/* The next entry: 1; 0 at the trailer; -EINVAL if the archive is broken or ends too early. */
MUST_CHECK int cpio_next(struct cpio *c, struct cpio_entry *out);

#endif
