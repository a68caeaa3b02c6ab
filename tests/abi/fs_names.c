// summary: mkdir, rmdir, unlink, link, symlink, rename, mknod: what they do and what they refuse
#include "fsabi.h"
#include <limits.h>
#include <sys/syscall.h>

#define renameat2(a, b, c, d, e) syscall(SYS_renameat2, a, b, c, d, e)

static char long_name[300], long_path[5000];

static void directories(void)
{
	SHOW(mkdir("d", 0777));
	look("d");
	SHOW(mkdir("d", 0777));
	SHOW(mkdir("d/", 0777));
	SHOW(mkdir("d2/", 0700));
	look("d2");
	SHOW(mkdir("d2/.", 0700));
	SHOW(mkdir("d2/..", 0700));
	SHOW(mkdir("new/.", 0700));
	SHOW(mkdir("/", 0700));
	SHOW(mkdir("", 0700));
	SHOW(mkdir(".", 0700));
	SHOW(mkdir((char *)8, 0700));
	SHOW(mkdir("no/such", 0700));
	SHOW(mkdir(long_name, 0700));
	SHOW(mkdir(long_path, 0700));
	put("f", "f");
	SHOW(mkdir("f", 0700));
	SHOW(mkdir("f/x", 0700));
	SHOW(mkdir("sticky", 07777));
	look("sticky");
	umask(0);
	SHOW(mkdir("open", 0777));
	look("open");
	umask(022);
	SHOW(mkdir("d/e", 0755));
	look("d");
	SHOW(rmdir("d"));
	SHOW(rmdir("f"));
	SHOW(rmdir("d/e/."));
	SHOW(rmdir("d/e/.."));
	SHOW(rmdir("."));
	SHOW(rmdir("/"));
	SHOW(rmdir(""));
	SHOW(rmdir("nothing"));
	SHOW(rmdir("d/e/"));
	look("d");
	SHOW(rmdir("d"));
	SHOW(rmdir("d2"));
	SHOW(rmdir("open"));
	SHOW(rmdir("sticky"));
	SHOW(mkdirat(AT_FDCWD, "at", 0755));
	int fd = open("at", O_RDONLY | O_DIRECTORY);
	SHOW(mkdirat(fd, "in", 0755));
	look("at/in");
	SHOW(mkdirat(99, "in", 0755));
	int file = open("f", O_RDONLY);
	SHOW(mkdirat(file, "in", 0755));
	SHOW(unlinkat(fd, "in", 0));
	SHOW(unlinkat(fd, "in", AT_REMOVEDIR | 1));
	SHOW(unlinkat(fd, "in", AT_REMOVEDIR));
	SHOW(rmdir("at"));
	/* A directory that is gone takes nothing in. */
	SHOW(mkdirat(fd, "in", 0755));
	SHOW(openat(fd, "new", O_CREAT | O_WRONLY, 0600));
	SHOW(openat(fd, ".", O_RDONLY) >= 0);
	struct stat st;
	HOLDS(fstat(fd, &st) == 0 && st.st_nlink == 0);
	char buffer[500];
	SHOW(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)));
	close(fd);
	close(file);
	unlink("f");
}

