/*
 * Locks on files: flock(2), fcntl(2) F_SETLK and the open-file-description kind. All three live in
 * one structure at the inode, made when the first lock is asked for.
 */
#ifndef FS_LOCK_H
#define FS_LOCK_H

struct inode;

/* Frees the structure; nobody else has the inode, and no lock is held. */
void lock_destroy(struct inode *i);

#endif
