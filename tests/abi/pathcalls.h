/*
 * Every call that takes a path, most of them in several ways, and a place with one file of each kind to try them on.
 *
 * A call names which of its arguments is the path that is tried, and which the directory that it starts from. What a call
 * has changed is made anew before the next one.
 */
#ifndef PATHCALLS_H
#define PATHCALLS_H

#include "fsabi.h"

#include <linux/fs.h>
#include <stdbool.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <time.h>
#include <utime.h>

struct path_call {
	const char *text;
	int number;
	int directory; /* which argument it is; -1: none */
	int path;      /* likewise */
	unsigned long a[5];
	bool looks; /* and changes nothing */
};

#define ARGUMENT(x) ((unsigned long)(x))
#define HERE ((unsigned long)AT_FDCWD)
#define LOOK(call, text_, path_, ...)                                                \
	{                                                                            \
		.text = text_, .number = SYS_##call, .directory = -1, .path = path_, \
		.a = {__VA_ARGS__}, .looks = true                                    \
	}
#define LOOK_AT(call, text_, directory_, path_, ...)                                         \
	{                                                                                    \
		.text = text_, .number = SYS_##call, .directory = directory_, .path = path_, \
		.a = {__VA_ARGS__}, .looks = true                                            \
	}
#define CHANGE(call, text_, path_, ...)                                              \
	{                                                                            \
		.text = text_, .number = SYS_##call, .directory = -1, .path = path_, \
		.a = { __VA_ARGS__ }                                                 \
	}
#define CHANGE_AT(call, text_, directory_, path_, ...)                                       \
	{                                                                                    \
		.text = text_, .number = SYS_##call, .directory = directory_, .path = path_, \
		.a = { __VA_ARGS__ }                                                         \
	}