static void links(void)
{
	put("f", "contents");
	SHOW(link("f", "g"));
	look("f");
	text("g");
	SHOW(link("f", "g"));
	SHOW(link("nothing", "h"));
	SHOW(link("f", "no/such"));
	SHOW(link("f", ""));
	SHOW(link("", "h"));
	SHOW(link("f", "h/"));
	SHOW(link("f/", "h"));
	mkdir("d", 0755);
	SHOW(link("d", "h"));
	SHOW(link("f", "d"));
	SHOW(symlink("f", "s"));
	look("s");
	SHOW(link("s", "s2"));
	look("s2");
	look("s");
	SHOW(linkat(AT_FDCWD, "s", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
	look("followed");
	SHOW(linkat(AT_FDCWD, "f", AT_FDCWD, "h", 1));
	int fd = open("f", O_RDONLY);
	SHOW(linkat(fd, "", AT_FDCWD, "by-fd", AT_EMPTY_PATH));
	SHOW(linkat(fd, "", AT_FDCWD, "by-fd2", 0));
	look("by-fd");
	SHOW(unlink("f"));
	SHOW(unlink("g"));
	SHOW(unlink("followed"));
	SHOW(unlink("by-fd"));
	SHOW(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH));
	struct stat st;
	HOLDS(fstat(fd, &st) == 0 && st.st_nlink == 0 && st.st_size == 8);
	char buffer[20];
	SHOW(read(fd, buffer, 20));
	close(fd);
	SHOW(unlink("f"));
	SHOW(unlink("d"));
	SHOW(unlink("d/"));
	SHOW(unlink("s/"));
	SHOW(unlink("."));
	SHOW(unlink("d/.."));
	SHOW(unlink(""));
	SHOW(unlink("/"));
	SHOW(unlink(long_name));
	text("s");
	SHOW(open("s", O_RDONLY));
	SHOW(open("s", O_RDONLY | O_NOFOLLOW));
	SHOW(open("s", O_WRONLY | O_CREAT | O_EXCL, 0600));
	SHOW_OK(fd = open("s", O_WRONLY | O_CREAT, 0600));
	close(fd);
	look("f");
	SHOW(unlink("s"));
	SHOW(unlink("s2"));
	SHOW(symlink("", "e"));
	SHOW(symlink("x", ""));
	SHOW(symlink("x", "f"));
	SHOW(symlink("x", "new/"));
	SHOW(symlink("x", "no/such"));
	SHOW(symlink((char *)8, "n"));
	SHOW(symlink("x", (char *)8));
	SHOW(symlink(long_path, "n"));
	SHOW(symlink(long_name, "n"));
	char target[400];
	SHOW(readlink("n", target, sizeof(target)));
	SHOW(readlink("n", target, 5));
	SHOW(readlink("n", target, 0));
	SHOW(readlink("f", target, 5));
	SHOW(readlink("n", (char *)8, 5));
	SHOW(readlink("nothing", target, 5));
	SHOW(open("n", O_RDONLY));
	SHOW(symlink("loop", "loop"));
	SHOW(open("loop", O_RDONLY));
	SHOW(mkdir("loop/x", 0700));
	SHOW(rename("loop", "loop2"));
	look("loop2");
	unlink("loop2");
	unlink("n");
	unlink("f");
	rmdir("d");
}

static void renames(void)
{
	put("a", "a");
	put("b", "bb");
	SHOW(rename("a", "c"));
	look("a");
	text("c");
	SHOW(rename("c", "b"));
	text("b");
	look("c");
	SHOW(rename("nothing", "b"));
	SHOW(rename("b", "no/such"));
	SHOW(rename("b", "b"));
	SHOW(rename("b", ""));
	SHOW(rename("", "b"));
	SHOW(rename("b", "x/"));
	SHOW(rename("b/", "x"));
	SHOW(rename(".", "x"));
	SHOW(rename("b", "."));
	SHOW(rename("b", ".."));
	SHOW(rename((char *)8, "x"));
	SHOW(rename("b", (char *)8));
	SHOW(rename("b", long_name));
	link("b", "b2");
	SHOW(rename("b", "b2"));
	look("b");
	unlink("b2");
	mkdir("d", 0755);
	mkdir("d/sub", 0755);
	mkdir("e", 0755);
	SHOW(rename("b", "d"));
	SHOW(rename("d", "b"));
	SHOW(rename("d", "d/sub/x"));
	SHOW(rename("d", "d/x"));
	SHOW(rename("d/sub", "d"));
	SHOW(rename("e", "d"));
	SHOW(rename("d", "e"));
	look("e");
	look("e/sub");
	SHOW(rename("e/sub", "moved/"));
	look("moved");
	look("e");
	SHOW(rename("e", "moved/e2"));
	look("moved");
	SHOW(rename("b", "moved/e2/b"));
	text("moved/e2/b");
	SHOW(renameat2(AT_FDCWD, "moved/e2/b", AT_FDCWD, "b", 1));
	put("c", "c");
	SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", 1));
	SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", 2));
	text("b");
	text("c");
	SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "moved", 2));
	look("b");
	look("moved");
	SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "b/e2", 2));
	SHOW(renameat2(AT_FDCWD, "b/e2", AT_FDCWD, "b", 2));
	SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "nothing", 2));
	SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", 3));
	SHOW(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", 16));
	SHOW(renameat(AT_FDCWD, "b/e2", AT_FDCWD, "e2"));
	SHOW(renameat(99, "b", AT_FDCWD, "x"));
	/* Open files and working directories go along. */
	int fd = open("c", O_RDWR);
	SHOW(rename("c", "e2/c"));
	SHOW(write(fd, "through", 7));
	text("e2/c");
	close(fd);
	SHOW(chdir("e2"));
	SHOW(rename("../e2", "../b/e3"));
	text("c");
	char cwd[200];
	HOLDS(getcwd(cwd, sizeof(cwd)) && strcmp(cwd + strlen(fsabi_place), "/b/e3") == 0);
	SHOW(unlink("c"));
	SHOW(rmdir("../e3"));
	SHOW(getcwd(cwd, sizeof(cwd)) == NULL);
	SHOW(open("new", O_CREAT | O_WRONLY, 0600));
	SHOW(chdir(".."));
	HOLDS(getcwd(cwd, sizeof(cwd)) && strcmp(cwd + strlen(fsabi_place), "/b") == 0);
	SHOW(chdir(fsabi_place));
	SHOW(rmdir("b"));
	unlink("moved");
	look("moved");
}

