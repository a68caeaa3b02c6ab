// summary: pipe2, read, write, poll, FIONREAD, F_SETPIPE_SZ: sizes, atomicity, ends that close, errors
// quick: most
#include "abi.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

static char big[1 << 20];

static int waiting(int fd)
{
	int n = -1;
	ioctl(fd, FIONREAD, &n);
	return n;
}

static int events(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLRDHUP, 0};
	poll(&p, 1, 0);
	return p.revents;
}

/* How many writes of that size fit. */
static void fill(size_t size, int flags)
{
	int p[2], n = 0;
	if (pipe2(p, O_NONBLOCK | flags))
		return;
	ssize_t last;
	while ((last = write(p[1], big, size)) == (ssize_t)size && n < 100000)
		n++;
	printf("%zu, flags %x: %d writes, then %zd %s, %d bytes\n", size, flags, n, last,
		last < 0 ? error_name(errno) : "", waiting(p[0]));
	printf("  events %x %x\n", events(p[0]), events(p[1]));
	/* How much must be read until a write is possible again? */
	int read_so_far = 0;
	while (!(events(p[1]) & POLLOUT) && read(p[0], big, 1) == 1)
		read_so_far++;
	printf("  writable after %d\n", read_so_far);
	close(p[0]);
	close(p[1]);
}

static void flags_and_errors(void)
{
	int p[2];
	struct stat st;
	SHOW(pipe2(p, 0x40000000));
	SHOW(pipe2(p, O_RDWR));
	SHOW(pipe2(p, O_APPEND));
	SHOW(pipe((int *)8));
	SHOW(pipe2((int *)-1L, O_CLOEXEC));
	/* Nothing was left open. */
	SHOW(pipe(p));
	printf("%d %d\n", p[0], p[1]);
	HOLDS((fcntl(p[0], F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == O_RDONLY);
	HOLDS((fcntl(p[1], F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == O_WRONLY);
	SHOW(fcntl(p[0], F_GETFD));
	SHOW(read(p[1], big, 1));
	SHOW(write(p[0], big, 1));
	SHOW(lseek(p[0], 0, SEEK_CUR));
	SHOW(lseek(p[0], 0, 77));
	SHOW(pread(p[0], big, 1, 0));
	SHOW(pwrite(p[1], big, 1, 0));
	SHOW(read(p[0], big, 0));
	SHOW(write(p[1], big, 0));
	SHOW(fsync(p[1]));
	SHOW(ftruncate(p[1], 0));
	SHOW(fchdir(p[0]));
	SHOW(ioctl(p[0], 0x5401, big));
	HOLDS(fstat(p[0], &st) == 0 && S_ISFIFO(st.st_mode) && st.st_size == 0);
	HOLDS((st.st_mode & 07777) == 0600 && st.st_nlink == 1 && st.st_blksize == 4096);
	long ino = (long)st.st_ino;
	HOLDS(fstat(p[1], &st) == 0 && (long)st.st_ino == ino);
	close(p[0]);
	close(p[1]);
	SHOW(pipe2(p, O_CLOEXEC | O_NONBLOCK));
	SHOW(fcntl(p[0], F_GETFD));
	SHOW(fcntl(p[1], F_GETFD));
	HOLDS(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	SHOW(read(p[0], big, 1));
	SHOW(write(p[1], "abc", 3));
	SHOW(waiting(p[0]));
	SHOW(waiting(p[1]));
	SHOW(ioctl(p[0], FIONREAD, 8));
	SHOW(read(p[0], (void *)8, 2));
	SHOW(waiting(p[0]));
	SHOW(write(p[1], (void *)8, 2));
	SHOW(write(p[1], (void *)8, 100000));
	SHOW(waiting(p[0]));
	SHOW(read(p[0], big, 2));
	SHOW(read(p[0], big + 2, 2));
	printf("%.3s\n", big);
	close(p[0]);
	close(p[1]);
}

static void closed_ends(void)
{
	int p[2];
	signal(SIGPIPE, SIG_IGN);
	SHOW(pipe(p));
	printf("%x %x\n", events(p[0]), events(p[1]));
	write(p[1], "xy", 2);
	printf("%x %x\n", events(p[0]), events(p[1]));
	SHOW(close(p[1]));
	printf("%x\n", events(p[0]));
	SHOW(read(p[0], big, 1));
	SHOW(read(p[0], big, 5));
	SHOW(read(p[0], big, 5));
	printf("%x\n", events(p[0]));
	SHOW(close(p[0]));
	SHOW(pipe(p));
	SHOW(close(p[0]));
	printf("%x\n", events(p[1]));
	SHOW(write(p[1], big, 1));
	SHOW(write(p[1], big, 100000));
	SHOW(write(p[1], big, 0));
	SHOW(fcntl(p[1], F_GETPIPE_SZ));
	SHOW(close(p[1]));
	/* A duplicate keeps the end open. */
	SHOW(pipe(p));
	int copy = dup(p[1]);
	close(p[1]);
	printf("%x\n", events(p[0]));
	SHOW(write(copy, "x", 1));
	close(copy);
	SHOW(read(p[0], big, 10));
	SHOW(read(p[0], big, 10));
	close(p[0]);
}

static void sizes(void)
{
	int p[2];
	SHOW(pipe2(p, O_NONBLOCK));
	SHOW(fcntl(p[0], F_GETPIPE_SZ));
	SHOW(fcntl(p[0], F_SETPIPE_SZ, 0));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 1));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 4096));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 4097));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 12288));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 1000000));
	SHOW(fcntl(p[1], F_GETPIPE_SZ));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 1 << 20));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, -1));
	SHOW(write(p[1], big, 1 << 20));
	SHOW(write(p[1], big, 1));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 65536));
	SHOW(read(p[0], big, (1 << 20) - 65536));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 65536));
	SHOW(fcntl(p[1], F_SETPIPE_SZ, 32768));
	SHOW(waiting(p[0]));
	SHOW(write(p[1], big, 1));
	SHOW(read(p[0], big, sizeof(big)));
	SHOW(fcntl(0, F_GETPIPE_SZ) == -2);
	SHOW(fcntl(99, F_GETPIPE_SZ));
	close(p[0]);
	close(p[1]);
}

