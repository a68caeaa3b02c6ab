// summary: the lesser kin of calls about files: those that take a directory, a descriptor, or a link itself; hints; vectors with flags
//
// Seen to fail: with flags left unread in pwritev2, and when times before 1970 were kept as 1970.
#include "fsabi.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <utime.h>

static char long_name[300];

static void at_a_directory(void)
{
	char to[64] = "";

	mkdir("d", 0755);
	put("f", "text");
	int d = open("d", O_RDONLY | O_DIRECTORY), f = open("f", O_RDONLY);
	SHOW(symlinkat("target", d, "link"));
	SHOW(readlinkat(d, "link", to, sizeof(to)));
	printf("%s\n", to);
	SHOW(symlinkat("target", d, "link"));
	SHOW(symlinkat("", d, "empty"));
	SHOW(symlinkat("x", d, ""));
	SHOW(symlinkat("x", f, "y"));
	SHOW(symlinkat("x", 99, "y"));
	SHOW(symlinkat("x", 99, long_name));
	SHOW(symlinkat("x", d, "no/y"));
	SHOW(symlinkat((char *)8, d, "y"));
	SHOW(symlinkat("x", d, (char *)8));
	SHOW(syscall(SYS_mknodat, d, "pipe", S_IFIFO | 0640, 0));
	look("d/pipe");
	SHOW(syscall(SYS_mknodat, d, "plain", 0600, 0));
	look("d/plain");
	SHOW(syscall(SYS_mknodat, d, "plain", 0600, 0));
	SHOW(syscall(SYS_mknodat, d, "dir", S_IFDIR | 0700, 0));
	SHOW(syscall(SYS_mknodat, d, "what", 0170000 | 0700, 0));
	SHOW(syscall(SYS_mknodat, f, "x", S_IFREG, 0));
	SHOW(syscall(SYS_mknodat, 99, "x", S_IFREG, 0));
	SHOW(syscall(SYS_mknodat, d, (char *)8, S_IFREG, 0));
	SHOW(syscall(SYS_fchmodat, d, "plain", 04711));
	look("d/plain");
	SHOW(syscall(SYS_fchmodat, d, "link", 0700));
	SHOW(syscall(SYS_fchmodat, d, "none", 0700));
	SHOW(syscall(SYS_fchmodat, f, "x", 0700));
	SHOW(syscall(SYS_fchmodat, 99, "x", 0700));
	SHOW(syscall(SYS_fchmodat, d, (char *)8, 0700));
	SHOW(fchmodat(d, "plain", 0700, AT_SYMLINK_NOFOLLOW | 0x8000));
}

static void times(const char *path)
{
	struct stat st;

	SHOW(stat(path, &st));
	printf("%ld.%06ld %ld.%06ld\n", st.st_atim.tv_sec, st.st_atim.tv_nsec / 1000,
		st.st_mtim.tv_sec, st.st_mtim.tv_nsec / 1000);
}

static void times_of_all_kinds(void)
{
	struct timeval two[2] = {{1000, 500}, {2000, 999999}};
	struct utimbuf u = {7, 8};
	int d = open(".", O_RDONLY | O_DIRECTORY), f = open("f", O_RDONLY);

	SHOW(syscall(SYS_futimesat, d, "f", two));
	times("f");
	SHOW(syscall(SYS_futimesat, f, NULL, (struct timeval[]){{1, 1}, {2, 2}}));
	times("f");
	SHOW(syscall(SYS_futimesat, d, "none", two));
	SHOW(syscall(SYS_futimesat, 99, "f", two));
	SHOW(syscall(SYS_futimesat, d, "f", 8));
	SHOW(syscall(SYS_futimesat, d, (char *)8, two));
	two[1].tv_usec = 1000000;
	SHOW(syscall(SYS_futimesat, d, "f", two));
	two[1].tv_usec = -1;
	SHOW(syscall(SYS_futimesat, d, "f", two));
	SHOW(syscall(SYS_utime, "f", &u));
	times("f");
	u = (struct utimbuf){-5, 3};
	SHOW(syscall(SYS_utime, "f", &u));
	times("f");
	SHOW(syscall(SYS_utime, "none", &u));
	SHOW(syscall(SYS_utime, "f", 8));
	SHOW(syscall(SYS_utime, (char *)8, &u));
	SHOW(syscall(SYS_utime, "f", NULL));
	struct stat st;
	HOLDS(stat("f", &st) == 0 && st.st_mtim.tv_sec > 1000000 && st.st_atim.tv_sec > 1000000);
}

