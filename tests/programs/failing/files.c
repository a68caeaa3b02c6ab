/* Calls about a file's contents and extent: reading, writing, copying; and what a folder holds. */
#include "files.h"

#include <string.h>
#include <sys/uio.h>

static const char second[] = FOLDER "/second";
static long to;

static void make_two(void)
{
	make_file();
	to = must(SYS_open, second, O_RDWR | O_CREAT, 0644);
}

/* Empties the files and goes to their beginning. */
static void empty(long result)
{
	(void)result;
	must(SYS_ftruncate, fd, 0);
	must(SYS_lseek, fd, 0, SEEK_SET);
}

static void empty_second(long result)
{
	(void)result;
	must(SYS_ftruncate, to, 0);
	must(SYS_lseek, to, 0, SEEK_SET);
	must(SYS_lseek, fd, 0, SEEK_SET);
}

static void drain(long result)
{
	must(SYS_read, ends[0], buffer, result);
}

static void refill(long result)
{
	must(SYS_write, ends[1], IN, result);
}

/* -- reading and writing -- */

static void rewind_file(long result)
{
	(void)result;
	must(SYS_lseek, fd, 0, SEEK_SET);
}

WAY(read, file, .prepare = make_file, .undo = rewind_file, .tolerates_copy = partly)
{
	return kernel(SYS_read, fd, buffer, 5 * PAGES);
}
WAY(read, pipe, .prepare = make_full_pipe, .undo = refill)
{
	return kernel(SYS_read, ends[0], buffer, 100);
}

static void open_proc(void)
{
	fd = must(SYS_open, "/proc/self/maps", O_RDONLY);
}

static void open_proc_again(long result)
{
	(void)result;
	must(SYS_close, fd);
	open_proc();
}

WAY(read, proc, .prepare = open_proc, .undo = open_proc_again,
	.takes_effect = "the text is made, and kept for the next read")
{
	return kernel(SYS_read, fd, buffer, BUFFER_SIZE);
}

static void open_zero(void)
{
	fd = must(SYS_open, "/dev/zero", O_RDWR);
}

WAY(read, device, .prepare = open_zero, .tolerates_copy = partly)
{
	return kernel(SYS_read, fd, buffer, 2 * PAGES);
}
WAY(pread64, file, .prepare = make_file, .tolerates_copy = partly)
{
	return kernel(SYS_pread64, fd, buffer, 5 * PAGES, 100);
}

static struct iovec segments[40];

static void make_segments(void)
{
	make_file();
	for (int i = 0; i < 40; i++)
		segments[i] =
			(struct iovec){.iov_base = buffer + BUFFER_SIZE + 300 * i, .iov_len = 300};
}

WAY(readv, plain, .prepare = make_segments, .undo = rewind_file, .tolerates_copy = partly)
{
	return kernel(SYS_readv, fd, segments, 40);
}
WAY(preadv, plain, .prepare = make_segments, .tolerates_copy = partly)
{
	return kernel(SYS_preadv, fd, segments, 40, 0, 0);
}
WAY(preadv2, plain, .prepare = make_segments, .tolerates_copy = partly)
{
	return kernel(SYS_preadv2, fd, segments, 40, 0, 0, 0);
}
WAY(write, file, .prepare = make_empty, .undo = empty, .tolerates = partly,
	.tolerates_copy = partly)
{
	return kernel(SYS_write, fd, IN, 4 * PAGES + 10);
}
WAY(write, far, .prepare = make_empty, .undo = empty,
	.takes_effect = "the frame for the bytes stays with the file")
{
	return kernel(SYS_pwrite64, fd, IN, 10, 1L << 35);
}
WAY(write, pipe, .prepare = make_pipe, .undo = drain, .tolerates = partly, .tolerates_copy = partly)
{
	return kernel(SYS_write, ends[1], IN, 3 * PAGES + 10);
}
WAY(write, device, .prepare = open_zero)
{
	return kernel(SYS_write, fd, IN, 100);
}
static void open_stream(void)
{
	fd = 2;
}
WAY(write, stream, .prepare = open_stream, .errors = {ENOMEM, EIO})
{
	return kernel(SYS_write, fd, "", 1);
}
WAY(pwrite64, file, .prepare = make_empty, .undo = empty, .tolerates = partly,
	.tolerates_copy = partly)
{
	return kernel(SYS_pwrite64, fd, IN, 2 * PAGES, 5);
}

static void make_empty_segments(void)
{
	make_segments();
	empty(0);
}

