/* What the objects of ipc/ that have no place in a file system answer alike (ipc/anon.h). */
#include "ipc/anon.h"

#include <asm/stat.h>

#include "lib/atomic.h"
#include "proc/file.h"

/* What stat(2) says they live on. */
#define ANON_DEVICE 0x0eUL

/* 1 is the inode that those without one of their own share. */
static atomic64_t last_ino = {.v = 1};

u64 ipc_next_ino(void)
{
	return atomic64_fetch_add(&last_ino, 1) + 1;
}

s64 anon_seek(struct file *f, s64 offset, int whence)
{
	return 0;
}

int anon_stat(struct file *f, struct stat *out)
{
	*out = (struct stat){
		.st_dev = ANON_DEVICE,
		.st_ino = 1,
		.st_nlink = 1,
		.st_mode = 0600,
		.st_blksize = PAGE_SIZE,
	};
	return 0;
}
