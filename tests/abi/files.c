// summary: open, read, pread, readv, lseek, fstat on a file of the archive: the program itself
#include "abi.h"
#include <asm/termbits.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

static unsigned int checksum(const unsigned char *p, size_t n, unsigned int sum)
{
	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + p[i];
	return sum;
}

static void whole(const char *path, size_t step)
{
	static unsigned char block[100000];
	int fd = open(path, O_RDONLY);
	unsigned int sum = 0;
	ssize_t n;
	size_t total = 0;
	while ((n = read(fd, block, step)) > 0) {
		sum = checksum(block, (size_t)n, sum);
		total += (size_t)n;
	}
	printf("in steps of %zu: %zu bytes, %08x, then %zd\n", step, total, sum, n);
	close(fd);
}

int main(int argc, char **argv)
{
	(void)argc;
	const char *self = argv[0];
	char block[64];
	struct stat st, again;
	int fd = open(self, O_RDONLY);
	HOLDS(fd >= 0);
	whole(self, 100000);
	whole(self, 4096);
	whole(self, 4097);
	whole(self, 333);

	HOLDS(fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 100000);
	HOLDS((st.st_mode & 0777) == 0755);
	HOLDS(stat(self, &again) == 0 && again.st_ino == st.st_ino && again.st_dev == st.st_dev);
	HOLDS(lstat(self, &again) == 0 && again.st_size == st.st_size);
	HOLDS(st.st_nlink == 1 && st.st_blksize == 4096);
	long size = st.st_size;
	HOLDS(lseek(fd, 0, SEEK_END) == size);
	SHOW(read(fd, block, 10));
	HOLDS(lseek(fd, -4, SEEK_END) == size - 4);
	SHOW(read(fd, block, 10));
	HOLDS(lseek(fd, 1000, SEEK_END) == size + 1000);
	SHOW(read(fd, block, 10));
	SHOW(lseek(fd, 100, SEEK_SET));
	SHOW(lseek(fd, 5, SEEK_CUR));
	SHOW(lseek(fd, -106, SEEK_CUR));
	SHOW(lseek(fd, -1, SEEK_SET));
	SHOW(lseek(fd, 0, 99));
	HOLDS(lseek(fd, 0, SEEK_DATA) == 0);
	HOLDS(lseek(fd, 0, SEEK_HOLE) == size);
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(lseek(1 << 20, 0, SEEK_SET));

	SHOW(pread(fd, block, 4, 0));
	printf("%.3s\n", block + 1);
	SHOW(pread(fd, block, 4, -1));
	HOLDS(pread(fd, block, 4, size) == 0);
	HOLDS(pread(fd, block, 4, size - 2) == 2);
	SHOW(pread(fd, block, 4, 1L << 62));
	SHOW(lseek(fd, 0, SEEK_CUR));
	char one[1], two[2], three[3];
	struct iovec list[] = {{one, 1}, {NULL, 0}, {two, 2}, {three, 3}};
	SHOW(readv(fd, list, 4));
	printf("%02x %.2s %02x%02x%02x\n", one[0], two, three[0], three[1], three[2]);
	SHOW(preadv(fd, list, 4, 1));
	printf("%c\n", one[0]);
	SHOW(readv(fd, list, 0));
	SHOW(read(fd, block, 0));

	SHOW(write(fd, "x", 1));
	SHOW(pwrite(fd, "x", 1, 0));
	SHOW(ioctl(fd, TCGETS, block));
	SHOW(ioctl(fd, 0x12345678, block));
	SHOW(read(1 << 20, block, 1));
	return 0;
}
