/* Calls about descriptors: reading, writing, waiting, copying. */
#include "failing.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGES 4096L
static const char file[] = FOLDER "/file", second[] = FOLDER "/second";
static long fd, to;
static long ends[2];
static int *const pair = (int *)buffer;

#define IN (buffer + BUFFER_SIZE)

static void make_empty(void)
{
	fd = must(SYS_open, file, O_RDWR | O_CREAT, 0644);
}

/* Five pages, every other of them a hole. */
static void make_file(void)
{
	make_empty();
	for (int i = 0; i < 5; i += 2)
		must(SYS_pwrite64, fd, IN, PAGES, i * PAGES);
}

static void make_two(void)
{
	make_file();
	to = must(SYS_open, second, O_RDWR | O_CREAT, 0644);
}

static void make_pipe(void)
{
	must(SYS_pipe, pair);
	ends[0] = pair[0];
	ends[1] = pair[1];
	must(SYS_fcntl, ends[1], F_SETFL, O_NONBLOCK);
}

static void make_full_pipe(void)
{
	make_pipe();
	must(SYS_write, ends[1], IN, 3 * PAGES);
}

static void shut(long result)
{
	must(SYS_close, result);
}

static void shut_pair(long result)
{
	(void)result;
	must(SYS_close, pair[0]);
	must(SYS_close, pair[1]);
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

/* -- descriptors -- */

WAY(dup, plain, .undo = shut)
{
	return kernel(SYS_dup, 0);
}
WAY(dup2, plain, .undo = shut)
{
	return kernel(SYS_dup2, 0, 60);
}

/* The table grows at the first time and stays; so each attempt has another place, 40 beyond the last. */
static long place = 100;

static void go_on(long result)
{
	shut(result);
	place *= 2;
}

WAY(dup2, grows, .undo = go_on)
{
	return kernel(SYS_dup2, 0, place);
}
WAY(dup3, grows, .undo = go_on)
{
	return kernel(SYS_dup3, 0, place, O_CLOEXEC);
}
WAY(fcntl, duplicate, .undo = go_on)
{
	return kernel(SYS_fcntl, 0, F_DUPFD_CLOEXEC, place);
}
WAY(fcntl, flags)
{
	return kernel(SYS_fcntl, 0, F_GETFL);
}

static void shrink_pipe(long result)
{
	(void)result;
	must(SYS_fcntl, ends[0], F_SETPIPE_SZ, 65536);
}

WAY(fcntl, pipe_size, .prepare = make_full_pipe, .undo = shrink_pipe)
{
	return kernel(SYS_fcntl, ends[0], F_SETPIPE_SZ, 262144);
}

/* -- locks -- */

#define LOCK_FAILS     \
	{              \
		ENOLCK \
	}

static long lock(int command, short type, long start, long length)
{
	struct flock l = {.l_type = type, .l_start = start, .l_len = length};

	return kernel(SYS_fcntl, fd, command, &l);
}
static void unlock(long result)
{
	(void)result;
	lock(F_SETLK, F_UNLCK, 0, 0);
	lock(F_OFD_SETLK, F_UNLCK, 0, 0);
	must(SYS_flock, fd, LOCK_UN);
}
static void lock_again(long result)
{
	(void)result;
	lock(F_SETLK, F_WRLCK, 0, 100);
}
static void make_locked(void)
{
	make_empty();
	lock_again(0);
}
WAY(flock, first, .prepare = make_empty, .undo = unlock)
{
	return kernel(SYS_flock, fd, LOCK_EX);
}
WAY(fcntl, lock, .prepare = make_empty, .undo = unlock, .errors = LOCK_FAILS)
{
	return lock(F_SETLK, F_WRLCK, 10, 10);
}
WAY(fcntl, lock_of_file, .prepare = make_empty, .undo = unlock, .errors = LOCK_FAILS)
{
	return lock(F_OFD_SETLKW, F_RDLCK, 10, 10);
}
WAY(fcntl, lock_inside, .prepare = make_locked, .undo = lock_again, .errors = LOCK_FAILS)
{
	return lock(F_SETLK, F_RDLCK, 50, 10);
}
WAY(fcntl, unlock_inside, .prepare = make_locked, .undo = lock_again, .errors = LOCK_FAILS)
{
	return lock(F_SETLK, F_UNLCK, 50, 10);
}
WAY(fcntl, unlock_all, .prepare = make_locked, .undo = lock_again,
	.tolerates = "no memory is needed then")
{
	return lock(F_SETLK, F_UNLCK, 0, 0);
}
WAY(fcntl, lock_asked, .prepare = make_locked)
{
	return lock(F_OFD_GETLK, F_RDLCK, 0, 0);
}
WAY(close, plain, .prepare = make_pipe)
{
	return kernel(SYS_close, must(SYS_dup, ends[0]));
}
WAY(close_range, plain)
{
	return kernel(SYS_close_range, 500, 600, 0);
}

/* The table is shared, and gets a copy of its own. */
WAY(close_range, unshare)
{
	return kernel(SYS_close_range, 500, 600, 2);
}
WAY(ioctl, readable, .prepare = make_full_pipe)
{
	return kernel(SYS_ioctl, ends[0], FIONREAD, buffer);
}

#define NO_PIPE                \
	{                      \
		ENOMEM, ENFILE \
	}

WAY(pipe, plain, .undo = shut_pair, .errors = NO_PIPE)
{
	return kernel(SYS_pipe, pair);
}
WAY(pipe2, plain, .undo = shut_pair, .errors = NO_PIPE)
{
	return kernel(SYS_pipe2, pair, O_CLOEXEC);
}
WAY(eventfd, plain, .undo = shut)
{
	return kernel(SYS_eventfd, 1);
}
WAY(eventfd2, plain, .undo = shut)
{
	return kernel(SYS_eventfd2, 1, 0);
}

/* -- waiting -- */

static struct pollfd waits[100];

static void make_waits(void)
{
	make_full_pipe();
	for (int i = 0; i < 100; i++)
		waits[i] = (struct pollfd){.fd = (int)ends[i % 2], .events = POLLIN | POLLOUT};
}

WAY(poll, plain, .prepare = make_waits)
{
	return kernel(SYS_poll, waits, 100, 0);
}
WAY(poll, times_out, .prepare = make_waits)
{
	waits[0].events = 0;
	return kernel(SYS_poll, waits, 1, 1);
}
WAY(ppoll, plain, .prepare = make_waits)
{
	return kernel(SYS_ppoll, waits, 100, NULL, NULL, 8);
}
WAY(select, plain, .prepare = make_full_pipe)
{
	memset(IN, 0, 128);
	IN[ends[0] / 8] = (char)(1 << ends[0] % 8);
	return kernel(SYS_select, 1000, IN, NULL, NULL, NULL);
}
WAY(pselect6, plain, .prepare = make_full_pipe)
{
	memset(IN, 0, 128);
	IN[ends[0] / 8] = (char)(1 << ends[0] % 8);
	return kernel(SYS_pselect6, ends[0] + 1, IN, NULL, NULL, NULL, NULL);
}
