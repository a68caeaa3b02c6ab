/* Calls about descriptors themselves: their table, locks, pipes; and waiting for them. */
#include "files.h"

#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>

static void shut_pair(long result)
{
	(void)result;
	must(SYS_close, pair[0]);
	must(SYS_close, pair[1]);
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