WAY(writev, plain, .prepare = make_empty_segments, .undo = empty, .tolerates = partly,
	.tolerates_copy = partly)
{
	return kernel(SYS_writev, fd, segments, 40);
}
WAY(pwritev, plain, .prepare = make_empty_segments, .undo = empty, .tolerates = partly,
	.tolerates_copy = partly)
{
	return kernel(SYS_pwritev, fd, segments, 40, 0, 0);
}
WAY(pwritev2, plain, .prepare = make_empty_segments, .undo = empty, .tolerates = partly,
	.tolerates_copy = partly)
{
	return kernel(SYS_pwritev2, fd, segments, 40, 0, 0, 0);
}
WAY(lseek, plain, .prepare = make_file)
{
	return kernel(SYS_lseek, fd, 0, SEEK_SET);
}
WAY(lseek, data, .prepare = make_file, .undo = rewind_file)
{
	return kernel(SYS_lseek, fd, PAGES, SEEK_DATA);
}

/* -- between files -- */

WAY(sendfile, file, .prepare = make_two, .undo = empty_second, .tolerates = partly)
{
	return kernel(SYS_sendfile, to, fd, NULL, 5 * PAGES);
}

static void make_file_and_pipe(void)
{
	make_file();
	make_pipe();
}

static void drain_and_rewind(long result)
{
	drain(result);
	rewind_file(result);
}

WAY(sendfile, pipe, .prepare = make_file_and_pipe, .undo = drain_and_rewind, .tolerates = partly)
{
	return kernel(SYS_sendfile, ends[1], fd, NULL, 2 * PAGES);
}
WAY(copy_file_range, plain, .prepare = make_two, .undo = empty_second, .tolerates = partly)
{
	return kernel(SYS_copy_file_range, fd, NULL, to, NULL, 5 * PAGES, 0);
}

/* -- a file's extent -- */

static void refill_file(long result)
{
	empty(result);
	for (int i = 0; i < 5; i += 2)
		must(SYS_pwrite64, fd, IN, PAGES, i * PAGES);
}

WAY(ftruncate, shorter, .prepare = make_file, .undo = refill_file)
{
	return kernel(SYS_ftruncate, fd, PAGES + 10);
}
WAY(ftruncate, longer, .prepare = make_file, .undo = refill_file)
{
	return kernel(SYS_ftruncate, fd, 100 * PAGES);
}
WAY(fallocate, plain, .prepare = make_empty, .undo = empty)
{
	return kernel(SYS_fallocate, fd, 0, 0, PAGES);
}
/* What was made before memory ran out is given back: in an empty file, and between pages that have contents. Seen to fail: without that. */
WAY(fallocate, several, .prepare = make_empty, .undo = empty)
{
	return kernel(SYS_fallocate, fd, 0, 0, 5 * PAGES);
}
WAY(fallocate, between, .prepare = make_file, .undo = refill_file)
{
	return kernel(SYS_fallocate, fd, 1, 0, 9 * PAGES);
}
WAY(fallocate, hole, .prepare = make_file, .undo = refill_file)
{
	return kernel(SYS_fallocate, fd, 3, 100, 3 * PAGES);
}
WAY(fadvise64, plain, .prepare = make_file)
{
	return kernel(SYS_fadvise64, fd, 0, 0, POSIX_FADV_WILLNEED);
}
WAY(readahead, plain, .prepare = make_file)
{
	return kernel(SYS_readahead, fd, 0, PAGES);
}
WAY(fsync, plain, .prepare = make_file)
{
	return kernel(SYS_fsync, fd);
}
WAY(fdatasync, plain, .prepare = make_file)
{
	return kernel(SYS_fdatasync, fd);
}
WAY(syncfs, plain, .prepare = make_file)
{
	return kernel(SYS_syncfs, fd);
}
WAY(sync_file_range, plain, .prepare = make_file)
{
	return kernel(SYS_sync_file_range, fd, 0, 0, 2);
}
WAY(fstat, plain, .prepare = make_file)
{
	return kernel(SYS_fstat, fd, buffer);
}
WAY(fstat, pipe, .prepare = make_pipe)
{
	return kernel(SYS_fstat, ends[0], buffer);
}
WAY(fstatfs, plain, .prepare = make_file)
{
	return kernel(SYS_fstatfs, fd, buffer);
}

static void open_root(void)
{
	fd = must(SYS_open, "/", O_RDONLY | O_DIRECTORY);
}

static void open_proc_folder(void)
{
	fd = must(SYS_open, "/proc/self/fd", O_RDONLY | O_DIRECTORY);
}

WAY(getdents64, plain, .prepare = open_root, .undo = rewind_file, .tolerates_copy = partly)
{
	return kernel(SYS_getdents64, fd, buffer, 8192);
}
WAY(getdents64, proc, .prepare = open_proc_folder, .undo = rewind_file, .tolerates_copy = partly)
{
	return kernel(SYS_getdents64, fd, buffer, 8192);
}
