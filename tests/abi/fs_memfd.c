// summary: memfd_create and seals: names, flags, what each seal forbids, mappings, fork, exec
//
// Seen to fail: with seals looked at in write and truncate alone, and with mappings counted when they are made but not when an
// area is split.
#include "fsabi.h"
#include <linux/memfd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define RW (PROT_READ | PROT_WRITE)
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 16
#endif

static int make(unsigned flags)
{
	return (int)syscall(SYS_memfd_create, "name", flags);
}

static int filled(unsigned flags)
{
	int fd = make(flags);

	if (ftruncate(fd, 8192) || pwrite(fd, "contents", 8, 100) != 8)
		printf("can't fill: %s\n", error_name(errno));
	return fd;
}

static void creating(void)
{
	static char name[300];
	struct stat st;
	int fd;

	SHOW_OK(fd = (int)syscall(SYS_memfd_create, "", 0));
	close(fd);
	SHOW(syscall(SYS_memfd_create, NULL, 0));
	SHOW(syscall(SYS_memfd_create, (char *)-4096L, 0));
	SHOW(syscall(SYS_memfd_create, "x", 0x80));
	SHOW(syscall(SYS_memfd_create, "x", 0x4000000));
	SHOW(syscall(SYS_memfd_create, NULL, 0x80));
	SHOW(syscall(SYS_memfd_create, NULL, MFD_ALLOW_SEALING));
	for (int length = 247; length < 253; length++) {
		memset(name, 'a', sizeof(name));
		name[length] = '\0';
		fd = (int)syscall(SYS_memfd_create, name, 0);
		printf("a name of %d: %s\n", length, fd < 0 ? error_name(errno) : "ok");
		if (fd >= 0)
			close(fd);
	}
	fd = make(0);
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fd, F_GETFL) & ~0100000);
	SHOW(fcntl(fd, F_GET_SEALS));
	HOLDS(fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 0 && st.st_size == 0);
	SHOW(st.st_mode);
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(write(fd, "hello", 5));
	SHOW(lseek(fd, 1, SEEK_SET));
	char text[10] = {0};
	SHOW(read(fd, text, 10));
	HOLDS(strcmp(text, "ello") == 0);
	SHOW(fchmod(fd, 0600));
	SHOW(fallocate(fd, 0, 0, 10000));
	SHOW(ftruncate(fd, 3));
	HOLDS(fstat(fd, &st) == 0 && st.st_size == 3);
	int other = make(MFD_CLOEXEC | MFD_ALLOW_SEALING);
	SHOW(fcntl(other, F_GETFD));
	SHOW(fcntl(other, F_GET_SEALS));
	struct stat st2;
	HOLDS(fstat(other, &st2) == 0 && st.st_ino != st2.st_ino && st.st_dev == st2.st_dev);
	close(fd);
	close(other);
}

static void adding(void)
{
	int fd = make(MFD_ALLOW_SEALING), plain = make(0);
	char path[64];

	SHOW(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(plain, F_ADD_SEALS, 0));
	SHOW(fcntl(plain, F_ADD_SEALS, 0x1000));
	SHOW(fcntl(fd, F_ADD_SEALS, 0));
	SHOW(fcntl(fd, F_ADD_SEALS, 0x1000));
	SHOW(fcntl(fd, F_ADD_SEALS, 0x100000000L));
	SHOW(fcntl(fd, F_ADD_SEALS, -1L));
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK));
	SHOW(fcntl(fd, F_GET_SEALS));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int reader = open(path, O_RDONLY);
	SHOW(fcntl(reader, F_GET_SEALS));
	SHOW(fcntl(reader, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(reader, F_ADD_SEALS, 0x1000));
	SHOW(write(reader, "x", 1));
	close(reader);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(fd, F_ADD_SEALS, 0));
	SHOW(fcntl(fd, F_GET_SEALS));
	close(fd);
	close(plain);
	put("file", "on a tmpfs");
	fd = open("file", O_RDWR);
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	close(fd);
	fd = open(".", O_RDONLY);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	close(fd);
	int pair[2];
	HOLDS(pipe(pair) == 0);
	SHOW(fcntl(pair[0], F_GET_SEALS));
	SHOW(fcntl(pair[1], F_GET_SEALS));
	SHOW(fcntl(pair[0], F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(pair[1], F_ADD_SEALS, F_SEAL_WRITE));
	close(pair[0]);
	close(pair[1]);
	fd = open("/dev/null", O_RDWR);
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	close(fd);
	fd = open("file", O_PATH);
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(fcntl(-1, F_GET_SEALS));
	close(fd);
}

