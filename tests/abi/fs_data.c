// summary: write, pwrite, O_APPEND, O_TRUNC, truncate, holes, fallocate, O_TMPFILE, mmap of a file, limits
#include "fsabi.h"
#include <linux/falloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/wait.h>

static char block[100000];

static unsigned sum(const char *path)
{
	unsigned value = 0;
	unsigned char byte[4096];
	int fd = open(path, O_RDONLY);
	for (ssize_t n; (n = read(fd, byte, sizeof(byte))) > 0;)
		for (ssize_t i = 0; i < n; i++)
			value = value * 31 + byte[i];
	close(fd);
	return value;
}

static void writing(void)
{
	int fd;
	SHOW_OK(fd = open("f", O_RDWR | O_CREAT | O_EXCL, 0666));
	look("f");
	SHOW(open("f", O_RDWR | O_CREAT | O_EXCL, 0666));
	SHOW(open("f", O_RDONLY | O_DIRECTORY));
	SHOW(open("f/", O_RDONLY));
	SHOW(open("g/", O_RDWR | O_CREAT, 0666));
	SHOW(open("g", O_RDWR | O_CREAT | O_DIRECTORY, 0666));
	SHOW(write(fd, "hello", 5));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(pwrite(fd, "J", 1, 0));
	SHOW(pwrite(fd, "J", 1, -1));
	text("f");
	SHOW(lseek(fd, 10000, SEEK_SET));
	SHOW(write(fd, "end", 3));
	look("f");
	printf("%x\n", sum("f"));
	SHOW(pread(fd, block, 10, 9998));
	printf("%d %d %c\n", block[0], block[1], block[2]);
	SHOW(lseek(fd, 5000, SEEK_DATA));
	SHOW(lseek(fd, 0, SEEK_HOLE));
	SHOW(lseek(fd, 10003, SEEK_DATA));
	SHOW(lseek(fd, -1, SEEK_DATA));
	SHOW(write(fd, (void *)8, 10));
	SHOW(write(fd, block, 0));
	struct iovec v[] = {{"ab", 2}, {"cde", 3}};
	SHOW(pwritev(fd, v, 2, 10003));
	look("f");
	memset(block, 'x', sizeof(block));
	SHOW(pwrite(fd, block, sizeof(block), 123));
	printf("%x\n", sum("f"));
	SHOW(ftruncate(fd, 5));
	look("f");
	text("f");
	SHOW(ftruncate(fd, 9000));
	printf("%x\n", sum("f"));
	SHOW(ftruncate(fd, -1));
	SHOW(truncate("f", 3));
	SHOW(truncate("f", -1));
	SHOW(truncate("nothing", 3));
	SHOW(truncate(".", 3));
	SHOW(truncate((char *)8, 3));
	SHOW(truncate("", 3));
	text("f");
	close(fd);
	SHOW_OK(fd = open("f", O_WRONLY | O_APPEND));
	SHOW(write(fd, "-app", 4));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(write(fd, "-end", 4));
	SHOW(pwrite(fd, "-pos", 4, 0));
	text("f");
	SHOW(read(fd, block, 1));
	close(fd);
	SHOW_OK(fd = open("f", O_RDONLY));
	SHOW(write(fd, "x", 1));
	SHOW(ftruncate(fd, 1));
	SHOW(fsync(fd));
	SHOW(fdatasync(fd));
	SHOW(fallocate(fd, 0, 0, 1));
	close(fd);
	SHOW_OK(fd = open("f", O_RDWR | O_TRUNC));
	look("f");
	close(fd);
	SHOW_OK(fd = creat("new", 0600));
	SHOW(read(fd, block, 1));
	close(fd);
	look("new");
}

static void allocating(void)
{
	struct stat st;
	int fd = open("alloc", O_RDWR | O_CREAT, 0644);
	SHOW(fallocate(fd, 0, 0, 10000));
	look("alloc");
	HOLDS(fstat(fd, &st) == 0 && st.st_blocks == 24);
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 20000));
	look("alloc");
	HOLDS(fstat(fd, &st) == 0 && st.st_blocks == 40);
	memset(block, 'a', sizeof(block));
	pwrite(fd, block, 10000, 0);
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1000, 8000));
	printf("%x\n", sum("alloc"));
	SHOW(lseek(fd, 4096, SEEK_DATA));
	SHOW(lseek(fd, 0, SEEK_HOLE));
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1));
	SHOW(fallocate(fd, 0, 0, 0));
	SHOW(fallocate(fd, 0, -1, 5));
	SHOW(fallocate(fd, 0x1000, 0, 5));
	SHOW(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 4096));
	SHOW(fallocate(fd, 0, 1L << 62, 1L << 62));
	SHOW(fallocate(99, 0, 0, 5));
	SHOW(posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED));
	SHOW(posix_fadvise(fd, 0, 0, 99));
	SHOW(readahead(fd, 0, 100));
	SHOW(sync_file_range(fd, 0, 0, 7));
	SHOW(sync_file_range(fd, 0, 0, 8));
	SHOW(syncfs(fd));
	close(fd);
	int p[2];
	pipe(p);
	SHOW(fallocate(p[1], 0, 0, 5));
	SHOW(posix_fadvise(p[0], 0, 0, 0));
	close(p[0]);
	close(p[1]);
	fd = open(".", O_RDONLY);
	SHOW(fallocate(fd, 0, 0, 5));
	SHOW(ftruncate(fd, 0));
	SHOW(fsync(fd));
	close(fd);
}

