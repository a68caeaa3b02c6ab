// summary: calls on descriptors and files that a limit refuses (descriptors, the size of a file) or that a signal ends
// quick: most
//
// Seen to fail: when open(2) made or cut off a file before it looked for a descriptor, and while fallocate() let files that keep their size
// be as large as they like.
#include "epoll.h"
#include "fsabi.h"
#include "proc.h"

#include <linux/close_range.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <utime.h>

static void set_limit(int which, rlim_t n)
{
	struct rlimit r = {n, n};

	if (setrlimit(which, &r))
		printf("limit %d: %s\n", which, error_name(errno));
}

/* -- no more descriptors -- */

static void no_descriptors(void)
{
	unsigned long usr1 = 1UL << (SIGUSR1 - 1);
	int two[2];

	put("file", "text");
	mkfifo("fifo", 0600);
	set_limit(RLIMIT_NOFILE, 4);
	HOLDS(open("file", O_RDONLY) == 3);
	SHOW(syscall(SYS_open, "file", O_RDONLY));
	SHOW(syscall(SYS_open, "nowhere", O_RDONLY));
	SHOW(syscall(SYS_open, "made", O_RDWR | O_CREAT, 0600));
	SHOW(access("made", F_OK));
	SHOW(syscall(SYS_openat, AT_FDCWD, "file", O_PATH));
	SHOW(syscall(SYS_openat, -1, "file", O_RDONLY));
	SHOW(syscall(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600));
	SHOW(syscall(SYS_creat, "made", 0600));
	SHOW(syscall(SYS_creat, "file", 0600));
	struct stat st;
	SHOW(stat("file", &st));
	printf("size %ld\n", (long)st.st_size);
	SHOW(syscall(SYS_dup, 3));
	SHOW(syscall(SYS_dup, 99));
	SHOW(syscall(SYS_dup2, 3, 4));
	SHOW(syscall(SYS_dup2, 3, 3));
	SHOW(syscall(SYS_dup3, 3, 4, 0));
	SHOW(fcntl(3, F_DUPFD, 0));
	SHOW(fcntl(3, F_DUPFD_CLOEXEC, 3));
	SHOW(fcntl(3, F_DUPFD, 4));
	SHOW(syscall(SYS_pipe, two));
	SHOW(syscall(SYS_pipe, 8));
	SHOW(syscall(SYS_pipe2, two, O_NONBLOCK));
	SHOW(syscall(SYS_pipe2, two, 1));
	SHOW(syscall(SYS_epoll_create, 1));
	SHOW(syscall(SYS_epoll_create1, 0));
	SHOW(syscall(SYS_epoll_create1, 1));
	SHOW(syscall(SYS_eventfd, 0));
	SHOW(syscall(SYS_eventfd2, 0, 0));
	SHOW(syscall(SYS_signalfd, -1, &usr1, 8));
	SHOW(syscall(SYS_signalfd4, -1, &usr1, 8, 0));
	SHOW(syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0));
	SHOW(syscall(SYS_memfd_create, "name", 0));
	SHOW(syscall(SYS_memfd_create, "name", 1 << 20));
	/* One is free, a pipe needs two. */
	close(3);
	SHOW(syscall(SYS_pipe, two));
	SHOW(syscall(SYS_open, "file", O_RDONLY));
}

/* A number that somebody's open(2) has, who waits for the other end of a FIFO. */
static void reserved(void)
{
	mkfifo("waits", 0600);
	int next = dup(1);

	close(next);
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		open("waits", O_RDONLY);
		_exit(0);
	}
	/* Who looks has descriptors of its own: it opens files. */
	waitpid(CHILD(until_state(child, 'S')), NULL, 0);
	SHOW(syscall(SYS_dup2, 1, next));
	SHOW(syscall(SYS_dup3, 1, next, O_CLOEXEC));
	SHOW(close(next));
	SHOW(fcntl(next, F_GETFD));
	int after = dup(1);
	HOLDS(after == next + 1);
	/* Not in a copy of the table. */
	SHOW_CHILD(HOLDS(dup(1) == next));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	HOLDS(syscall(SYS_dup2, 1, next) == next);
	SHOW(close(next));
	SHOW(close(after));
}

/* What takes a table of descriptors apart copies it: of more than there may be. */
static void unshared(void)
{
	HOLDS(dup2(1, 50) == 50);
	set_limit(RLIMIT_NOFILE, 20);
	SHOW(syscall(SYS_close_range, 30, 40, CLOSE_RANGE_UNSHARE));
	SHOW(fcntl(50, F_GETFD));
	SHOW(syscall(SYS_close_range, 50, 50, CLOSE_RANGE_UNSHARE));
	SHOW(fcntl(50, F_GETFD));
}

/* -- larger than a file may be -- */

static char bytes[8192];
static const struct iovec pieces[2] = {{bytes, 50}, {bytes, 100}};

static void soft_limit(rlim_t n)
{
	int e = errno;
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){n, RLIM_INFINITY});
	errno = e;
}

/* What is printed may go to a file itself. */
#define LIMITED(limit, call)                                          \
	do {                                                          \
		soft_limit(limit);                                    \
		errno = 0;                                            \
		long limited_result = (long)(call);                   \
		soft_limit(RLIM_INFINITY);                            \
		printf("%s: %ld %s\n", #call, limited_result,         \
			limited_result < 0 ? error_name(errno) : ""); \
	} while (0)

