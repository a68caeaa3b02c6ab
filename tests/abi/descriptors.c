// summary: dup, dup2, dup3, fcntl, close: numbers, flags, limits, errors
#include "abi.h"
#include <fcntl.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
	(void)argc;
	/* What the starter left open is none of this test's business. */
	for (int i = 3; i < 1024; i++)
		close(i);
	int fd;
	SHOW(fd = open(argv[0], O_RDONLY));
	SHOW(dup(fd));
	SHOW(dup2(fd, 10));
	SHOW(dup2(fd, fd));
	SHOW(dup2(10, 10));
	SHOW(dup2(99, 99));
	SHOW(dup2(99, 5));
	SHOW(dup2(fd, -1));
	SHOW(dup2(fd, 1 << 30));
	SHOW(dup3(fd, 11, O_CLOEXEC));
	SHOW(dup3(fd, fd, 0));
	SHOW(dup3(fd, 12, 0x40));
	SHOW(dup(99));
	SHOW(dup(-1));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(11, F_GETFD));
	SHOW(fcntl(11, F_SETFD, 0));
	SHOW(fcntl(11, F_GETFD));
	SHOW(fcntl(fd, F_SETFD, FD_CLOEXEC));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(10, F_GETFD));
	SHOW(fcntl(fd, F_DUPFD, 20));
	SHOW(fcntl(fd, F_DUPFD, 20));
	SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 20));
	SHOW(fcntl(22, F_GETFD));
	SHOW(fcntl(fd, F_DUPFD, -1));
	SHOW(fcntl(fd, F_DUPFD, 1 << 30));
	HOLDS((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	SHOW(fcntl(fd, F_SETFL, O_NONBLOCK | O_APPEND));
	HOLDS((fcntl(10, F_GETFL) & (O_NONBLOCK | O_APPEND)) == (O_NONBLOCK | O_APPEND));
	SHOW(fcntl(fd, F_SETFL, 0));
	SHOW(fcntl(fd, 9999));
	SHOW(fcntl(99, F_GETFD));

	/* The position is shared by what was duplicated. */
	char byte;
	SHOW(lseek(fd, 1, SEEK_SET));
	SHOW(read(10, &byte, 1));
	printf("%c\n", byte);
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(close(fd));
	SHOW(close(fd));
	SHOW(read(10, &byte, 1));
	SHOW(close(-1));
	SHOW(close(99));
	/* The lowest free number. */
	SHOW(open(argv[0], O_RDONLY));
	SHOW(open(argv[0], O_RDONLY | O_CLOEXEC));
	SHOW(fcntl(5, F_GETFD));

	struct rlimit limit = {30, 30};
	SHOW(setrlimit(RLIMIT_NOFILE, &limit));
	int count = 0;
	while (dup(3) >= 0)
		count++;
	printf("%d more, then %s\n", count, error_name(errno));
	SHOW(dup2(3, 29));
	SHOW(dup2(3, 30));
	SHOW(open(argv[0], O_RDONLY));
	SHOW(write(3, "x", 1));
	SHOW(read(1000, &byte, 1));
	return 0;
}
