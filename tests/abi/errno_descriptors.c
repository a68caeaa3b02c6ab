// summary: every call that takes a descriptor, with every kind of open file that there is
// quick: most
//
// Each line: the call, what it was made on, and what came of it. The file is opened anew each time, as number 50.
//
// Seen to fail: in 386 of its cases when it was written, such as pread from the end of a pipe that is to write (EBADF, where Linux says ESPIPE).
#include "fsabi.h"

#include <linux/close_range.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define FD 50
/* The other end of a pipe or terminal. */
#define OTHER 51
/* Files for the calls that take two, and an epoll instance. */
#define FROM 60
#define TO 61
#define EPOLL 62

static int move(int from, int to)
{
	if (from < 0)
		return -1;
	dup2(from, to);
	close(from);
	return to;
}

/* -- kinds of open files -- */

static void none(void)
{
}

static void by_name(void)
{
	move(open("file", O_PATH), FD);
}

static void directory_by_name(void)
{
	move(open("dir", O_PATH), FD);
}

static void link_by_name(void)
{
	move(open("link", O_PATH | O_NOFOLLOW), FD);
}

static void directory(void)
{
	move(open("dir", O_RDONLY | O_DIRECTORY), FD);
}

static void to_read(void)
{
	move(open("file", O_RDONLY), FD);
}

static void to_write(void)
{
	move(open("file", O_WRONLY), FD);
}

static void to_both(void)
{
	move(open("file", O_RDWR), FD);
}

static void to_append(void)
{
	move(open("file", O_RDWR | O_APPEND), FD);
}

static void pipe_ends(int wanted)
{
	int ends[2];

	pipe2(ends, O_NONBLOCK);
	move(ends[!wanted], OTHER);
	move(ends[wanted], FD);
}

static void pipe_to_read(void)
{
	pipe_ends(0);
}

static void pipe_to_write(void)
{
	pipe_ends(1);
}

static void pipe_ended(void)
{
	pipe_ends(0);
	close(OTHER);
}

static void pipe_broken(void)
{
	pipe_ends(1);
	close(OTHER);
}

static void fifo(void)
{
	move(open("fifo", O_RDWR | O_NONBLOCK), FD);
}

static void event(void)
{
	move(eventfd(0, EFD_NONBLOCK), FD);
}

static void epoll(void)
{
	move(epoll_create1(0), FD);
}

static void timer(void)
{
	move(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), FD);
}

static void signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	move(signalfd(-1, &set, SFD_NONBLOCK), FD);
}

static void memory(void)
{
	move(memfd_create("name", MFD_ALLOW_SEALING), FD);
	ftruncate(FD, 10);
}

static void sealed(void)
{
	memory();
	fcntl(FD, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
}

static void null(void)
{
	move(open("/dev/null", O_RDWR), FD);
}

static void zero(void)
{
	move(open("/dev/zero", O_RDWR), FD);
}

static void full(void)
{
	move(open("/dev/full", O_RDWR), FD);
}

static void master(void)
{
	move(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK), FD);
}

static void terminal(void)
{
	int unlock = 0;

	move(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK), OTHER);
	ioctl(OTHER, TIOCSPTLCK, &unlock);
	move(ioctl(OTHER, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK), FD);
}

static void process(void)
{
	move((int)syscall(SYS_pidfd_open, getpid(), 0), FD);
}

static void proc_file(void)
{
	move(open("/proc/self/status", O_RDONLY), FD);
}

static void proc_to_write(void)
{
	move(open("/proc/self/oom_score_adj", O_RDWR), FD);
}

static void proc_directory(void)
{
	move(open("/proc/self", O_RDONLY | O_DIRECTORY), FD);
}

