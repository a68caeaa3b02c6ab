/* The contents of the root file system, besides the program. */
#ifndef CLI_ROOTFS_H
#define CLI_ROOTFS_H

#include "initrd.h"

/* The few directories, and files in /etc, that programs expect to find anywhere. */
void rootfs_add_directories(struct initrd *initrd);
void rootfs_add_files(struct initrd *initrd);

/*
 * Adds a directory tree of the host, or the contents of a tar (of any kind and compression that
 * libarchive reads).  0, or an exit status after one line.
 */
int rootfs_add(struct initrd *initrd, const char *path);

#endif
