// summary: what calls on files say where there is no room: sizes, positions, pipes, attributes; what is in use; and room made ahead
//
// Seen to fail: when a program's own file could be cut off by O_RDONLY|O_TRUNC, and when room that fallocate had made counted as data.
// quick: most
#include "fsabi.h"
#include "proc.h"

#include <linux/fs.h>
#include <linux/memfd.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/xattr.h>

static char buffer[70000];

/* -- the largest file: SIGXFSZ with each -- */

static int too_large;

static void count_signal(int signal)
{
	too_large++;
}

static void show_signals(void)
{
	printf("signals: %d\n", too_large);
	too_large = 0;
}

static void sizes(void)
{
	struct rlimit before, small = {100, RLIM_INFINITY};
	struct iovec v[2] = {{buffer, 60}, {buffer, 60}};

	signal(SIGXFSZ, count_signal);
	put("from", "as long as twenty...");
	unlink("f");
	int fd = open("f", O_RDWR | O_CREAT, 0600), from = open("from", O_RDONLY);
	getrlimit(RLIMIT_FSIZE, &before);
	SHOW(setrlimit(RLIMIT_FSIZE, &small));
	SHOW(ftruncate(fd, 101));
	SHOW(truncate("f", 101));
	SHOW(fallocate(fd, 0, 90, 11));
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 90, 11));
	show_signals();
	SHOW(ftruncate(fd, 100));
	SHOW(pwrite(fd, buffer, 10, 95));
	SHOW(pwrite(fd, buffer, 10, 100));
	SHOW(pwrite(fd, buffer, 0, 100));
	SHOW(pwritev(fd, v, 2, 0));
	SHOW(pwritev(fd, v, 2, 100));
	SHOW(pwritev2(fd, v, 2, 200, 0));
	SHOW(pwritev2(fd, v, 2, 0, RWF_APPEND));
	show_signals();
	SHOW(lseek(fd, 100, SEEK_SET));
	SHOW(write(fd, buffer, 1));
	SHOW(writev(fd, v, 1));
	SHOW(sendfile(fd, from, NULL, 10));
	SHOW(lseek(from, 0, SEEK_CUR));
	SHOW(copy_file_range(from, NULL, fd, NULL, 10, 0));
	show_signals();
	SHOW(copy_file_range(from, (off64_t[]){0}, fd, (off64_t[]){95}, 10, 0));
	show_signals();
	/* What is longer already may be, and be cut. */
	setrlimit(RLIMIT_FSIZE, &before);
	SHOW(ftruncate(fd, 300));
	SHOW(setrlimit(RLIMIT_FSIZE, &small));
	SHOW(ftruncate(fd, 200));
	SHOW(pwrite(fd, buffer, 10, 150));
	SHOW(fallocate(fd, 0, 0, 200));
	show_signals();
	/* Only regular files have sizes. */
	int ends[2];
	SHOW(pipe(ends));
	SHOW(write(ends[1], buffer, 200));
	close(ends[0]);
	close(ends[1]);
	signal(SIGXFSZ, SIG_IGN);
	SHOW(pwrite(fd, buffer, 10, 150));
	setrlimit(RLIMIT_FSIZE, &before);
	SHOW_CHILD(struct rlimit none = {0, 0}; signal(SIGXFSZ, SIG_DFL);
		   setrlimit(RLIMIT_FSIZE, &none); write(fd, "x", 1));
	close(fd);
	close(from);
}

/* -- positions that can't be said -- */

