/*
 * What file systems the tree is made of, and where. They are all mounted before the first program runs, so the list is constant from
 * then on: no lock.
 */
#ifndef FS_MOUNTS_H
#define FS_MOUNTS_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Device numbers (minor) of the file systems, as in st_dev; those of volumes are from FS_DEV_VOLUMES on. */
#define FS_DEV_MEMFD 1 /* of what memfd_create(2) makes; nowhere mounted */
#define FS_DEV_TREE 2
#define FS_DEV_PROC 3
#define FS_DEV_PTS 4
#define FS_DEV_SYS 5
#define FS_DEV_VOLUMES 64

struct fs_mount {
	struct fs_mount *next;
	u32 id, parent; /* the root's parent is itself */
	u32 dev;
	bool readonly;
	const char *type;    /* literal */
	const char *options; /* literal: ",NAME=VALUE" or nothing */
	char path[];	     /* from the real root */
};

/* Start-up; those below come after those above. 0 or -ENOMEM. */
MUST_CHECK int mounts_add(
	const char *path, const char *type, const char *options, u32 dev, bool readonly);
/* There is nothing mounted any more. */
void mounts_forget(void);
/* In the order of mounting; NULL: the first, or there is no other. */
const struct fs_mount *mounts_next(const struct fs_mount *m);
/* The number of the one that has files with this device number; 0: none has. */
u32 mounts_id(u32 dev);

#endif
