/* A mounted archive, and a process that looks at it. */
#ifndef MOUNTED_H
#define MOUNTED_H

#include "fs/fs.h"
#include "fs/tree.h"
#include "newc.h"
#include "proc/file.h"
#include "proc/process.h"

/* The running process; root unless the test changes its credentials. NULL files: see mounted_files(). */
extern struct process mounted_process;

/* Mounts the archive, which is put at offset bytes after a page boundary. The result of fs_mount_archive(). */
int mounted_begin(const struct newc *n, size_t offset);
/* Frees the tree and checks that nobody holds a page of the archive. Not after a failed mounted_begin(). */
void mounted_end(void);
struct tree *mounted_tree(void);

/* From here on it is a read-only mount. */
void mounted_make_readonly(void);

/* Makes the test a kernel thread, or the process again. */
void mounted_be_kernel(void);
void mounted_be_process(void);

/* Opens, which must succeed. */
struct file *mounted_open(const char *path, u32 flags);
/* Reads the whole file into a buffer that ends with NUL: the caller's, free(). */
char *mounted_read(const char *path);

#endif