static void positions(void)
{
	put("f", "f");
	int fd = open("f", O_RDWR), other = open("from", O_RDWR);
	off64_t last = INT64_MAX - 2, zero = 0;

	SHOW(lseek(fd, INT64_MAX, SEEK_SET) == INT64_MAX);
	SHOW(lseek(fd, 1, SEEK_CUR));
	SHOW(read(fd, buffer, 1));
	SHOW(write(fd, "x", 1));
	SHOW(read(fd, buffer, 0));
	SHOW(lseek(fd, -2, SEEK_END));
	SHOW(lseek(fd, INT64_MAX, SEEK_END));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(pread(fd, buffer, 10, last));
	SHOW(pread(fd, buffer, 2, last));
	SHOW(pwrite(fd, buffer, 10, last));
	SHOW(copy_file_range(fd, &last, other, NULL, 10, 0));
	SHOW(copy_file_range(fd, NULL, other, &last, 10, 0));
	SHOW(copy_file_range(fd, (off64_t[]){-1}, other, NULL, 1, 0));
	SHOW(copy_file_range(fd, &zero, fd, &zero, 1, 0));
	SHOW(copy_file_range(fd, &zero, fd, (off64_t[]){1}, 1, 0));
	SHOW(copy_file_range(fd, (off64_t[]){100}, fd, (off64_t[]){100}, 10, 0));
	SHOW(copy_file_range(fd, NULL, other, NULL, 0, 0));
	SHOW(sendfile(other, fd, (off64_t[]){-1}, 1));
	SHOW(sendfile(other, fd, &last, 10));
	SHOW(ftruncate(fd, INT64_MAX));
	SHOW(ftruncate(fd, 0));
	SHOW(truncate("f", -1));
	SHOW(truncate("f", INT64_MAX));
	SHOW(truncate("f", 0));
	SHOW(syscall(SYS_sync_file_range, fd, 1L, INT64_MAX, 0));
	SHOW(syscall(SYS_readahead, fd, INT64_MAX, 10));
	struct flock far = {.l_type = F_RDLCK, .l_start = INT64_MAX, .l_len = 2};
	SHOW(fcntl(fd, F_SETLK, &far));
	far = (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_END, .l_start = INT64_MAX};
	SHOW(fcntl(fd, F_SETLK, &far));
	far = (struct flock){.l_type = F_RDLCK, .l_start = -1};
	SHOW(fcntl(fd, F_SETLK, &far));
	close(fd);
	close(other);
}

/* -- no room -- */

static void room(void)
{
	int full = open("/dev/full", O_RDWR), ends[2];
	struct iovec v = {buffer, 10};

	SHOW(write(full, buffer, 1));
	SHOW(writev(full, &v, 1));
	SHOW(pwrite(full, buffer, 1, 5));
	SHOW(pwritev(full, &v, 1, 5));
	SHOW(write(full, buffer, 0));
	SHOW(pipe2(ends, O_NONBLOCK));
	SHOW(fcntl(ends[1], F_SETPIPE_SZ, 4096));
	SHOW(write(ends[1], buffer, 10000));
	SHOW(write(ends[1], buffer, 1));
	SHOW(writev(ends[1], &v, 1));
	put("from", "text");
	int from = open("from", O_RDONLY);
	SHOW(sendfile(ends[1], from, NULL, 4));
	SHOW(read(ends[0], buffer, sizeof(buffer)));
	SHOW(read(ends[0], buffer, 1));
	SHOW(readv(ends[0], &v, 1));
	SHOW(fcntl(ends[0], F_SETPIPE_SZ, -1));
	SHOW(write(ends[1], buffer, 9000));
	SHOW(fcntl(ends[1], F_SETPIPE_SZ, 65536));
	SHOW(write(ends[1], buffer, 30000));
	SHOW(fcntl(ends[1], F_SETPIPE_SZ, 4096));
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	SHOW(write(ends[1], buffer, 1));
	SHOW(writev(ends[1], &v, 1));
	SHOW(sendfile(ends[1], from, (off64_t[]){0}, 4));
	SHOW(write(ends[1], buffer, 0));
	close(ends[1]);
	int e = eventfd(0, EFD_NONBLOCK);
	uint64_t most = UINT64_MAX - 1, one = 1;
	SHOW(write(e, &most, 8));
	SHOW(write(e, &one, 8));
	most = UINT64_MAX;
	SHOW(write(e, &most, 8));
	SHOW(read(e, buffer, 7));
	SHOW(read(e, buffer, 8));
	SHOW(read(e, buffer, 8));
	close(e);
	close(from);
	close(full);
}

/* -- attributes -- */

