// summary: tries every call that would change something below a directory that is read-only
#include "../abi/abi.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>

static int wrong;

/* The call fails so. */
#define FAILS(error, call)                                                                 \
	do {                                                                               \
		errno = 0;                                                                 \
		long fails_result = (long)(call);                                          \
		if (fails_result != -1 || errno != (error)) {                              \
			printf("%s: %ld, %s instead of " #error "\n", #call, fails_result, \
				error_name(errno));                                        \
			wrong++;                                                           \
		}                                                                          \
	} while (0)
#define WORKS(call)                                                   \
	do {                                                          \
		errno = 0;                                            \
		if ((long)(call) == -1) {                             \
			printf("%s: %s\n", #call, error_name(errno)); \
			wrong++;                                      \
		}                                                     \
	} while (0)

static void opening(void)
{
	FAILS(EROFS, open("file", O_WRONLY));
	FAILS(EROFS, open("file", O_RDWR));
	FAILS(EROFS, open("file", O_RDWR | O_APPEND));
	FAILS(EROFS, open("file", O_RDONLY | O_TRUNC));
	FAILS(EROFS, open("file", O_WRONLY | O_CREAT | O_TRUNC, 0644));
	FAILS(EROFS, open("link", O_WRONLY));
	FAILS(EROFS, open("dir/file", O_WRONLY));
	FAILS(EROFS, open("new", O_WRONLY | O_CREAT, 0644));
	FAILS(EROFS, open("new", O_RDONLY | O_CREAT, 0644));
	FAILS(EROFS, open("new", O_RDONLY | O_CREAT | O_EXCL, 0644));
	FAILS(EEXIST, open("file", O_RDONLY | O_CREAT | O_EXCL, 0644));
	FAILS(ENOENT, open("new", O_WRONLY));
	FAILS(EISDIR, open("dir", O_WRONLY));
	FAILS(EROFS, open("dir", O_TMPFILE | O_RDWR, 0644));
	FAILS(EROFS, creat("new", 0644));
	WORKS(open("file", O_RDONLY | O_CREAT, 0644));
	WORKS(open("file", O_RDONLY));
	WORKS(open("dir", O_RDONLY | O_DIRECTORY));
	FAILS(EROFS, access("file", W_OK));
	FAILS(EROFS, access("dir", W_OK));
	FAILS(EROFS, faccessat(AT_FDCWD, "dir/file", W_OK | R_OK, 0));
	WORKS(access("file", R_OK));
}

static void naming(void)
{
	FAILS(EROFS, mkdir("new", 0755));
	FAILS(EROFS, mkdirat(AT_FDCWD, "dir/new", 0755));
	FAILS(EEXIST, mkdir("dir", 0755));
	FAILS(EROFS, mknod("new", S_IFREG | 0644, 0));
	FAILS(EROFS, mknod("new", S_IFIFO | 0644, 0));
	FAILS(EROFS, mknodat(AT_FDCWD, "new", S_IFCHR | 0644, 0x103));
	FAILS(EROFS, symlink("file", "new"));
	FAILS(EROFS, symlinkat("file", AT_FDCWD, "dir/new"));
	FAILS(EEXIST, symlink("file", "link"));
	FAILS(EROFS, link("file", "new"));
	FAILS(EROFS, linkat(AT_FDCWD, "file", AT_FDCWD, "dir/new", 0));
	FAILS(EXDEV, link("file", "/tmp/new"));
	FAILS(EROFS, unlink("file"));
	FAILS(EROFS, unlink("link"));
	FAILS(EROFS, unlink("missing"));
	FAILS(EROFS, unlinkat(AT_FDCWD, "dir/file", 0));
	FAILS(EROFS, rmdir("dir/empty"));
	FAILS(EROFS, rmdir("dir"));
	FAILS(EROFS, rmdir("missing"));
	FAILS(EROFS, unlinkat(AT_FDCWD, "dir/empty", AT_REMOVEDIR));
	FAILS(EROFS, rename("file", "new"));
	FAILS(EROFS, rename("file", "dir/file"));
	FAILS(EROFS, rename("missing", "new"));
	FAILS(EROFS, renameat(AT_FDCWD, "dir", AT_FDCWD, "new"));
	FAILS(EROFS, renameat2(AT_FDCWD, "file", AT_FDCWD, "dir/file", RENAME_EXCHANGE));
	FAILS(EXDEV, rename("file", "/tmp/new"));
	FAILS(EXDEV, rename("/tmp", "new"));
}

static void attributes(void)
{
	struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
	struct timeval times[2] = {{1, 0}, {1, 0}};
	int fd = open("file", O_RDONLY), dir = open("dir", O_RDONLY);

	FAILS(EROFS, chmod("file", 0600));
	FAILS(EROFS, fchmod(fd, 0600));
	FAILS(EROFS, fchmodat(AT_FDCWD, "dir", 0700, 0));
	FAILS(EROFS, fchmod(dir, 0700));
	FAILS(EROFS, chown("file", 1, 1));
	FAILS(EROFS, lchown("link", 1, 1));
	FAILS(EROFS, fchown(fd, 1, 1));
	FAILS(EROFS, fchownat(AT_FDCWD, "dir", 1, 1, 0));
	FAILS(EROFS, utimensat(AT_FDCWD, "file", now, 0));
	FAILS(EROFS, utimensat(AT_FDCWD, "file", NULL, 0));
	FAILS(EROFS, utimensat(AT_FDCWD, "link", now, AT_SYMLINK_NOFOLLOW));
	FAILS(EROFS, futimens(fd, now));
	FAILS(EROFS, utimes("dir", times));
	FAILS(EROFS, truncate("file", 0));
	FAILS(EROFS, truncate("file", 100));
	FAILS(EINVAL, ftruncate(fd, 0));
	FAILS(EBADF, fallocate(fd, 0, 0, 100));
	FAILS(EROFS, setxattr("file", "user.name", "value", 5, 0));
	FAILS(EROFS, lsetxattr("file", "user.name", "value", 5, 0));
	FAILS(EROFS, fsetxattr(fd, "user.name", "value", 5, 0));
	FAILS(EROFS, removexattr("file", "user.name"));
	FAILS(EROFS, fremovexattr(fd, "user.name"));
	FAILS(EBADF, write(fd, "x", 1));
	FAILS(EACCES, mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	WORKS(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	close(fd);
	close(dir);
}

static void unchanged(void)
{
	char text[20] = "";
	struct stat before, after;
	int fd = open("file", O_RDONLY);

	WORKS(stat("file", &before));
	if (read(fd, text, sizeof(text)) != 9 || strcmp(text, "contents\n") != 0)
		wrong++;
	close(fd);
	WORKS(stat("file", &after));
	if (before.st_atime != after.st_atime || before.st_nlink != 1 || before.st_size != 9)
		wrong++;
	FAILS(ENOENT, stat("new", &after));
	FAILS(ENOENT, stat("dir/new", &after));
	struct statvfs v;
	WORKS(statvfs("file", &v));
	if (!(v.f_flag & ST_RDONLY))
		wrong++;
	WORKS(statvfs("/tmp", &v));
	if (v.f_flag & ST_RDONLY)
		wrong++;
}

/* The top, and the volume within that can be written to. */
static void borders(const char *top)
{
	FAILS(EBUSY, rmdir(top));
	FAILS(EBUSY, rename(top, "/mnt/other"));
	FAILS(EXDEV, rename("dir/inner/file", "file"));
	int fd = open("dir/inner/file", O_RDWR);
	WORKS(fd);
	WORKS(write(fd, "x", 1));
	close(fd);
	WORKS(mkdir("dir/inner/new", 0755));
	WORKS(unlink("dir/inner/file"));
	FAILS(EROFS, rmdir("dir/inner"));
}

int main(int argc, char **argv)
{
	int status;

	if (argc < 2)
		return 7;
	WORKS(chdir(argv[1]));
	opening();
	naming();
	attributes();
	unchanged();
	borders(argv[1]);
	/* It can be run. */
	pid_t pid = fork();
	if (pid == 0) {
		execl("./program", "./program", NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	if (WEXITSTATUS(status) != 7)
		wrong++;
	printf("%d wrong\n", wrong);
	return wrong != 0;
}
