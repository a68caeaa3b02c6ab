/* What the objects of ipc/ that have no place in a file system answer alike. */
#ifndef IPC_ANON_H
#define IPC_ANON_H

#include "lib/types.h"

struct file;
struct stat;

/* Numbers for objects that have no file system: as st_ino. Any context. */
u64 ipc_next_ino(void);

/* stat(2) of eventfd(2), epoll(7) and their kin: Linux has one inode for them all. A file
 * operation. */
int anon_stat(struct file *f, struct stat *out);
/* lseek(2) is no error and does nothing. A file operation. */
s64 anon_seek(struct file *f, s64 offset, int whence);

#endif
