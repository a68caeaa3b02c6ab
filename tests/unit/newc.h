/* Making cpio archives (newc) for tests. */
#ifndef NEWC_H
#define NEWC_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/types.h"

struct newc {
	u8 *bytes;
	size_t size;
};

struct newc_entry {
	const char *name;
	u32 mode;
	const void *data;
	size_t size;
	u32 ino, uid, gid, nlink, mtime, dev_major, dev_minor, rdev_major, rdev_minor;
	const char *magic; /* NULL: 070701 */
	u32 check;
};

static inline void newc_append(struct newc *n, const void *bytes, size_t size)
{
	n->bytes = realloc(n->bytes, n->size + size + 1);
	if (size > 0)
		memcpy(n->bytes + n->size, bytes, size);
	n->size += size;
}

static inline void newc_align(struct newc *n)
{
	while (n->size % 4)
		newc_append(n, "", 1);
}

static inline void newc_add(struct newc *n, struct newc_entry e)
{
	char header[128];

	snprintf(header, sizeof(header), "%s%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		e.magic ? e.magic : "070701", e.ino, e.mode, e.uid, e.gid, e.nlink, e.mtime,
		(u32)e.size, e.dev_major, e.dev_minor, e.rdev_major, e.rdev_minor,
		(u32)strlen(e.name) + 1, e.check);
	newc_append(n, header, 110);
	newc_append(n, e.name, strlen(e.name) + 1);
	newc_align(n);
	newc_append(n, e.data, e.size);
	newc_align(n);
}

/* Fills up, as the command does, so that the contents of a file of that name come next on a page. */
static inline void newc_pad(struct newc *n, const char *name)
{
	static const u8 zeros[4096];
	size_t header = ALIGN_UP(110 + strlen(name) + 1, 4UL);
	size_t pad = ALIGN_UP(110 + sizeof(".airlock/pad"), 4UL);

	newc_add(n, (struct newc_entry){.name = ".airlock/pad",
			    .mode = 0100444,
			    .data = zeros,
			    .size = (8192 - (n->size + pad + header) % 4096) % 4096});
}

static inline void newc_end(struct newc *n)
{
	newc_add(n, (struct newc_entry){.name = "TRAILER!!!"});
}

static inline void newc_free(struct newc *n)
{
	free(n->bytes);
	*n = (struct newc){.bytes = NULL};
}

#endif
