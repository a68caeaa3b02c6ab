// summary: chmod, chown, utimensat, access, sticky directories, xattr: as root and as another user
#include "fsabi.h"
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>

static void modes(void)
{
	put("f", "f");
	SHOW(chmod("f", 0));
	look("f");
	SHOW(chmod("f", 07777));
	look("f");
	SHOW(chmod("f", 0170644));
	look("f");
	SHOW(chmod("nothing", 0));
	SHOW(chmod("", 0));
	SHOW(chmod((char *)8, 0));
	SHOW(chmod("f/x", 0));
	SHOW(fchmod(99, 0));
	int fd = open("f", O_RDONLY);
	SHOW(fchmod(fd, 0600));
	look("f");
	close(fd);
	fd = open("f", O_PATH);
	SHOW(fchmod(fd, 0600));
	SHOW(fchown(fd, 1, 1));
	close(fd);
	SHOW(chown("f", 1000, 100));
	look("f");
	SHOW(chown("f", -1, 7));
	look("f");
	SHOW(chown("f", 8, -1));
	look("f");
	chmod("f", 06755);
	SHOW(chown("f", -1, -1));
	look("f");
	chmod("f", 06755);
	SHOW(chown("f", 0, 0));
	look("f");
	symlink("f", "s");
	SHOW(lchown("s", 5, 6));
	look("s");
	look("f");
	SHOW(chown("s", 7, 8));
	look("f");
	SHOW(fchownat(AT_FDCWD, "f", 0, 0, 1));
	SHOW(chown("nothing", 0, 0));
	SHOW(chown("f", 0, 0));
}

static void times(void)
{
	struct stat st;
	struct timespec t[2] = {{100, 5}, {200, 7}};
	SHOW(utimensat(AT_FDCWD, "f", t, 0));
	stat("f", &st);
	printf("%ld.%ld %ld.%ld\n", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec);
	HOLDS(st.st_ctim.tv_sec > 1000);
	t[0].tv_nsec = UTIME_OMIT;
	t[1].tv_sec = 300;
	SHOW(utimensat(AT_FDCWD, "f", t, 0));
	stat("f", &st);
	printf("%ld %ld\n", st.st_atim.tv_sec, st.st_mtim.tv_sec);
	t[1].tv_nsec = UTIME_NOW;
	SHOW(utimensat(AT_FDCWD, "f", t, 0));
	stat("f", &st);
	HOLDS(st.st_atim.tv_sec == 100 && st.st_mtim.tv_sec > 1000);
	SHOW(utimensat(AT_FDCWD, "f", NULL, 0));
	t[0].tv_nsec = 1000000000;
	SHOW(utimensat(AT_FDCWD, "f", t, 0));
	t[0].tv_nsec = -1;
	SHOW(utimensat(AT_FDCWD, "f", t, 0));
	t[0].tv_nsec = t[1].tv_nsec = 0;
	SHOW(utimensat(AT_FDCWD, "nothing", t, 0));
	SHOW(utimensat(AT_FDCWD, "f", t, 1));
	SHOW(utimensat(AT_FDCWD, "f", (void *)8, 0));
	SHOW(utimensat(99, "f", t, 0));
	SHOW(utimensat(AT_FDCWD, "s", t, AT_SYMLINK_NOFOLLOW));
	int fd = open("f", O_RDONLY);
	SHOW(futimens(fd, t));
	stat("f", &st);
	HOLDS(st.st_mtim.tv_sec == 300);
	close(fd);
	struct timeval v[2] = {{1, 2}, {3, 4}};
	SHOW(utimes("f", v));
	stat("f", &st);
	printf("%ld.%ld %ld.%ld\n", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec);
	v[0].tv_usec = 1000000;
	SHOW(utimes("f", v));
	/* Writing and reading change them by themselves. */
	put("f", "again");
	stat("f", &st);
	HOLDS(st.st_mtim.tv_sec > 1000);
	struct stat dir;
	t[0].tv_sec = t[1].tv_sec = 50;
	utimensat(AT_FDCWD, ".", t, 0);
	put("another", "x");
	HOLDS(stat(".", &dir) == 0 && dir.st_mtim.tv_sec > 1000);
	utimensat(AT_FDCWD, ".", t, 0);
	unlink("another");
	HOLDS(stat(".", &dir) == 0 && dir.st_mtim.tv_sec > 1000);
	struct statx x;
	SHOW(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x));
	HOLDS(x.stx_size == 5 && (x.stx_mode & 07777) == 0755 && x.stx_nlink == 1);
	SHOW(statx(AT_FDCWD, "f", 0x8000, STATX_BASIC_STATS, &x));
	SHOW(statx(AT_FDCWD, "f", 0, 0x80000000, &x));
	SHOW(statx(AT_FDCWD, "f", 0, 0, (void *)8));
	SHOW(statx(AT_FDCWD, "", 0, 0, &x));
	SHOW(statx(AT_FDCWD, "", AT_EMPTY_PATH, 0, &x));
}

