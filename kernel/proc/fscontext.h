/*
 * What paths are relative to, and what new files may not be: working directory, root and umask.
 * Shared by the threads of a process, and by processes made with CLONE_FS.
 *
 * Places are fs/'s (struct dentry); here they are only held.
 */
#ifndef PROC_FSCONTEXT_H
#define PROC_FSCONTEXT_H

#include "lib/compiler.h"
#include "lib/refcount.h"
#include "lib/types.h"
#include "sync/spinlock.h"

struct dentry;

struct fs_context {
	struct refcount refs;
	struct spinlock lock; /* RANK_FILES */
	struct dentry *cwd;   /* lock: with a reference; NULL: the root */
	struct dentry *root;  /* lock: of chroot(2), with a reference; NULL: the real one */
	u32 umask;	      /* lock */
};

/* Takes references of its own. NULL if memory ran out. */
MUST_CHECK struct fs_context *fs_context_create(struct dentry *cwd, struct dentry *root, u32 umask);
/* One of its own with the same contents; NULL if memory ran out. */
MUST_CHECK struct fs_context *fs_context_copy(struct fs_context *c);
void fs_context_get(struct fs_context *c);
void fs_context_put(struct fs_context *c);

/* With a reference, or NULL. */
struct dentry *fs_context_cwd(struct fs_context *c);
struct dentry *fs_context_root(struct fs_context *c);
/* The reference is taken over. */
void fs_context_set_cwd(struct fs_context *c, struct dentry *cwd);
void fs_context_set_root(struct fs_context *c, struct dentry *root);
u32 fs_context_umask(struct fs_context *c);
/* Returns the old one. */
u32 fs_context_set_umask(struct fs_context *c, u32 umask);

#endif