static void attributes(void)
{
	static char name[300] = "user.", list[100];

	put("f", "f");
	int fd = open("f", O_RDWR);
	memset(name + 5, 'n', 251);
	SHOW(fsetxattr(fd, name, "v", 1, 0));
	SHOW(fgetxattr(fd, name, list, 10));
	SHOW(fremovexattr(fd, name));
	name[255] = 0;
	SHOW(fgetxattr(fd, name, list, 10));
	SHOW(fremovexattr(fd, name));
	SHOW(setxattr("f", "user.a", buffer, 65537, 0));
	SHOW(lsetxattr("f", "user.a", buffer, 65537, 0));
	SHOW(fsetxattr(fd, "user.a", buffer, 65537, 0));
	SHOW(fsetxattr(fd, "user.a", "12345", 5, XATTR_REPLACE));
	SHOW(fsetxattr(fd, "user.a", "12345", 5, 0));
	SHOW(fsetxattr(fd, "user.a", "12345", 5, XATTR_CREATE));
	SHOW(fsetxattr(fd, "user.a", "12345", 5, 4));
	SHOW(fsetxattr(fd, "user.", "1", 1, 0));
	SHOW(fsetxattr(fd, "", "1", 1, 0));
	SHOW(fsetxattr(fd, "other.a", "1", 1, 0));
	SHOW(fsetxattr(fd, "nothing", "1", 1, 0));
	SHOW(fgetxattr(fd, "other.a", list, 10));
	SHOW(fremovexattr(fd, "other.a"));
	SHOW(fgetxattr(fd, "user.a", list, 4));
	SHOW(getxattr("f", "user.a", list, 4));
	SHOW(lgetxattr("f", "user.a", list, 4));
	SHOW(fgetxattr(fd, "user.a", list, 0));
	SHOW(fgetxattr(fd, "user.a", (char *)8, 10));
	SHOW(fgetxattr(fd, (char *)8, list, 10));
	SHOW(fsetxattr(fd, (char *)8, list, 10, 0));
	SHOW(fsetxattr(fd, "user.b", (char *)8, 10, 0));
	SHOW(fremovexattr(fd, (char *)8));
	SHOW(flistxattr(fd, list, 3));
	SHOW(listxattr("f", list, 3));
	SHOW(llistxattr("f", list, 3));
	SHOW(flistxattr(fd, (char *)8, 100));
	SHOW(flistxattr(fd, list, 0));
	SHOW(removexattr("f", "user.none"));
	SHOW(lremovexattr("f", "user.none"));
	SHOW(fremovexattr(fd, "user.none"));
	SHOW(fremovexattr(fd, "user.a"));
	close(fd);
}

/* -- EBUSY, ETXTBSY, EXDEV, ENXIO -- */

static void in_use(const char *self)
{
	struct iovec v = {buffer, 10};

	SHOW(open(self, O_WRONLY));
	SHOW(open(self, O_RDWR));
	SHOW(open(self, O_RDONLY | O_TRUNC));
	SHOW(syscall(SYS_openat, AT_FDCWD, self, O_WRONLY));
	SHOW(syscall(SYS_creat, self, 0700));
	SHOW(syscall(SYS_open, self, O_WRONLY));
	SHOW(truncate(self, 0));
	SHOW(rmdir("/proc"));
	SHOW(unlink("/proc"));
	SHOW(unlinkat(AT_FDCWD, "/proc", AT_REMOVEDIR));
	SHOW(unlinkat(AT_FDCWD, "/dev/pts", AT_REMOVEDIR));
	SHOW(rmdir("/"));
	SHOW(rename(".", "x"));
	SHOW(renameat(AT_FDCWD, ".", AT_FDCWD, "x"));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "..", AT_FDCWD, "x", 0));
	SHOW(link("/proc/self/status", "x"));
	SHOW(linkat(AT_FDCWD, "/proc/self/status", AT_FDCWD, "x", 0));
	SHOW(rename("/proc/self/status", "x"));
	SHOW(rename("f", "/proc/x"));
	SHOW(renameat(AT_FDCWD, "f", AT_FDCWD, "/proc/x"));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "/proc/x", RENAME_EXCHANGE));
	SHOW(mkdir("/proc/none", 0700));
	SHOW(mknod("/proc/none", S_IFIFO, 0));
	SHOW(symlink("x", "/proc/none"));
	SHOW(creat("/proc/none", 0700));
	SHOW(open("/proc", O_TMPFILE | O_RDWR, 0600));
	SHOW(syscall(SYS_open, "/proc", O_TMPFILE | O_RDWR, 0600));
	SHOW(syscall(SYS_pipe, 8));
	SHOW(unlink("/proc/version"));
	SHOW(rmdir("/proc/self/fd"));
	mkfifo("fifo", 0600);
	SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
	SHOW(syscall(SYS_openat, AT_FDCWD, "fifo", O_WRONLY | O_NONBLOCK));
	int reader = open("fifo", O_RDONLY | O_NONBLOCK);
	SHOW(read(reader, buffer, 1));
	SHOW(preadv(reader, &v, 1, 0));
	SHOW(lseek(reader, 0, SEEK_CUR));
	close(reader);
	int fd = open("f", O_RDWR);
	SHOW(lseek(fd, 1, SEEK_DATA));
	SHOW(lseek(fd, 1, SEEK_HOLE));
	SHOW(lseek(fd, 0, SEEK_HOLE));
	close(fd);
}

