// summary: what a call on a file, pipe or terminal has done although its result could not be stored, and what it has not
//
// As sys_effects.c.
//
// Seen to fail: before a pipe kept what was read of a slot in part, and before a truncation to the same size took away what lies
// behind the end.
#include "effects.h"

#include <pty.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>

static void pipes(void)
{
	int ends[2];

	TRY(pipe2, nowhere, 0);
	TRY(pipe2, edge - 4, 0);
	SHOW(pipe2(ends, O_NONBLOCK));
	HOLDS(ends[0] == 3 && ends[1] == 4);
	SHOW(write(ends[1], "0123456789", 10));
	SHOW(read(ends[0], nowhere, 4));
	SHOW(read(ends[0], edge - 3, 5));
	memset(buffer, 0, 20);
	SHOW(read(ends[0], buffer, 20));
	printf("rest '%s'\n", buffer);
	SHOW(write(ends[1], nowhere, 5));
	SHOW(read(ends[0], buffer, 20));
	SHOW(write(ends[1], edge - 3, 5));
	SHOW(read(ends[0], buffer, 20));
	struct iovec two[2] = {{buffer, 4}, {nowhere, 4}};
	SHOW(writev(ends[1], two, 2));
	SHOW(read(ends[0], buffer, 20));
	SHOW(write(ends[1], "0123456789", 10));
	SHOW(readv(ends[0], two, 2));
	SHOW(read(ends[0], buffer, 20));
	TRY(ioctl, ends[0], FIONREAD, nowhere);
	close(ends[0]);
	close(ends[1]);
}

/* -- files -- */

static off_t place(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

/* A call on fd, and where that moved it. */
#define SHOW_PLACE(call)         \
	do {                     \
		SHOW(call);      \
		SHOW(place(fd)); \
	} while (0)

static void files(void)
{
	int fd = memfd_create("one", 0), to = memfd_create("two", 0);
	struct iovec two[2] = {{buffer, 100}, {nowhere, 100}};

	ftruncate(fd, 3 * PAGE);
	SHOW_PLACE(read(fd, nowhere, 10));
	SHOW_PLACE(read(fd, edge - 10, 100));
	SHOW_PLACE(readv(fd, two, 2));
	SHOW_PLACE(write(fd, nowhere, 10));
	SHOW_PLACE(write(fd, edge - 10, 100));
	SHOW_PLACE(writev(fd, two, 2));
	SHOW(pread(fd, edge - 10, 100, 0));
	SHOW(pread(fd, nowhere, 100, 9 * PAGE));
	SHOW(read(fd, edge - 10, 2 * PAGE));
	/* What lies behind the end goes with a truncation that changes nothing else. */
	struct stat st;
	SHOW(fallocate(to, FALLOC_FL_KEEP_SIZE, 0, 2 * PAGE));
	SHOW(fstat(to, &st));
	HOLDS(st.st_size == 0 && st.st_blocks == 16);
	SHOW(ftruncate(to, 0));
	SHOW(fstat(to, &st));
	HOLDS(st.st_size == 0 && st.st_blocks == 0);
	lseek(fd, 0, SEEK_SET);
	TRY(sendfile, to, fd, nowhere, 100);
	SHOW(place(fd));
	SHOW(place(to));
	memset(edge - 64, 0, 64);
	mprotect(edge - PAGE, PAGE, PROT_READ);
	TRY(sendfile, to, fd, edge - 64, 100);
	SHOW(place(fd));
	SHOW(place(to));
	TRY(copy_file_range, fd, edge - 64, to, NULL, 100, 0);
	SHOW(place(fd));
	SHOW(place(to));
	mprotect(edge - PAGE, PAGE, PROT_READ | PROT_WRITE);
	TRY(copy_file_range, fd, nowhere, to, NULL, 100, 0);
	SHOW(place(to));
	close(fd);
	close(to);
}

static void folders(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	TRY(getdents64, fd, nowhere, 4096);
	HOLDS(syscall(SYS_getdents64, fd, edge - 40, 4096) > 0);
	close(fd);
	fd = open("/proc/self/status", O_RDONLY);
	SHOW_PLACE(read(fd, nowhere, 10));
	SHOW_PLACE(read(fd, edge - 10, 100));
	close(fd);
	TRY(getcwd, nowhere, 100);
	TRY(readlink, "/proc/self/exe", nowhere, 100);
}

/* -- terminals -- */

static void terminals(void)
{
	int master = -1, slave = -1;
	struct termios t;

	SHOW(openpty(&master, &slave, NULL, NULL, NULL));
	tcgetattr(slave, &t);
	cfmakeraw(&t);
	tcsetattr(slave, TCSANOW, &t);
	fcntl(slave, F_SETFL, O_NONBLOCK);
	fcntl(master, F_SETFL, O_NONBLOCK);
	TRY(ioctl, slave, TCGETS, nowhere);
	TRY(ioctl, slave, TCSETS, nowhere);
	TRY(ioctl, slave, TIOCGWINSZ, nowhere);
	TRY(ioctl, slave, TIOCSWINSZ, nowhere);
	TRY(ioctl, slave, FIONREAD, nowhere);
	TRY(ioctl, slave, TIOCGPGRP, nowhere);
	SHOW(write(slave, nowhere, 5));
	SHOW(read(master, buffer, 20));
	SHOW(write(master, nowhere, 5));
	SHOW(read(slave, buffer, 20));
	close(master);
	close(slave);
}

int main(void)
{
	make_places();
	pipes();
	files();
	folders();
	terminals();
	return 0;
}