static void hints(void)
{
	int f = open("f", O_RDWR), p[2];

	for (int advice = -1; advice < 8; advice++)
		printf("advice %d: %s\n", advice,
			syscall(SYS_fadvise64, f, 0L, 0L, advice) ? error_name(errno) : "ok");
	SHOW(syscall(SYS_fadvise64, f, 0L, -1L, 0));
	SHOW(syscall(SYS_fadvise64, f, -1L, 1L, 0));
	SHOW(syscall(SYS_fadvise64, 99, 0L, 0L, 0));
	SHOW(pipe(p));
	SHOW(syscall(SYS_fadvise64, p[0], 0L, 0L, 0));
	SHOW(syscall(SYS_readahead, f, 0L, 4096L));
	SHOW(syscall(SYS_readahead, 99, 0L, 4096L));
	SHOW(syscall(SYS_readahead, p[0], 0L, 4096L));
	SHOW(syscall(SYS_sync));
	SHOW(syscall(SYS_syncfs, f));
	SHOW(syscall(SYS_syncfs, 99));
	close(p[0]);
	close(p[1]);
}

/* The offset is in two words, of which the second is nothing on this machine. */
static long vector(long number, int fd, const struct iovec *v, long count, long offset, int flags)
{
	return syscall(number, fd, v, count, offset, 0L, flags);
}

static void vectors(void)
{
	char a[4] = "abc", b[8] = "defghij", c[16] = "";
	struct iovec v[2] = {{a, 3}, {b, 7}}, into[1] = {{c, 15}}, wrong[1] = {{(void *)8, 4}};
	int f = open("v", O_RDWR | O_CREAT | O_TRUNC, 0600);

	SHOW(vector(SYS_pwritev2, f, v, 2, 5, 0));
	SHOW(lseek(f, 0, SEEK_CUR));
	SHOW(vector(SYS_pwritev2, f, v, 2, -1, 0));
	SHOW(lseek(f, 0, SEEK_CUR));
	SHOW(vector(SYS_pwritev2, f, v, 1, 1, RWF_DSYNC | RWF_SYNC));
	SHOW(vector(SYS_pwritev2, f, v, 1, 1, RWF_HIPRI));
	SHOW(vector(SYS_pwritev2, f, v, 1, 1, 0x1000));
	SHOW(vector(SYS_pwritev2, f, v, 1, -2, 0));
	SHOW(vector(SYS_pwritev2, f, v, -1, 0, 0));
	SHOW(vector(SYS_pwritev2, f, v, 1025, 0, 0));
	SHOW(vector(SYS_pwritev2, f, wrong, 1, 0, 0));
	SHOW(vector(SYS_pwritev2, 99, v, 1, 0, 0));
	SHOW(vector(SYS_preadv2, f, into, 1, 0, 0));
	printf("%s\n", c);
	SHOW(vector(SYS_preadv2, f, into, 1, 12, RWF_HIPRI));
	SHOW(vector(SYS_preadv2, f, into, 1, -1, 0));
	SHOW(vector(SYS_preadv2, f, into, 1, 100, 0));
	SHOW(vector(SYS_preadv2, f, into, 1, 0, 0x1000));
	SHOW(vector(SYS_preadv2, f, wrong, 1, 0, 0));
	SHOW(vector(SYS_preadv2, f, into, 0, 0, 0));
	SHOW(vector(SYS_preadv2, f, into, 1, -2, 0));
	text("v");
	int p[2];
	SHOW(pipe(p));
	SHOW(vector(SYS_pwritev2, p[1], v, 1, 0, 0));
	SHOW(vector(SYS_pwritev2, p[1], v, 1, -1, 0));
	SHOW(vector(SYS_preadv2, p[0], into, 1, 0, 0));
}