/* -- locks that others hold -- */

static void locks(void)
{
	int one = open("f", O_RDWR), two = open("f", O_RDWR), reader = open("f", O_RDONLY),
	    writer = open("f", O_WRONLY);
	struct flock all = {.l_type = F_WRLCK};

	SHOW(flock(one, LOCK_EX));
	SHOW(flock(two, LOCK_EX | LOCK_NB));
	SHOW(flock(two, LOCK_SH | LOCK_NB));
	SHOW(flock(one, LOCK_SH | LOCK_EX));
	SHOW(flock(one, 0));
	SHOW(flock(one, LOCK_UN));
	SHOW(fcntl(reader, F_SETLK, &all));
	all.l_type = F_RDLCK;
	SHOW(fcntl(writer, F_SETLK, &all));
	SHOW(fcntl(writer, F_OFD_SETLK, &all));
	all.l_pid = 5;
	SHOW(fcntl(one, F_OFD_SETLK, &all));
	SHOW(fcntl(one, F_OFD_GETLK, &all));
	all = (struct flock){.l_type = F_WRLCK};
	SHOW(fcntl(one, F_OFD_SETLK, &all));
	SHOW(fcntl(two, F_SETLK, &all));
	SHOW(fcntl(two, F_OFD_SETLK, &all));
	all.l_type = F_UNLCK;
	SHOW(fcntl(two, F_GETLK, &all));
	all.l_whence = 9;
	SHOW(fcntl(two, F_SETLK, &all));
	SHOW(fcntl(one, F_SETLK, NULL));
	SHOW(fcntl(one, F_GETLK, NULL));
	close(one);
	close(two);
	close(reader);
	close(writer);
}

/* -- room that is asked for -- */

static void blocks(const char *what, int fd)
{
	struct stat st;

	fstat(fd, &st);
	printf("%s: size %ld, %ld blocks\n", what, (long)st.st_size, (long)st.st_blocks);
}

static void allocate(void)
{
	int fd = open("room", O_RDWR | O_CREAT | O_TRUNC, 0600);

	SHOW(fallocate(fd, 0, 0, 5 * 4096));
	blocks("allocated", fd);
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, 0, SEEK_HOLE));
	SHOW(pread(fd, buffer, 10, 4096));
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(pwrite(fd, "x", 1, 2 * 4096 + 5));
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, 2 * 4096, SEEK_HOLE));
	char *map = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map[4 * 4096] = 'y';
	SHOW(lseek(fd, 3 * 4096, SEEK_DATA));
	/* More than there can ever be is refused before anything is made. */
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 1L << 60));
	blocks("refused", fd);
	HOLDS(map[2 * 4096 + 5] == 'x' && map[4 * 4096] == 'y');
	munmap(map, 5 * 4096);
	close(fd);
}

int main(int argc, char **argv)
{
	char self[4096];

	if (argc < 1 || !realpath(argv[0], self))
		return 1;
	fsabi_begin();
	sizes();
	positions();
	room();
	attributes();
	in_use(self);
	locks();
	allocate();
	return 0;
}