static void large_files(void)
{
	signal(SIGXFSZ, SIG_IGN);
	int fd = open("large", O_RDWR | O_CREAT, 0600), from = open("from", O_RDWR | O_CREAT, 0600);
	off_t at = 100;

	LIMITED(100, write(fd, bytes, 200));
	LIMITED(100, write(fd, bytes, 1));
	LIMITED(100, write(fd, bytes, 0));
	SHOW(lseek(fd, 0, SEEK_SET));
	LIMITED(100, writev(fd, pieces, 2));
	LIMITED(100, writev(fd, pieces, 2));
	LIMITED(100, pwrite(fd, bytes, 10, 95));
	LIMITED(100, pwrite(fd, bytes, 10, 100));
	LIMITED(100, pwrite(fd, bytes, 10, 1L << 40));
	LIMITED(100, syscall(SYS_pwritev, fd, pieces, 2, 90, 0));
	LIMITED(100, syscall(SYS_pwritev, fd, pieces, 2, 100, 0));
	LIMITED(100, syscall(SYS_pwritev2, fd, pieces, 2, 90, 0, 0));
	LIMITED(100, syscall(SYS_pwritev2, fd, pieces, 2, 100, 0, 0));
	LIMITED(100, syscall(SYS_pwritev2, fd, pieces, 2, -1L, 0, 0));
	LIMITED(100, ftruncate(fd, 101));
	LIMITED(100, ftruncate(fd, 100));
	LIMITED(100, truncate("large", 1L << 40));
	LIMITED(100, truncate("large", 101));
	LIMITED(100, fallocate(fd, 0, 0, 101));
	LIMITED(100, fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4096));
	LIMITED(100, fallocate(fd, 0, 1L << 62, 1L << 62));
	LIMITED(100, fallocate(fd, 0, 0, 0));
	LIMITED(100, pwrite(from, bytes, 50, 0));
	lseek(fd, 100, SEEK_SET);
	LIMITED(100, sendfile(fd, from, NULL, 50));
	LIMITED(100, copy_file_range(from, NULL, fd, &at, 50, 0));
	at = 80;
	lseek(from, 0, SEEK_SET);
	LIMITED(100, copy_file_range(from, NULL, fd, &at, 50, 0));
	lseek(fd, 0, SEEK_END);
	struct stat st;
	SHOW(fstat(fd, &st));
	printf("size %ld\n", (long)st.st_size);
	/* It is a limit of files only. */
	int two[2];
	HOLDS(pipe(two) == 0);
	LIMITED(100, write(two[1], bytes, 200));
	int memory = memfd_create("memory", 0);
	LIMITED(100, write(memory, bytes, 200));
	LIMITED(100, ftruncate(memory, 200));
	LIMITED(0, write(fd, bytes, 1));
	LIMITED(0, ftruncate(fd, 0));
	signal(SIGXFSZ, SIG_DFL);
	soft_limit(0);
	SHOW(write(fd, bytes, 1));
}

/* -- a signal -- */

static void nothing(int signal)
{
}

static void interrupted(void)
{
	int in[2], out[2], event = eventfd(0, 0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
	sigset_t usr1;

	sigaction(SIGALRM, &(struct sigaction){.sa_handler = nothing}, NULL);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	int signals = signalfd(-1, &usr1, 0);
	HOLDS(pipe(in) == 0 && pipe(out) == 0);
	fcntl(out[1], F_SETPIPE_SZ, 4096);
	HOLDS(write(out[1], bytes, 4096) == 4096);
	struct iovec v = {bytes, 4096}, empty = {bytes, 0};
	mkfifo("fifo", 0600);
	SHOW(ALARMED(read(in[0], bytes, 1)));
	SHOW(ALARMED(readv(in[0], &v, 1)));
	SHOW(ALARMED(syscall(SYS_preadv2, in[0], &v, 1, -1L, 0, 0)));
	SHOW(ALARMED(write(out[1], bytes, 4096)));
	SHOW(ALARMED(writev(out[1], &v, 1)));
	SHOW(ALARMED(syscall(SYS_pwritev2, out[1], &v, 1, -1L, 0, 0)));
	SHOW(ALARMED(writev(out[1], &empty, 1)));
	SHOW(ALARMED(read(event, bytes, 8)));
	SHOW(ALARMED(read(timer, bytes, 8)));
	SHOW(ALARMED(read(signals, bytes, 128)));
	SHOW(ALARMED(syscall(SYS_open, "fifo", O_RDONLY)));
	SHOW(ALARMED(syscall(SYS_open, "fifo", O_WRONLY)));
	SHOW(ALARMED(syscall(SYS_openat, AT_FDCWD, "fifo", O_RDONLY)));
	SHOW(ALARMED(syscall(SYS_creat, "fifo", 0600)));
	SHOW(ALARMED(sendfile(out[1], open("from", O_RDWR), NULL, 10)));
	fcntl(in[0], F_SETFL, O_NONBLOCK);
	fcntl(out[1], F_SETFL, O_NONBLOCK);
	SHOW(read(in[0], bytes, 1));
	SHOW(readv(in[0], &v, 1));
	SHOW(syscall(SYS_preadv2, in[0], &v, 1, -1L, 0, 0));
	SHOW(write(out[1], bytes, 4096));
	SHOW(writev(out[1], &v, 1));
	SHOW(syscall(SYS_pwritev2, out[1], &v, 1, -1L, 0, 0));
	SHOW(sendfile(out[1], open("from", O_RDWR), &(off_t){0}, 10));
	close(out[0]);
	signal(SIGPIPE, SIG_IGN);
	SHOW(writev(out[1], &v, 1));
	SHOW(syscall(SYS_pwritev2, out[1], &v, 1, -1L, 0, 0));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	fsabi_begin();
	SHOW_CHILD(no_descriptors());
	SHOW_CHILD(unshared());
	reserved();
	SHOW_CHILD(large_files());
	put("from", "something to copy");
	interrupted();
	return 0;
}
