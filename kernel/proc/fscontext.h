/*
 * What paths are relative to, and what new files may not be: working directory and umask. Shared by
 * the threads of a process, and by processes made with CLONE_FS.
 */
#ifndef PROC_FSCONTEXT_H
#define PROC_FSCONTEXT_H

#include "lib/compiler.h"
#include "lib/refcount.h"
#include "lib/types.h"
#include "sync/spinlock.h"

struct fs_context {
	struct refcount refs;
	struct spinlock lock; /* RANK_FILES */
	char *cwd;	      /* lock: absolute path */
	u32 umask;	      /* lock */
};

/* The path is copied. NULL if memory ran out. */
MUST_CHECK struct fs_context *fs_context_create(const char *cwd, u32 umask);
/* One of its own with the same contents; NULL if memory ran out. */
MUST_CHECK struct fs_context *fs_context_copy(struct fs_context *c);
void fs_context_get(struct fs_context *c);
void fs_context_put(struct fs_context *c);

/* 0, or -ENAMETOOLONG if the path does not fit. */
MUST_CHECK int fs_context_cwd(struct fs_context *c, char *out, size_t size);
/* Takes over a path that kfree() frees. */
void fs_context_set_cwd(struct fs_context *c, char *path);
u32 fs_context_umask(struct fs_context *c);
/* Returns the old one. */
u32 fs_context_set_umask(struct fs_context *c, u32 umask);

#endif