static const struct kind {
	const char *what;
	void (*open)(void);
} kinds[] = {
	{"no descriptor", none},
	{"a file by name", by_name},
	{"a directory by name", directory_by_name},
	{"a link by name", link_by_name},
	{"a directory", directory},
	{"a file to read", to_read},
	{"a file to write", to_write},
	{"a file to read and write", to_both},
	{"a file to append to", to_append},
	{"a pipe to read", pipe_to_read},
	{"a pipe to write", pipe_to_write},
	{"a pipe whose writers are gone", pipe_ended},
	{"a pipe whose readers are gone", pipe_broken},
	{"a FIFO", fifo},
	{"an eventfd", event},
	{"an epoll", epoll},
	{"a timerfd", timer},
	{"a signalfd", signals},
	{"a memfd", memory},
	{"a sealed memfd", sealed},
	{"/dev/null", null},
	{"/dev/zero", zero},
	{"/dev/full", full},
	{"a pty's master", master},
	{"a terminal", terminal},
	{"a pidfd", process},
	{"a file of /proc", proc_file},
	{"a file of /proc to write", proc_to_write},
	{"a directory of /proc", proc_directory},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* -- calls -- */

static char buffer[4096] = "12345678";
static struct iovec vector[2] = {{buffer, 4}, {buffer + 4, 4}};
static struct flock read_lock = {.l_type = F_RDLCK}, write_lock = {.l_type = F_WRLCK};
static struct flock strange_lock = {.l_type = 17};
static struct epoll_event readable = {.events = EPOLLIN};
static struct itimerspec later = {.it_value = {1000, 0}};
static struct timespec times[2];
static sigset_t no_signals;
static int number;
static struct timeval nothing;
static fd_set set_of_one;
static struct pollfd polled = {.fd = FD, .events = POLLIN | POLLOUT};

struct call {
	const char *text;
	long number;
	unsigned long a[6];
};

#define CALL(call, ...)                                 \
	{                                               \
#call "(" #__VA_ARGS__ ")", SYS_##call, \
		{                                       \
			__VA_ARGS__                     \
		}                                       \
	}
#define BUFFER ((unsigned long)buffer)
#define VECTOR ((unsigned long)vector)
#define AT(x) ((unsigned long)(x))

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
	CALL(fstat, FD, BUFFER),
	CALL(fstat, FD, 8),
	CALL(newfstatat, FD, AT(""), BUFFER, AT_EMPTY_PATH),
	CALL(newfstatat, FD, AT("x"), BUFFER, 0),
	CALL(statx, FD, AT(""), AT_EMPTY_PATH, STATX_BASIC_STATS, BUFFER),
	CALL(faccessat2, FD, AT(""), R_OK, AT_EMPTY_PATH),
	CALL(faccessat2, FD, AT(""), X_OK, AT_EMPTY_PATH),
	CALL(fstatfs, FD, BUFFER),
	CALL(fstatfs, FD, 8),
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
	CALL(fchdir, FD),
	CALL(fchmod, FD, 0644),
	CALL(fchown, FD, 0, 0),
	CALL(fchownat, FD, AT(""), 0, 0, AT_EMPTY_PATH),
	CALL(utimensat, FD, 0, AT(times), 0),
	CALL(utimensat, FD, 0, 0, 0),
	CALL(utimensat, FD, AT(""), AT(times), AT_EMPTY_PATH),
	CALL(futimesat, FD, 0, 0),
	CALL(fgetxattr, FD, AT("user.none"), BUFFER, 100),
	CALL(fsetxattr, FD, AT("user.one"), BUFFER, 3, 0),
	CALL(flistxattr, FD, BUFFER, 0),
	CALL(fremovexattr, FD, AT("user.none")),
	CALL(flock, FD, LOCK_EX | LOCK_NB),
	CALL(flock, FD, LOCK_UN),
	CALL(flock, FD, 77),
	CALL(fcntl, FD, F_GETFD),
	CALL(fcntl, FD, F_SETFD, FD_CLOEXEC),
	CALL(fcntl, FD, F_GETFL),
	CALL(fcntl, FD, F_SETFL, O_APPEND),
	CALL(fcntl, FD, F_SETFL, O_DIRECT),
	CALL(fcntl, FD, F_DUPFD, 40),
	CALL(fcntl, FD, F_DUPFD, 1 << 30),
	CALL(fcntl, FD, F_DUPFD_CLOEXEC, 40),
	CALL(fcntl, FD, F_GETLK, AT(&read_lock)),
	CALL(fcntl, FD, F_SETLK, AT(&read_lock)),
	CALL(fcntl, FD, F_SETLK, AT(&write_lock)),
	CALL(fcntl, FD, F_SETLK, AT(&strange_lock)),
	CALL(fcntl, FD, F_SETLK, 8),
	CALL(fcntl, FD, F_OFD_SETLK, AT(&read_lock)),
	CALL(fcntl, FD, F_OFD_SETLK, AT(&write_lock)),
	CALL(fcntl, FD, F_GETOWN),
	CALL(fcntl, FD, F_SETOWN, 0),
	CALL(fcntl, FD, F_SETOWN, 99999999),
	CALL(fcntl, FD, F_GETSIG),
	CALL(fcntl, FD, F_SETSIG, 0),
	CALL(fcntl, FD, F_SETSIG, 99),
	CALL(fcntl, FD, F_GETPIPE_SZ),
	CALL(fcntl, FD, F_SETPIPE_SZ, 8192),
	CALL(fcntl, FD, F_SETPIPE_SZ, 0),
	CALL(fcntl, FD, F_GET_SEALS),
	CALL(fcntl, FD, F_ADD_SEALS, F_SEAL_SHRINK),
	CALL(fcntl, FD, F_ADD_SEALS, 0x1000),
	CALL(fcntl, FD, 7777),
	CALL(ioctl, FD, FIONREAD, BUFFER),
	CALL(ioctl, FD, FIONREAD, 8),
	CALL(ioctl, FD, FIONBIO, AT(&number)),
	CALL(ioctl, FD, FIONBIO, 8),
	CALL(ioctl, FD, FIOCLEX),
	CALL(ioctl, FD, FIONCLEX),
	CALL(ioctl, FD, TCGETS, BUFFER),
	CALL(ioctl, FD, TCGETS, 8),
	CALL(ioctl, FD, TIOCGWINSZ, BUFFER),
	CALL(ioctl, FD, TIOCGPGRP, BUFFER),
	CALL(ioctl, FD, TIOCGSID, BUFFER),
	CALL(ioctl, FD, TIOCSPGRP, 8),
	CALL(ioctl, FD, TIOCSCTTY, 0),
	CALL(ioctl, FD, TIOCNOTTY, 0),
	CALL(ioctl, FD, TIOCGPTN, BUFFER),
	CALL(ioctl, FD, 0xdeadbeef, BUFFER),
	CALL(getdents64, FD, BUFFER, 1),
	CALL(getdents64, FD, 8, 1000),
	CALL(dup, FD),
	CALL(dup2, FD, 55),
	CALL(dup2, FD, FD),
	CALL(dup2, FD, -1),
	CALL(dup2, FD, 1 << 30),
	CALL(dup3, FD, 55, 0),
	CALL(dup3, FD, FD, 0),
	CALL(dup3, FD, 55, 1),
	CALL(close, FD),
	CALL(close_range, FD, FD, CLOSE_RANGE_CLOEXEC),
	CALL(epoll_ctl, EPOLL, EPOLL_CTL_ADD, FD, AT(&readable)),
	CALL(epoll_ctl, EPOLL, EPOLL_CTL_MOD, FD, AT(&readable)),
	CALL(epoll_ctl, EPOLL, EPOLL_CTL_DEL, FD, 0),
	CALL(epoll_ctl, FD, EPOLL_CTL_ADD, OTHER, AT(&readable)),
	CALL(epoll_ctl, FD, EPOLL_CTL_ADD, FD, AT(&readable)),
	CALL(epoll_ctl, FD, EPOLL_CTL_DEL, FROM, 0),
	CALL(epoll_wait, FD, BUFFER, 1, 0),
	CALL(epoll_pwait, FD, BUFFER, 1, 0, 0, 8),
	CALL(epoll_pwait2, FD, BUFFER, 1, AT(&times[0]), 0, 8),
	CALL(timerfd_settime, FD, 0, AT(&later), 0),
	CALL(timerfd_settime, FD, 0, 8, 0),
	CALL(timerfd_settime, FD, 0x80, AT(&later), 0),
	CALL(timerfd_gettime, FD, BUFFER),
	CALL(timerfd_gettime, FD, 8),
	CALL(signalfd, FD, AT(&no_signals), 8),
	CALL(signalfd4, FD, AT(&no_signals), 8, 0),
	CALL(signalfd4, FD, AT(&no_signals), 7, 0),
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
	CALL(readlinkat, FD, AT(""), BUFFER, 100),
	CALL(openat, FD, AT("x"), O_RDONLY),
	CALL(openat, FD, AT(""), O_RDONLY),
	CALL(linkat, FD, AT(""), AT_FDCWD, AT("file"), AT_EMPTY_PATH),
	CALL(select, FD + 1, AT(&set_of_one), 0, 0, AT(&nothing)),
	CALL(pselect6, FD + 1, AT(&set_of_one), 0, 0, AT(&times[0]), 0),
	CALL(poll, AT(&polled), 1, 0),
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static void make_files(void)
{
	chdir(fsabi_place);
	unlink("made");
	unlink("file");
	put("file", "contents of it");
	rmdir("dir");
	mkdir("dir", 0755);
	move(open("from", O_RDONLY), FROM);
	move(open("to", O_RDWR | O_TRUNC), TO);
	move(epoll_create1(0), EPOLL);
	times[0] = times[1] = (struct timespec){0};
	nothing = (struct timeval){0};
	FD_ZERO(&set_of_one);
	FD_SET(FD, &set_of_one);
	number = 0;
}

static void try(const struct call *c, const struct kind *k)
{
	make_files();
	k->open();
	/* The number that a call gives is the lowest, and none of the test's own. */
	const unsigned long *a = c->a;
	errno = 0;
	long result = syscall(c->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (result < 0)
		printf("%s, %s: %s\n", c->text, k->what, error_name(errno));
	else if (result > 1 << 20)
		printf("%s, %s: ok\n", c->text, k->what);
	else
		printf("%s, %s: %ld\n", c->text, k->what, result);
	close_range(3, 100, 0);
}

int main(void)
{
	/* Not in a process that leads a session, which could get a controlling terminal here. */
	pid_t child = fork();
	if (child)
		return child < 0 || waitpid(child, &number, 0) != child || number;
	fsabi_begin();
	signal(SIGPIPE, SIG_IGN);
	put("from", "what is to be copied");
	put("to", "");
	mkfifo("fifo", 0644);
	symlink("file", "link");
	for (size_t i = 0; i < CALLS; i++)
		for (size_t k = 0; k < KINDS; k++)
			try(&calls[i], &kinds[k]);
	return 0;
}