/* RWF_APPEND: behind what is there, wherever the offset says; the file's own position moves only if it was to be used. */
static void appending(void)
{
	char a[4] = "abc", c[32] = "";
	struct iovec v[1] = {{a, 3}}, into[1] = {{c, 31}}, none[1] = {{a, 0}};
	int f = open("appended", O_RDWR | O_CREAT | O_TRUNC, 0600);

	SHOW(write(f, "0123456789", 10));
	SHOW(lseek(f, 2, SEEK_SET));
	SHOW(vector(SYS_pwritev2, f, v, 1, 0, RWF_APPEND));
	SHOW(lseek(f, 0, SEEK_CUR));
	SHOW(vector(SYS_pwritev2, f, v, 1, 1000, RWF_APPEND));
	SHOW(lseek(f, 0, SEEK_CUR));
	SHOW(vector(SYS_pwritev2, f, v, 1, -1, RWF_APPEND));
	SHOW(lseek(f, 0, SEEK_CUR));
	SHOW(vector(SYS_pwritev2, f, v, 1, -1, RWF_APPEND | RWF_DSYNC));
	SHOW(vector(SYS_pwritev2, f, v, 1, -2, RWF_APPEND));
	SHOW(vector(SYS_pwritev2, f, none, 1, 0, RWF_APPEND));
	SHOW(vector(SYS_pwritev2, f, v, 1, 0, RWF_APPEND | 0x1000));
	SHOW(vector(SYS_pwritev2, f, v, 1, 0, 0));
	/* A read has nothing to append. */
	SHOW(vector(SYS_preadv2, f, into, 1, 1, RWF_APPEND));
	text("appended");
	int reader = open("appended", O_RDONLY);
	SHOW(vector(SYS_pwritev2, reader, v, 1, 0, RWF_APPEND));
	int p[2];
	SHOW(pipe(p));
	SHOW(vector(SYS_pwritev2, p[1], v, 1, -1, RWF_APPEND));
	SHOW(vector(SYS_pwritev2, p[1], v, 1, 0, RWF_APPEND));
	struct rlimit l = {20, RLIM_INFINITY};
	SHOW(setrlimit(RLIMIT_FSIZE, &l));
	signal(SIGXFSZ, SIG_IGN);
	SHOW(vector(SYS_pwritev2, f, v, 1, 0, RWF_APPEND));
	SHOW(ftruncate(f, 18));
	SHOW(vector(SYS_pwritev2, f, v, 1, 0, RWF_APPEND));
	l.rlim_cur = RLIM_INFINITY;
	SHOW(setrlimit(RLIMIT_FSIZE, &l));
	close(f);
}

/* What can be said without knowing whether the file system has such attributes: everything about wrong arguments. */
static void attributes(void)
{
	char value[16];
	int f = open("f", O_RDONLY);

	symlink("f", "l");
	SHOW(lsetxattr("l", "user.x", "1", 1, 0));
	SHOW(lgetxattr("l", "user.x", value, sizeof(value)));
	SHOW(lremovexattr("l", "user.x"));
	SHOW(llistxattr("none", value, sizeof(value)));
	SHOW(lsetxattr("none", "user.x", "1", 1, 0));
	SHOW(lgetxattr("none", "user.x", value, sizeof(value)));
	SHOW(lremovexattr("none", "user.x"));
	SHOW(lsetxattr("f", "user.x", "1", 1, 99));
	SHOW(lsetxattr("f", "", "1", 1, 0));
	SHOW(lsetxattr("f", long_name, "1", 1, 0));
	SHOW(lsetxattr("f", "nonsense", "1", 1, 0));
	SHOW(lsetxattr("f", "user.x", "1", 65537, 0));
	SHOW(lgetxattr("f", "", value, sizeof(value)));
	SHOW(lgetxattr("f", "nonsense", value, sizeof(value)));
	SHOW(fsetxattr(f, "nonsense", "1", 1, 0));
	SHOW(fsetxattr(f, "user.x", "1", 1, 99));
	SHOW(fsetxattr(99, "user.x", "1", 1, 0));
	SHOW(fgetxattr(99, "user.x", value, sizeof(value)));
	SHOW(flistxattr(99, value, sizeof(value)));
	SHOW(fremovexattr(99, "user.x"));
	SHOW(fgetxattr(f, "nonsense", value, sizeof(value)));
	SHOW(fremovexattr(f, "nonsense"));
	SHOW(fsetxattr(f, (char *)8, "1", 1, 0));
	SHOW(fgetxattr(f, (char *)8, value, sizeof(value)));
}

int main(void)
{
	memset(long_name, 'n', sizeof(long_name) - 1);
	fsabi_begin();
	at_a_directory();
	times_of_all_kinds();
	hints();
	vectors();
	appending();
	attributes();
	return 0;
}