static void nameless(void)
{
	struct stat st;
	int fd;
	SHOW_OK(fd = open(".", O_TMPFILE | O_RDWR, 0640));
	HOLDS(fstat(fd, &st) == 0 && st.st_nlink == 0 && (st.st_mode & 0777) == 0640);
	SHOW(write(fd, "nameless", 8));
	SHOW(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH));
	text("named");
	look("named");
	SHOW(unlink("named"));
	SHOW(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH));
	close(fd);
	SHOW_OK(fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0640));
	SHOW(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH));
	close(fd);
	SHOW(open(".", O_TMPFILE | O_RDONLY, 0600));
	SHOW(open("f", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("nothing", O_TMPFILE | O_RDWR, 0600));
	SHOW(open(".", O_TMPFILE | O_RDWR | O_CREAT, 0600));
}

static void mapped(void)
{
	int fd = open("map", O_RDWR | O_CREAT | O_TRUNC, 0644);
	SHOW(ftruncate(fd, 8192));
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	HOLDS(p != MAP_FAILED);
	if (p == MAP_FAILED)
		return;
	SHOW(pwrite(fd, "written", 7, 0));
	printf("%.7s\n", p);
	memcpy(p + 4096, "mapped", 6);
	SHOW(pread(fd, block, 6, 4096));
	printf("%.6s\n", block);
	char *q = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	HOLDS(q != MAP_FAILED);
	q[0] = 'P';
	printf("%c %c\n", p[0], q[0]);
	p[1] = 'R';
	SHOW(unlink("map"));
	SHOW(pread(fd, block, 7, 0));
	printf("%.7s\n", block);
	close(fd);
	printf("%.7s\n", p);
	munmap(p, 8192);
	munmap(q, 8192);
	fd = open("f", O_RDONLY);
	HOLDS(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED &&
		errno == EACCES);
	close(fd);
}

static void copying(void)
{
	put("from", "0123456789");
	int in = open("from", O_RDONLY), out = open("to", O_RDWR | O_CREAT | O_TRUNC, 0644);
	loff_t at = 2, to = 5;
	SHOW(copy_file_range(in, NULL, out, NULL, 4, 0));
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(lseek(out, 0, SEEK_CUR));
	text("to");
	SHOW(copy_file_range(in, &at, out, &to, 100, 0));
	printf("%ld %ld\n", (long)at, (long)to);
	look("to");
	SHOW(copy_file_range(in, &at, out, &to, 100, 0));
	SHOW(copy_file_range(in, NULL, out, NULL, 4, 1));
	SHOW(copy_file_range(out, NULL, in, NULL, 4, 0));
	SHOW(copy_file_range(99, NULL, out, NULL, 4, 0));
	SHOW(copy_file_range(in, (loff_t *)8, out, NULL, 4, 0));
	int p[2];
	pipe(p);
	SHOW(copy_file_range(in, NULL, p[1], NULL, 4, 0));
	int dir = open(".", O_RDONLY);
	SHOW(copy_file_range(dir, NULL, out, NULL, 4, 0));
	int append = open("to", O_WRONLY | O_APPEND);
	SHOW(copy_file_range(in, NULL, append, NULL, 4, 0));
	loff_t a = 0, b = 3;
	SHOW(copy_file_range(out, &a, out, &b, 5, 0));
	SHOW(copy_file_range(out, &a, out, &b, 3, 0));
	text("to");
	for (int fd = 3; fd < 20; fd++)
		close(fd);
}

static void limited(void)
{
	struct rlimit limit = {10, RLIM_INFINITY};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	int fd = open("limited", O_RDWR | O_CREAT, 0644);
	SHOW(write(fd, "0123456", 7));
	SHOW(write(fd, "0123456", 7));
	SHOW(write(fd, "0123456", 7));
	SHOW(ftruncate(fd, 11));
	SHOW(ftruncate(fd, 10));
	SHOW(fallocate(fd, 0, 0, 11));
	look("limited");
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	struct statfs s;
	HOLDS(fstatfs(fd, &s) == 0 && s.f_type == 0x01021994 && s.f_bsize == 4096);
	HOLDS(s.f_namelen == 255 && s.f_blocks > 0 && s.f_bfree <= s.f_blocks);
	SHOW(statfs("nothing", &s));
	SHOW(statfs(".", (void *)8));
	SHOW(fstatfs(99, &s));
	close(fd);
}

int main(void)
{
	fsabi_begin();
	writing();
	allocating();
	nameless();
	mapped();
	copying();
	limited();
	return 0;
}