static const char *map(int fd, int prot, int flags)
{
	void *p = mmap(NULL, 8192, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		return error_name(errno);
	munmap(p, 8192);
	return "ok";
}

static int reopened(int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int again = open(path, flags);
	if (again < 0)
		return -1;
	close(again);
	return 0;
}

/* Everything that one of them may forbid. */
static void sealed(const char *name, int seals)
{
	int fd = filled(MFD_ALLOW_SEALING);
	char bytes[100];
	struct iovec v[2] = {{"abc", 3}, {"def", 3}};

	printf("-- %s\n", name);
	SHOW(fcntl(fd, F_ADD_SEALS, seals));
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(pread(fd, bytes, 8, 100));
	SHOW(pwrite(fd, "x", 1, 0));
	SHOW(pwrite(fd, "x", 0, 0));
	SHOW(pwritev(fd, v, 2, 10));
	SHOW(pwrite(fd, "x", 1, 8191));
	SHOW(pwrite(fd, "x", 1, 8192));
	SHOW(pwrite(fd, "x", 1, 100000));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(write(fd, "x", 1));
	SHOW(ftruncate(fd, lseek(fd, 0, SEEK_END)));
	SHOW(ftruncate(fd, 200000));
	SHOW(ftruncate(fd, 4096));
	SHOW(ftruncate(fd, 0));
	SHOW(ftruncate(fd, 8192));
	SHOW(fallocate(fd, 0, 0, 4096));
	SHOW(fallocate(fd, 0, 4096, 400000));
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 4096, 400000));
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 4096));
	SHOW(fchmod(fd, 0644));
	SHOW(reopened(fd, O_RDONLY));
	SHOW(reopened(fd, O_RDWR));
	SHOW(reopened(fd, O_WRONLY));
	SHOW(reopened(fd, O_RDWR | O_TRUNC));
	SHOW(lseek(fd, 0, SEEK_END));
	printf("shared: %s\n", map(fd, RW, MAP_SHARED));
	printf("private: %s\n", map(fd, RW, MAP_PRIVATE));
	printf("private, to read: %s\n", map(fd, PROT_READ, MAP_PRIVATE));
	close(fd);
}

static void mapped(void)
{
	int fd = filled(MFD_ALLOW_SEALING), status;
	char path[64];

	char *p = mmap(NULL, 8192, RW, MAP_SHARED, fd, 0);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	HOLDS(mprotect(p, 4096, PROT_READ) == 0);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	HOLDS(munmap(p, 4096) == 0);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	HOLDS(mprotect(p + 4096, 4096, PROT_READ) == 0);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	HOLDS(munmap(p + 4096, 4096) == 0);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	kill(pid, 9);
	waitpid(pid, &status, 0);
	/* Others do not count. */
	p = mmap(NULL, 8192, RW, MAP_PRIVATE, fd, 0);
	p[0] = 'x';
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int reader = open(path, O_RDONLY);
	char *q = mmap(NULL, 8192, PROT_READ, MAP_SHARED, reader, 0);
	HOLDS(q != MAP_FAILED);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(mprotect(q, 4096, RW));
	SHOW(mprotect(p, 4096, RW));
	HOLDS(memcmp(q + 100, "contents", 8) == 0 && p[0] == 'x' && q[0] == 0);
	printf("shared, by a reader: %s\n", map(reader, PROT_READ, MAP_SHARED));
	printf("shared to write, by a reader: %s\n", map(reader, RW, MAP_SHARED));
	munmap(p, 8192);
	munmap(q, 8192);
	close(reader);
	close(fd);

	fd = filled(MFD_ALLOW_SEALING);
	p = mmap(NULL, 8192, RW, MAP_SHARED, fd, 0);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	p[5] = 'y';
	char c = 0;
	HOLDS(pread(fd, &c, 1, 5) == 1 && c == 'y');
	SHOW(write(fd, "x", 1));
	printf("a new one: %s\n", map(fd, RW, MAP_SHARED));
	printf("to read: %s\n", map(fd, PROT_READ, MAP_SHARED));
	char *r = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
	SHOW(mprotect(r, 4096, RW));
	munmap(r, 8192);
	/* Moved and made longer, it is one mapping still. */
	q = mremap(p, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, p + 4096);
	HOLDS(q == p + 4096 && q[5] == 'y');
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(q, 4096);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	close(fd);
}

static void passed_on(void)
{
	int fd = filled(0), status;
	char *p = mmap(NULL, 8192, RW, MAP_SHARED, fd, 0);

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		p[0] = 'c';
		_exit(pwrite(fd, "d", 1, 1) != 1);
	}
	waitpid(pid, &status, 0);
	HOLDS(status == 0 && p[0] == 'c' && p[1] == 'd');
	close(fd);
	HOLDS(p[0] == 'c');
	munmap(p, 8192);
}

static void executed(void)
{
	int in = open("/proc/self/exe", O_RDONLY), fd = make(MFD_CLOEXEC), status;
	char buffer[65536], *argv[] = {"it", "quick", NULL}, *none[] = {NULL};
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		if (write(fd, buffer, (size_t)n) != n)
			printf("can't copy\n");
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		syscall(SYS_execveat, fd, "", argv, none, AT_EMPTY_PATH);
		_exit(100);
	}
	waitpid(pid, &status, 0);
	printf("it ran: %d\n", WEXITSTATUS(status));
	char path[64], link[64] = "";
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	HOLDS(readlink(path, link, sizeof(link) - 1) > 0);
	printf("%s\n", link);
	pid = fork();
	if (pid == 0) {
		execve(path, argv, none);
		_exit(100);
	}
	waitpid(pid, &status, 0);
	printf("by its path: %d\n", WEXITSTATUS(status));
	close(in);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return strcmp(argv[1], "quick") == 0 ? 7 : 8;
	fsabi_begin();
	setvbuf(stdout, NULL, _IOLBF, 0);
	creating();
	adding();
	sealed("none", 0);
	sealed("SEAL", F_SEAL_SEAL);
	sealed("SHRINK", F_SEAL_SHRINK);
	sealed("GROW", F_SEAL_GROW);
	sealed("WRITE", F_SEAL_WRITE);
	sealed("FUTURE_WRITE", F_SEAL_FUTURE_WRITE);
	sealed("SHRINK and GROW", F_SEAL_SHRINK | F_SEAL_GROW);
	sealed("all", F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	mapped();
	passed_on();
	executed();
	return 0;
}