static char pathcalls_out[512];
static const struct timespec pathcalls_times[2] = {{1000, 0}, {2000, 0}};
static const struct timespec pathcalls_now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
static const struct timespec pathcalls_mixed[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
static const struct utimbuf pathcalls_utime = {1000, 2000};
static const struct timeval pathcalls_utimes[2] = {{1000, 0}, {2000, 0}};
#define OUT ARGUMENT(pathcalls_out)

static const struct path_call path_calls[] = {
	LOOK(open, "open O_RDONLY", 0, 0, O_RDONLY | O_NONBLOCK),
	LOOK(open, "open O_WRONLY", 0, 0, O_WRONLY | O_NONBLOCK),
	LOOK(open, "open O_RDWR", 0, 0, O_RDWR | O_NONBLOCK),
	LOOK(open, "open O_DIRECTORY", 0, 0, O_RDONLY | O_NONBLOCK | O_DIRECTORY),
	LOOK(open, "open O_NOFOLLOW", 0, 0, O_RDONLY | O_NONBLOCK | O_NOFOLLOW),
	LOOK(open, "open O_NOATIME", 0, 0, O_RDONLY | O_NONBLOCK | O_NOATIME),
	LOOK(open, "open O_DIRECT", 0, 0, O_RDONLY | O_NONBLOCK | O_DIRECT),
	LOOK(open, "open for ioctl alone", 0, 0, O_ACCMODE | O_NONBLOCK),
	LOOK(open, "open O_PATH", 0, 0, O_PATH),
	LOOK(open, "open O_PATH|O_NOFOLLOW", 0, 0, O_PATH | O_NOFOLLOW),
	LOOK(open, "open O_PATH|O_DIRECTORY|O_NOFOLLOW", 0, 0, O_PATH | O_DIRECTORY | O_NOFOLLOW),
	CHANGE(open, "open O_TRUNC", 0, 0, O_WRONLY | O_NONBLOCK | O_TRUNC),
	CHANGE(open, "open O_TRUNC for reading", 0, 0, O_RDONLY | O_NONBLOCK | O_TRUNC),
	CHANGE(open, "open O_CREAT", 0, 0, O_WRONLY | O_NONBLOCK | O_CREAT, 0644),
	CHANGE(open, "open O_CREAT for reading", 0, 0, O_RDONLY | O_NONBLOCK | O_CREAT, 0644),
	CHANGE(open, "open O_CREAT|O_EXCL", 0, 0, O_WRONLY | O_NONBLOCK | O_CREAT | O_EXCL, 0644),
	CHANGE(open, "open O_CREAT|O_NOFOLLOW", 0, 0, O_WRONLY | O_NONBLOCK | O_CREAT | O_NOFOLLOW,
		0644),
	CHANGE(open, "open O_CREAT|O_DIRECTORY", 0, 0,
		O_RDONLY | O_NONBLOCK | O_CREAT | O_DIRECTORY, 0644),
	CHANGE(open, "open O_TMPFILE", 0, 0, O_RDWR | O_TMPFILE, 0600),
	CHANGE(open, "open O_TMPFILE for reading", 0, 0, O_RDONLY | O_TMPFILE, 0600),
	CHANGE(creat, "creat", 0, 0, 0644),
	LOOK_AT(openat, "openat", 0, 1, HERE, 0, O_RDONLY | O_NONBLOCK),
	CHANGE_AT(openat, "openat O_CREAT", 0, 1, HERE, 0, O_WRONLY | O_NONBLOCK | O_CREAT, 0644),
	LOOK(stat, "stat", 0, 0, OUT),
	LOOK(lstat, "lstat", 0, 0, OUT),
	LOOK_AT(newfstatat, "newfstatat", 0, 1, HERE, 0, OUT, 0),
	LOOK_AT(newfstatat, "newfstatat of a link", 0, 1, HERE, 0, OUT, AT_SYMLINK_NOFOLLOW),
	LOOK_AT(newfstatat, "newfstatat AT_EMPTY_PATH", 0, 1, HERE, 0, OUT, AT_EMPTY_PATH),
	LOOK_AT(statx, "statx", 0, 1, HERE, 0, 0, STATX_BASIC_STATS, OUT),
	LOOK_AT(statx, "statx AT_EMPTY_PATH", 0, 1, HERE, 0, AT_EMPTY_PATH, STATX_BASIC_STATS, OUT),
	LOOK(access, "access F_OK", 0, 0, F_OK),
	LOOK(access, "access R_OK", 0, 0, R_OK),
	LOOK(access, "access W_OK", 0, 0, W_OK),
	LOOK(access, "access X_OK", 0, 0, X_OK),
	LOOK_AT(faccessat, "faccessat", 0, 1, HERE, 0, R_OK),
	LOOK_AT(faccessat, "faccessat W_OK", 0, 1, HERE, 0, W_OK),
	LOOK_AT(faccessat, "faccessat of no mode", 0, 1, HERE, 0, 9),
	LOOK_AT(faccessat2, "faccessat2 of a link", 0, 1, HERE, 0, W_OK, AT_SYMLINK_NOFOLLOW),
	LOOK_AT(faccessat2, "faccessat2 AT_EMPTY_PATH", 0, 1, HERE, 0, R_OK, AT_EMPTY_PATH),
	LOOK_AT(faccessat2, "faccessat2 AT_EACCESS", 0, 1, HERE, 0, W_OK, AT_EACCESS),
	LOOK(readlink, "readlink", 0, 0, OUT, 100),
	LOOK_AT(readlinkat, "readlinkat", 0, 1, HERE, 0, OUT, 100),
	LOOK(statfs, "statfs", 0, 0, OUT),
	LOOK(chdir, "chdir", 0),
	LOOK(chroot, "chroot", 0),
	CHANGE(chmod, "chmod", 0, 0, 0640),
	CHANGE_AT(fchmodat, "fchmodat", 0, 1, HERE, 0, 0640),
	CHANGE(chown, "chown to another", 0, 0, 1234, -1),
	CHANGE(chown, "chown to one's group", 0, 0, -1, 65534),
	CHANGE(chown, "chown of nothing", 0, 0, -1, -1),
	CHANGE(lchown, "lchown", 0, 0, 1234, 1234),
	CHANGE_AT(fchownat, "fchownat", 0, 1, HERE, 0, 1234, 1234, 0),
	CHANGE_AT(fchownat, "fchownat of a link", 0, 1, HERE, 0, 1234, 1234, AT_SYMLINK_NOFOLLOW),
	CHANGE_AT(fchownat, "fchownat AT_EMPTY_PATH", 0, 1, HERE, 0, 1234, 1234, AT_EMPTY_PATH),
	CHANGE(truncate, "truncate", 0, 0, 5),
	CHANGE(mkdir, "mkdir", 0, 0, 0755),
	CHANGE_AT(mkdirat, "mkdirat", 0, 1, HERE, 0, 0755),
	CHANGE(mknod, "mknod of a file", 0, 0, S_IFREG | 0644),
	CHANGE(mknod, "mknod of a pipe", 0, 0, S_IFIFO | 0644),
	CHANGE(mknod, "mknod of a device", 0, 0, S_IFCHR | 0644, 0x103),
	CHANGE(mknod, "mknod of a directory", 0, 0, S_IFDIR | 0755),
	CHANGE(mknod, "mknod of no kind", 0, 0, S_IFMT | 0644),
	CHANGE_AT(mknodat, "mknodat", 0, 1, HERE, 0, S_IFIFO | 0644),
	CHANGE(rmdir, "rmdir", 0),
	CHANGE(unlink, "unlink", 0),
	CHANGE_AT(unlinkat, "unlinkat", 0, 1, HERE, 0, 0),
	CHANGE_AT(unlinkat, "unlinkat AT_REMOVEDIR", 0, 1, HERE, 0, AT_REMOVEDIR),
	CHANGE(link, "link from", 0, 0, ARGUMENT("made")),
	CHANGE(link, "link to", 1, ARGUMENT("file")),
	CHANGE_AT(linkat, "linkat from", 0, 1, HERE, 0, HERE, ARGUMENT("made"), 0),
	CHANGE_AT(linkat, "linkat to", 2, 3, HERE, ARGUMENT("file"), HERE, 0, 0),
	CHANGE_AT(linkat, "linkat AT_SYMLINK_FOLLOW from", 0, 1, HERE, 0, HERE, ARGUMENT("made"),
		AT_SYMLINK_FOLLOW),
	CHANGE(symlink, "symlink of", 0, 0, ARGUMENT("made")),
	CHANGE(symlink, "symlink at", 1, ARGUMENT("text")),
	CHANGE_AT(symlinkat, "symlinkat", 1, 2, ARGUMENT("text"), HERE, 0),
	CHANGE(rename, "rename from", 0, 0, ARGUMENT("made")),
	CHANGE(rename, "rename of a file to", 1, ARGUMENT("file")),
	CHANGE(rename, "rename of a directory to", 1, ARGUMENT("dir")),
	CHANGE(rename, "rename of nothing to", 1, ARGUMENT("nothing at all")),
	CHANGE_AT(renameat, "renameat from", 0, 1, HERE, 0, HERE, ARGUMENT("made")),
	CHANGE_AT(renameat, "renameat of a directory to", 2, 3, HERE, ARGUMENT("dir"), HERE, 0),
	CHANGE_AT(renameat, "renameat of a directory below itself", 0, 1, HERE, 0, HERE,
		ARGUMENT("dir/made")),
	CHANGE_AT(renameat2, "renameat2 to", 2, 3, HERE, ARGUMENT("file"), HERE, 0, 0),
	CHANGE_AT(
		renameat2, "renameat2 of a directory to", 2, 3, HERE, ARGUMENT("dir"), HERE, 0, 0),
	CHANGE_AT(renameat, "renameat to", 2, 3, HERE, ARGUMENT("file"), HERE, 0),
	CHANGE_AT(renameat2, "renameat2 RENAME_NOREPLACE to", 2, 3, HERE, ARGUMENT("file"), HERE, 0,
		RENAME_NOREPLACE),
	CHANGE_AT(renameat2, "renameat2 RENAME_EXCHANGE with", 2, 3, HERE, ARGUMENT("dir"), HERE, 0,
		RENAME_EXCHANGE),
	CHANGE_AT(renameat2, "renameat2 RENAME_EXCHANGE of", 0, 1, HERE, 0, HERE, ARGUMENT("file"),
		RENAME_EXCHANGE),
	CHANGE(utime, "utime", 0, 0, ARGUMENT(&pathcalls_utime)),
	CHANGE(utime, "utime to now", 0, 0, 0),
	CHANGE(utimes, "utimes", 0, 0, ARGUMENT(pathcalls_utimes)),
	CHANGE(utimes, "utimes to now", 0, 0, 0),
	CHANGE_AT(futimesat, "futimesat", 0, 1, HERE, 0, ARGUMENT(pathcalls_utimes)),
	CHANGE_AT(utimensat, "utimensat", 0, 1, HERE, 0, ARGUMENT(pathcalls_times), 0),
	CHANGE_AT(utimensat, "utimensat to now", 0, 1, HERE, 0, ARGUMENT(pathcalls_now), 0),
	CHANGE_AT(
		utimensat, "utimensat to now in part", 0, 1, HERE, 0, ARGUMENT(pathcalls_mixed), 0),
	CHANGE_AT(utimensat, "utimensat of a link", 0, 1, HERE, 0, ARGUMENT(pathcalls_times),
		AT_SYMLINK_NOFOLLOW),
	CHANGE_AT(utimensat, "utimensat AT_EMPTY_PATH", 0, 1, HERE, 0, ARGUMENT(pathcalls_times),
		AT_EMPTY_PATH),
	LOOK(getxattr, "getxattr", 0, 0, ARGUMENT("user.there"), OUT, 10),
	LOOK(lgetxattr, "lgetxattr", 0, 0, ARGUMENT("user.there"), OUT, 10),
	LOOK(listxattr, "listxattr", 0, 0, OUT, 100),
	LOOK(llistxattr, "llistxattr", 0, 0, OUT, 100),
	CHANGE(setxattr, "setxattr", 0, 0, ARGUMENT("user.new"), ARGUMENT("value"), 5, 0),
	CHANGE(lsetxattr, "lsetxattr", 0, 0, ARGUMENT("user.new"), ARGUMENT("value"), 5, 0),
	CHANGE(lsetxattr, "lsetxattr of a new one", 0, 0, ARGUMENT("user.there"), ARGUMENT("value"),
		5, XATTR_CREATE),
	CHANGE(lsetxattr, "lsetxattr of an old one", 0, 0, ARGUMENT("user.new"), ARGUMENT("value"),
		5, XATTR_REPLACE),
	CHANGE(removexattr, "removexattr", 0, 0, ARGUMENT("user.there")),
	CHANGE(lremovexattr, "lremovexattr", 0, 0, ARGUMENT("user.there")),
};
#define PATH_CALLS (sizeof(path_calls) / sizeof(path_calls[0]))

/* Where the calls are tried: below the test's own directory, and from where all of it can be reached again. */
static int pathcalls_root, pathcalls_place;

static void pathcalls_make(void)
{
	fsabi_remove("stage");
	if (mkdir("stage", 0777) || chmod("stage", 0777) || chdir("stage"))
		printf("stage: %s\n", error_name(errno));
	put("file", "contents");
	mkdir("dir", 0755);
	mkdir("full", 0755);
	put("full/in", "in");
	symlink("loop", "loop");
	symlink("nowhere", "gone");
	symlink("file", "to-file");
	symlink("dir", "to-dir");
	mknod("fifo", S_IFIFO | 0666, 0);
	mknod("sock", S_IFSOCK | 0666, 0);
	mknod("null", S_IFCHR | 0666, 0x103);
	mknod("driverless", S_IFCHR | 0666, 0xff77);
	put("secret", "secret");
	chmod("secret", 0600);
	mkdir("hidden", 0700);
	put("hidden/file", "hidden");
	mkdir("sticky", 0755);
	chmod("sticky", 01777);
	put("sticky/file", "root's");
	mkdir("sticky/dir", 0777);
	put("lent", "anybody's");
	chmod("lent", 0666);
	put("own", "own");
	chown("own", 65534, 65534);
	put("full/own", "own");
	chown("full/own", 65534, 65534);
	syscall(SYS_setxattr, "file", "user.there", "yes", 3, 0);
	chdir("..");
}

static void pathcalls_begin(void)
{
	fsabi_begin();
	pathcalls_root = open("/", O_PATH);
	pathcalls_place = open(".", O_PATH);
	pathcalls_make();
	chdir("stage");
}

/* Makes one call with this path, from this directory if it takes one, and prints what came of it: whether it did something. */
static bool pathcalls_try(
	const struct path_call *c, const char *what, int directory, unsigned long path)
{
	unsigned long a[6];

	memcpy(a, c->a, sizeof(c->a));
	if (c->directory >= 0)
		a[c->directory] = (unsigned long)directory;
	a[c->path] = path;
	errno = 0;
	long result = syscall(c->number, a[0], a[1], a[2], a[3], a[4]);
	printf("%s, %s: %s\n", c->text, what, result < 0 ? error_name(errno) : "ok");
	if (result >= 0 &&
		(c->number == SYS_open || c->number == SYS_openat || c->number == SYS_creat))
		close((int)result);
	return result >= 0;
}

/* After a call that did something, and as root: all is as it was. */
static void pathcalls_again(const struct path_call *c)
{
	fchdir(pathcalls_root);
	chroot(".");
	fchdir(pathcalls_place);
	if (!c->looks)
		pathcalls_make();
	chdir("stage");
}

#endif