static void attributes(const char *path)
{
	char buffer[300];
	SHOW(setxattr(path, "user.a", "value", 5, 0));
	SHOW(getxattr(path, "user.a", buffer, sizeof(buffer)));
	SHOW(getxattr(path, "user.a", buffer, 0));
	SHOW(getxattr(path, "user.a", buffer, 2));
	SHOW(getxattr(path, "user.none", buffer, 2));
	SHOW(setxattr(path, "user.a", "v", 1, XATTR_CREATE));
	SHOW(setxattr(path, "user.b", "v", 1, XATTR_REPLACE));
	SHOW(setxattr(path, "user.a", "new", 3, XATTR_REPLACE));
	SHOW(getxattr(path, "user.a", buffer, sizeof(buffer)));
	SHOW(setxattr(path, "user.e", "", 0, 0));
	SHOW(getxattr(path, "user.e", buffer, sizeof(buffer)));
	SHOW(setxattr(path, "user.", "v", 1, 0));
	SHOW(setxattr(path, "bad.a", "v", 1, 0));
	SHOW(setxattr(path, "plain", "v", 1, 0));
	SHOW(setxattr(path, "", "v", 1, 0));
	SHOW(setxattr(path, "user.a", "v", 1, 4));
	SHOW(setxattr(path, "user.a", "v", 100000, 0));
	SHOW(setxattr(path, "user.a", (void *)8, 10, 0));
	SHOW(setxattr(path, "trusted.t", "v", 1, 0));
	SHOW(getxattr(path, "trusted.t", buffer, 10));
	SHOW(removexattr(path, "trusted.t"));
	SHOW(removexattr(path, "user.a"));
	SHOW(removexattr(path, "user.a"));
	SHOW(removexattr(path, "user.e"));
	SHOW(removexattr(path, "bad.x"));
	SHOW(listxattr("nothing", buffer, 10));
}

/* What somebody else may do to root's files. */
static void other(void)
{
	struct stat st;
	SHOW(chmod("f", 0777));
	SHOW(chown("f", 1000, 1000));
	SHOW(chmod("mine", 0700));
	SHOW(chown("mine", 0, 0));
	SHOW(chown("mine", 1000, 50));
	SHOW(chown("mine", -1, 1000));
	SHOW(open("secret", O_RDONLY));
	SHOW(open("secret", O_WRONLY));
	SHOW(open("f", O_WRONLY));
	SHOW(open("f", O_RDONLY | O_TRUNC));
	SHOW(open("closed/in", O_RDONLY));
	SHOW(stat("closed/in", &st));
	SHOW(stat("closed", &st));
	SHOW(open("closed", O_RDONLY));
	SHOW(open("new", O_CREAT | O_WRONLY, 0600));
	SHOW(mkdir("new", 0700));
	SHOW(unlink("f"));
	SHOW(rename("f", "new"));
	SHOW(symlink("a", "new"));
	SHOW(link("mine", "new"));
	SHOW(mknod("new", S_IFIFO | 0600, 0));
	SHOW(truncate("f", 0));
	SHOW(truncate("mine", 0));
	SHOW(utimensat(AT_FDCWD, "f", NULL, 0));
	struct timespec t[2] = {{1, 1}, {1, 1}};
	SHOW(utimensat(AT_FDCWD, "f", t, 0));
	SHOW(utimensat(AT_FDCWD, "mine", t, 0));
	SHOW(open("f", O_RDONLY | O_NOATIME));
	SHOW(access("f", R_OK));
	SHOW(access("f", W_OK));
	SHOW(access("secret", F_OK));
	SHOW(access("secret", R_OK));
	SHOW(access("closed/in", F_OK));
	SHOW(chroot("."));
	SHOW(chdir("closed"));
	/* Everybody may write here, and take away only what is his. */
	SHOW_OK(open("tmp/mine", O_CREAT | O_WRONLY, 0600));
	SHOW(unlink("tmp/theirs"));
	SHOW(rename("tmp/theirs", "tmp/x"));
	SHOW(rename("tmp/mine", "tmp/theirs"));
	SHOW(rename("tmp/mine", "tmp/yours"));
	SHOW(unlink("tmp/yours"));
	SHOW(rmdir("tmp/dir"));
	SHOW(mknod("tmp/dev", S_IFCHR | 0600, 0x103));
	SHOW(mknod("tmp/fifo", S_IFIFO | 0600, 0));
	SHOW_OK(open("group/file", O_CREAT | O_WRONLY, 02770));
	look("group/file");
	SHOW(mkdir("group/dir", 0755));
	look("group/dir");
	SHOW(setxattr("f", "user.x", "v", 1, 0));
	SHOW(setxattr("mine", "user.x", "v", 1, 0));
	SHOW(setxattr("mine", "trusted.x", "v", 1, 0));
}

int main(void)
{
	fsabi_begin();
	modes();
	times();
	attributes("f");
	mkdir("dir", 0755);
	attributes("dir");
	put("secret", "s");
	chmod("secret", 0600);
	put("mine", "m");
	chown("mine", 1000, 1000);
	mkdir("closed", 0700);
	put("closed/in", "x");
	mkdir("tmp", 0777);
	chmod("tmp", 01777);
	put("tmp/theirs", "t");
	mkdir("tmp/dir", 0755);
	mkdir("group", 0777);
	chown("group", 0, 77);
	chmod("group", 02777);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		if (setgid(1000) != 0 || setuid(1000) != 0)
			_exit(1);
		other();
		fflush(stdout);
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	printf("%d\n", status);
	return 0;
}
