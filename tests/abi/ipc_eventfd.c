// summary: eventfd: counting, semaphores, limits, poll, errors
#include "abi.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

static int events(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT, 0};
	poll(&p, 1, 0);
	return p.revents;
}

static void put(int fd, uint64_t n)
{
	errno = 0;
	ssize_t r = write(fd, &n, 8);
	printf("write %lx: %zd %s, events %x\n", n, r, r < 0 ? error_name(errno) : "", events(fd));
}

static void get(int fd)
{
	uint64_t n = 0;
	errno = 0;
	ssize_t r = read(fd, &n, 8);
	printf("read: %zd %s %lx, events %x\n", r, r < 0 ? error_name(errno) : "", n, events(fd));
}

int main(void)
{
	char many[20];
	struct stat st;
	int fd;
	SHOW_OK(fd = eventfd(3, EFD_NONBLOCK));
	HOLDS(fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == 0);
	HOLDS((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
	get(fd);
	get(fd);
	put(fd, 5);
	put(fd, 7);
	get(fd);
	put(fd, 0);
	get(fd);
	put(fd, UINT64_MAX);
	put(fd, UINT64_MAX - 1);
	put(fd, 1);
	put(fd, 0);
	get(fd);
	put(fd, UINT64_MAX - 2);
	put(fd, 2);
	put(fd, 1);
	get(fd);
	SHOW(write(fd, many, 7));
	SHOW(read(fd, many, 7));
	put(fd, 1);
	SHOW(read(fd, (void *)8, 8));
	get(fd);
	SHOW(write(fd, (void *)8, 8));
	memset(many, 0, sizeof(many));
	many[0] = 9;
	SHOW(write(fd, many, 20));
	SHOW(read(fd, many, 20));
	printf("%d\n", many[0]);
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(pread(fd, many, 8, 0));
	close(fd);
	SHOW_OK(fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC));
	SHOW(fcntl(fd, F_GETFD));
	get(fd);
	get(fd);
	get(fd);
	put(fd, 3);
	get(fd);
	close(fd);
	SHOW(eventfd(0, 0x10));
	SHOW(eventfd(0, -1));
	SHOW_OK(fd = syscall(SYS_eventfd, 4));
	get(fd);
	return 0;
}
