// summary: every call about the contents of an open file, on every kind of open file that there is
// quick: most
//
// Seen to fail: with those of errno_descriptors.c in 386 cases when they were written, such as pread from the end of a pipe that is to
// write (EBADF, where Linux says ESPIPE).
#include "kinds.h"

#include <linux/falloc.h>
#include <linux/fs.h>

static struct iovec vector[2] = {{buffer, 4}, {buffer + 4, 4}};
#define VECTOR ((unsigned long)vector)

static const struct call calls[] = {
	CALL(read, FD, BUFFER, 8),
	CALL(read, FD, BUFFER, 0),
	CALL(read, FD, 8, 8),
	CALL(write, FD, BUFFER, 8),
	CALL(write, FD, BUFFER, 0),
	CALL(write, FD, 8, 8),
	CALL(pread64, FD, BUFFER, 8, 1),
	CALL(pread64, FD, BUFFER, 8, -1),
	CALL(pread64, FD, BUFFER, 8, INT64_MAX),
	CALL(pwrite64, FD, BUFFER, 8, 1),
	CALL(pwrite64, FD, BUFFER, 8, -1),
	CALL(pwrite64, FD, BUFFER, 8, INT64_MAX),
	CALL(pread64, FD, 8, 8, 1),
	CALL(pwrite64, FD, 8, 8, 1),
	CALL(preadv, FD, 8, 2, 1),
	CALL(pwritev, FD, 8, 2, 1),
	CALL(readv, FD, VECTOR, 2),
	CALL(readv, FD, VECTOR, 1025),
	CALL(readv, FD, 8, 2),
	CALL(writev, FD, VECTOR, 2),
	CALL(writev, FD, VECTOR, 1025),
	CALL(writev, FD, 8, 2),
	CALL(preadv, FD, VECTOR, 2, 1),
	CALL(preadv, FD, VECTOR, 1025, 1),
	CALL(preadv, FD, VECTOR, 2, -1),
	CALL(pwritev, FD, VECTOR, 2, 1),
	CALL(pwritev, FD, VECTOR, 1025, 1),
	CALL(pwritev, FD, VECTOR, 2, -1),
	CALL(preadv2, FD, VECTOR, 2, -1, 0, 0),
	CALL(preadv2, FD, VECTOR, 2, 0, 0, 0x1000000),
	CALL(pwritev2, FD, VECTOR, 2, -1, 0, 0),
	CALL(pwritev2, FD, VECTOR, 2, 0, 0, RWF_DSYNC),
	CALL(pwritev2, FD, VECTOR, 2, 0, 0, 0x1000000),
	CALL(lseek, FD, 3, SEEK_SET),
	CALL(lseek, FD, -1, SEEK_SET),
	CALL(lseek, FD, 0, SEEK_CUR),
	CALL(lseek, FD, -1, SEEK_CUR),
	CALL(lseek, FD, 2, SEEK_DATA),
	CALL(lseek, FD, 2, SEEK_HOLE),
	CALL(lseek, FD, 1000, SEEK_DATA),
	CALL(lseek, FD, 1, SEEK_END),
	CALL(lseek, FD, 0, 9),
	CALL(fsync, FD),
	CALL(fdatasync, FD),
	CALL(syncfs, FD),
	CALL(sync_file_range, FD, 0, 1, 0),
	CALL(sync_file_range, FD, -1, 1, 0),
	CALL(sync_file_range, FD, 0, 1, 0x100),
	CALL(ftruncate, FD, 3),
	CALL(ftruncate, FD, -1),
	CALL(ftruncate, FD, INT64_MAX),
	CALL(fallocate, FD, 0, 0, 5),
	CALL(fallocate, FD, 0, 0, 20),
	CALL(fallocate, FD, 0, 0, 0),
	CALL(fallocate, FD, 0, -1, 5),
	CALL(fallocate, FD, 0, INT64_MAX, 5),
	CALL(fallocate, FD, FALLOC_FL_PUNCH_HOLE, 0, 5),
	CALL(fallocate, FD, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 5),
	CALL(fallocate, FD, FALLOC_FL_COLLAPSE_RANGE, 0, 4096),
	CALL(fallocate, FD, FALLOC_FL_INSERT_RANGE, 0, 4096),
	CALL(fallocate, FD, FALLOC_FL_ZERO_RANGE, 0, 5),
	CALL(fallocate, FD, 0x8000, 0, 5),
	CALL(fadvise64, FD, 0, 0, 0),
	CALL(fadvise64, FD, 0, 0, 77),
	CALL(readahead, FD, 0, 10),
	CALL(getdents64, FD, BUFFER, 1),
	CALL(getdents64, FD, 8, 1000),
	CALL(sendfile, TO, FD, 0, 8),
	CALL(sendfile, TO, FD, AT(&number), 8),
	CALL(sendfile, TO, FD, 8, 8),
	CALL(sendfile, FD, FROM, 0, 8),
	CALL(sendfile, FD, FD, 0, 8),
	CALL(copy_file_range, FD, 0, TO, 0, 4, 0),
	CALL(copy_file_range, FROM, 0, FD, 0, 4, 0),
	CALL(copy_file_range, FD, 0, FD, 0, 4, 0),
	CALL(copy_file_range, FD, 0, TO, 0, 4, 1),
	CALL(copy_file_range, FD, 8, TO, 0, 4, 0),
	CALL(mmap, 0, 4096, PROT_READ, MAP_SHARED, FD, 0),
	CALL(mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, FD, 0),
	CALL(mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, FD, 0),
};

int main(void)
{
	return try_all(calls, sizeof(calls) / sizeof(calls[0]), NULL);
}
