// summary: every call that takes a descriptor, but for those about contents, on every kind of open file that there is
// quick: most
//
// Seen to fail: see errno_contents.c.
#include "kinds.h"

#include <linux/close_range.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/select.h>

static struct flock read_lock = {.l_type = F_RDLCK}, write_lock = {.l_type = F_WRLCK};
static struct flock strange_lock = {.l_type = 17};
static struct epoll_event readable = {.events = EPOLLIN};
static struct itimerspec later = {.it_value = {1000, 0}};
static struct timespec times[2];
static sigset_t no_signals;
static struct timeval nothing;
static fd_set set_of_one;
static struct pollfd polled = {.fd = FD, .events = POLLIN | POLLOUT};

static const struct call calls[] = {
	CALL(fstat, FD, BUFFER),
	CALL(fstat, FD, 8),
	CALL(newfstatat, FD, AT(""), BUFFER, AT_EMPTY_PATH),
	CALL(newfstatat, FD, AT("x"), BUFFER, 0),
	CALL(statx, FD, AT(""), AT_EMPTY_PATH, STATX_BASIC_STATS, BUFFER),
	CALL(faccessat2, FD, AT(""), R_OK, AT_EMPTY_PATH),
	CALL(faccessat2, FD, AT(""), X_OK, AT_EMPTY_PATH),
	CALL(fstatfs, FD, BUFFER),
	CALL(fstatfs, FD, 8),
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
	CALL(readlinkat, FD, AT(""), BUFFER, 100),
	CALL(openat, FD, AT("x"), O_RDONLY),
	CALL(openat, FD, AT(""), O_RDONLY),
	CALL(linkat, FD, AT(""), AT_FDCWD, AT("file"), AT_EMPTY_PATH),
	CALL(select, FD + 1, AT(&set_of_one), 0, 0, AT(&nothing)),
	CALL(pselect6, FD + 1, AT(&set_of_one), 0, 0, AT(&times[0]), 0),
	CALL(poll, AT(&polled), 1, 0),
};

static void prepare(void)
{
	times[0] = times[1] = (struct timespec){0};
	nothing = (struct timeval){0};
	FD_ZERO(&set_of_one);
	FD_SET(FD, &set_of_one);
}

int main(void)
{
	return try_all(calls, sizeof(calls) / sizeof(calls[0]), prepare);
}
