// summary: what chmod, chown and utimensat do to a pipe, who may, and what stays; memory that /dev/zero gives; the two ends of O_LARGEFILE
//
// Seen to fail: before pipes kept such attributes (they were EINVAL), and before /dev/zero could be mapped.
#pragma GCC diagnostic ignored "-Wunused-function"
#include "fsabi.h"
#include "proc.h"

#include <grp.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/uio.h>

static void show(const char *what, int fd)
{
	struct stat st;

	SHOW(fstat(fd, &st));
	printf("%s: mode %o, %d:%d, %ld.%09ld %ld.%09ld\n", what, st.st_mode, (int)st.st_uid,
		(int)st.st_gid, st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec);
}

static void attributes(void)
{
	static const struct timespec times[2] = {{-10, 5}, {2000, 999999999}};
	static const struct timespec second[2] = {{0, UTIME_OMIT}, {3000, 1}};
	int ends[2];

	SHOW(pipe(ends));
	SHOW(futimens(ends[0], times));
	show("made", ends[0]);
	SHOW(fchmod(ends[0], 07641));
	SHOW(fchown(ends[1], 1234, 5678));
	SHOW(futimens(ends[1], second));
	show("the other end", ends[1]);
	show("the first", ends[0]);
	SHOW(fchown(ends[1], -1, -1));
	show("owned by the same", ends[1]);
	SHOW(faccessat(ends[0], "", W_OK, AT_EMPTY_PATH));
	struct statfs s;
	SHOW(fstatfs(ends[0], &s));
	printf("%lx, %ld, %ld, %ld\n", (long)s.f_type, (long)s.f_bsize, (long)s.f_blocks,
		(long)s.f_namelen);
	int e = eventfd(0, 0);
	SHOW(fstatfs(e, &s));
	printf("%lx, %ld, %ld, %ld\n", (long)s.f_type, (long)s.f_bsize, (long)s.f_blocks,
		(long)s.f_namelen);
	show_end("another", CHILD({
		setgroups(0, NULL);
		if (setgid(65534) || setuid(65534))
			return;
		SHOW(fchmod(ends[0], 0600));
		SHOW(fchown(ends[0], 65534, -1));
		SHOW(fchown(ends[0], -1, -1));
		SHOW(futimens(ends[0], times));
		SHOW(futimens(ends[0], NULL));
		SHOW(syscall(SYS_faccessat2, ends[0], "", R_OK, AT_EMPTY_PATH));
		int own[2];
		SHOW(pipe(own));
		SHOW(fchmod(own[0], 0400));
		SHOW(fchown(own[0], 0, -1));
		SHOW(fchown(own[0], -1, 65534));
		SHOW(futimens(own[0], times));
		SHOW(syscall(SYS_faccessat2, own[0], "", W_OK, AT_EMPTY_PATH));
		show("own", own[1]);
	}));
	close(e);
	close(ends[0]);
	close(ends[1]);
}

/* An eventfd takes each range as a write of its own. */
static void ranges(void)
{
	uint64_t one = 1, two = 2, sum;
	struct iovec v[3] = {{&one, 8}, {&two, 8}, {&two, 4}};
	int fd = eventfd(0, EFD_NONBLOCK);

	SHOW(writev(fd, v, 1));
	SHOW(writev(fd, v, 2));
	SHOW(writev(fd, v, 3));
	SHOW(read(fd, &sum, 8));
	printf("sum %d\n", (int)sum);
	SHOW(writev(fd, v + 2, 1));
	SHOW(pwritev2(fd, v, 1, -1, RWF_SYNC));
	SHOW(pwritev2(fd, v, 1, -1, RWF_HIPRI));
	SHOW(read(fd, &sum, 8));
	printf("sum %d\n", (int)sum);
	close(fd);
}

static void zeros(void)
{
	int fd = open("/dev/zero", O_RDWR), reader = open("/dev/zero", O_RDONLY);
	char *private = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096);
	char *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *other = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	HOLDS(private != MAP_FAILED && shared != MAP_FAILED && other != MAP_FAILED);
	SHOW(private[5000] + shared[5000]);
	private[1] = shared[1] = 'p';
	SHOW(other[1]);
	show_end("child", CHILD({
		SHOW(private[1]);
		SHOW(shared[1]);
		private[1] = shared[1] = 'c';
	}));
	SHOW(private[1]);
	SHOW(shared[1]);
	SHOW(munmap(private, 8192));
	SHOW(munmap(shared, 8192));
	SHOW(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0) == MAP_FAILED ? -1
											   : 0);
	SHOW(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 1) == MAP_FAILED ? -1 : 0);
	char *constant = mmap(NULL, 4096, PROT_READ, MAP_SHARED, reader, 0);
	HOLDS(constant != MAP_FAILED);
	SHOW(mprotect(constant, 4096, PROT_READ | PROT_WRITE));
	char *written = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, reader, 0);
	HOLDS(written != MAP_FAILED);
	written[0] = 1;
	SHOW(mprotect(other, 8192, PROT_READ));
	SHOW(mprotect(other, 8192, PROT_READ | PROT_WRITE));
}

/* What has another device number can't be given a name, or be copied within its file system. */
static void nameless(void)
{
	int memfd = memfd_create("x", 0);
	struct stat a, b;

	SHOW(ftruncate(memfd, 10));
	SHOW(linkat(memfd, "", AT_FDCWD, "made", AT_EMPTY_PATH));
	SHOW(fstat(memfd, &a));
	SHOW(stat(".", &b));
	HOLDS(a.st_dev != b.st_dev);
	SHOW(copy_file_range(memfd, NULL, memfd, (off64_t[]){20}, 4, 0));
	SHOW(fstat(memfd, &a));
	printf("%ld\n", (long)a.st_size);
}

int main(void)
{
	fsabi_begin();
	attributes();
	ranges();
	zeros();
	nameless();
	return 0;
}