static void nodes(void)
{
	SHOW(mknod("fifo", S_IFIFO | 0666, 0));
	look("fifo");
	SHOW(mknod("fifo", S_IFIFO | 0666, 0));
	SHOW(mknod("plain", 0644, 0));
	look("plain");
	SHOW(mknod("reg", S_IFREG | 0600, 77));
	look("reg");
	SHOW(mknod("dir", S_IFDIR | 0755, 0));
	SHOW(mknod("bad", 0170000, 0));
	SHOW(mknod("link", S_IFLNK | 0777, 0));
	SHOW(mknod("sock", S_IFSOCK | 0777, 0));
	look("sock");
	SHOW(mknod("null", S_IFCHR | 0666, 0x103));
	look("null");
	SHOW(open("sock", O_RDONLY));
	int fd;
	SHOW_OK(fd = open("null", O_RDWR));
	SHOW(write(fd, "x", 1));
	close(fd);
	SHOW(mknod("none", S_IFCHR | 0666, 0xff77));
	SHOW(open("none", O_RDONLY));
	SHOW(mknod("x/", S_IFIFO | 0666, 0));
	SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
	int r = open("fifo", O_RDONLY | O_NONBLOCK);
	int w = open("fifo", O_WRONLY);
	HOLDS(r >= 0 && w >= 0);
	SHOW(write(w, "through the fifo", 16));
	char buffer[40];
	SHOW(read(r, buffer, 40));
	struct stat st;
	HOLDS(fstat(r, &st) == 0 && S_ISFIFO(st.st_mode) && (st.st_mode & 0777) == 0644);
	close(w);
	SHOW(read(r, buffer, 40));
	SHOW(unlink("fifo"));
	close(r);
}

static void listing(void)
{
	static char seen[100];
	char name[20], buffer[200];
	mkdir("many", 0755);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "many/%d", i);
		put(name, "x");
	}
	/* Everything is listed exactly once, although names go and come meanwhile. */
	int fd = open("many", O_RDONLY | O_DIRECTORY), total = 0, twice = 0, next = 50;
	long n;
	while ((n = syscall(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < n;) {
			struct dirent64 *e = (struct dirent64 *)(buffer + at);
			at += e->d_reclen;
			if (e->d_name[0] == '.')
				continue;
			int number = atoi(e->d_name);
			if (number < 50) {
				twice += seen[number];
				seen[number] = 1;
				total++;
			}
		}
		if (next < 100) {
			snprintf(name, sizeof(name), "many/%d", next++);
			unlink(name);
			snprintf(name, sizeof(name), "many/%d", next + 1000);
			put(name, "y");
		}
	}
	printf("%d of those that stayed, %d twice, then %ld\n", total, twice, n);
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(syscall(SYS_getdents64, fd, buffer, 10));
	SHOW(syscall(SYS_getdents64, fd, (char *)8, 100));
	SHOW(lseek(fd, -1, SEEK_SET));
	SHOW(read(fd, buffer, 10));
	SHOW(write(fd, buffer, 10));
	SHOW(open("many", O_WRONLY));
	SHOW(open("many", O_RDONLY | O_CREAT, 0600));
	close(fd);
}

int main(void)
{
	memset(long_name, 'n', 256);
	memset(long_path, '/', 4999);
	fsabi_begin();
	directories();
	links();
	renames();
	nodes();
	listing();
	return 0;
}