static void packets(void)
{
	int p[2];
	SHOW(pipe2(p, O_DIRECT | O_NONBLOCK));
	HOLDS(fcntl(p[1], F_GETFL) & O_DIRECT);
	HOLDS(!(fcntl(p[0], F_GETFL) & O_DIRECT));
	SHOW(write(p[1], "hello", 5));
	SHOW(write(p[1], "you", 3));
	SHOW(waiting(p[0]));
	SHOW(read(p[0], big, 2));
	SHOW(waiting(p[0]));
	SHOW(read(p[0], big, 100));
	SHOW(read(p[0], big, 100));
	SHOW(write(p[1], big, 5000));
	SHOW(read(p[0], big, 10000));
	SHOW(read(p[0], big, 10000));
	close(p[0]);
	close(p[1]);
}

static void vectors(void)
{
	int p[2];
	char a[3], b[4];
	SHOW(pipe(p));
	struct iovec out[] = {{"ab", 2}, {"", 0}, {"cdefg", 5}};
	SHOW(writev(p[1], out, 3));
	struct iovec in[] = {{a, 3}, {b, 4}};
	SHOW(readv(p[0], in, 2));
	printf("%.3s %.4s\n", a, b);
	struct iovec half[] = {{"good", 4}, {(void *)8, 4}};
	SHOW(writev(p[1], half, 2));
	SHOW(waiting(p[0]));
	close(p[0]);
	close(p[1]);
}

int main(void)
{
	for (int i = 3; i < 1024; i++)
		close(i);
	flags_and_errors();
	closed_ends();
	sizes();
	packets();
	vectors();
	static const size_t sizes_to_try[] = {
		1, 7, 100, 1000, 3000, 4095, 4096, 4097, 8192, 10000, 65535, 65536, 65537, 100000};
	for (size_t i = 0; i < sizeof(sizes_to_try) / sizeof(sizes_to_try[0]); i++) {
		fill(sizes_to_try[i], 0);
		fill(sizes_to_try[i], O_DIRECT);
	}
	signal(SIGPIPE, SIG_DFL);
	int p[2];
	SHOW(pipe(p));
	close(p[0]);
	fflush(stdout);
	write(p[1], "x", 1);
	printf("not reached\n");
	return 0;
}
