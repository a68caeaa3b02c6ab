// summary: errors of single calls on files that the tables of errno_paths.c, errno_at.c and errno_descriptors.c do not reach
//
// Seen to fail: while copy_file_range() refused ranges that only end beyond every file, and sendfile() took them.
#include "fsabi.h"
#include "proc.h"

#include <limits.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>

static void running(const char *self)
{
	SHOW(syscall(SYS_open, self, O_RDWR));
	SHOW(syscall(SYS_open, self, O_WRONLY | O_TRUNC));
	SHOW(syscall(SYS_creat, self, 0700));
	SHOW(truncate(self, 0));
	SHOW(access(self, W_OK));
}

static void directories(void)
{
	mkdir("closed", 0700);
	int closed = open("closed", O_RDONLY | O_DIRECTORY);
	SHOW_CHILD({
		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
			_exit(1);
		SHOW(fchdir(closed));
		SHOW(syscall(SYS_openat, closed, "x", O_RDONLY));
	});
	mkdir("full", 0755);
	put("full/file", "");
	mkdir("empty", 0755);
	put("file", "text");
	int here = open(".", O_RDONLY | O_DIRECTORY);
	SHOW(syscall(SYS_rename, "empty", "full"));
	SHOW(syscall(SYS_renameat, here, "empty", here, "full"));
	SHOW(syscall(SYS_renameat2, here, "empty", here, "full", 0));
	SHOW(syscall(SYS_renameat, here, "full", here, "full/below"));
	SHOW(syscall(SYS_renameat2, here, "full", here, "full/below", 0));
	SHOW(syscall(SYS_rename, "file", "empty"));
	SHOW(syscall(SYS_renameat, here, "file", here, "empty"));
	SHOW(syscall(SYS_renameat2, here, "file", here, "empty", 0));
	SHOW(syscall(SYS_renameat2, here, "empty", here, "file", 0));
	SHOW(syscall(SYS_mknod, "node", 0170000, 0));
	SHOW(syscall(SYS_mknodat, here, "node", 0170000, 0));
	SHOW(syscall(SYS_mknod, "node", S_IFDIR | 0700, 0));
	SHOW(syscall(SYS_mknod, "node", S_IFLNK | 0700, 0));
	close(here);
	close(closed);
}

/* In the name space that a tmpfs has had for the longest time. */
static void attributes(void)
{
	static const char name[] = "trusted.name";
	char longer[300] = "trusted.", buffer[100];

	memset(longer + 8, 'n', 256);
	put("with", "");
	int fd = open("with", O_RDWR);
	SHOW(fsetxattr(fd, name, "value", 5, XATTR_REPLACE));
	SHOW(lsetxattr("with", name, "value", 5, XATTR_REPLACE));
	SHOW(fsetxattr(fd, name, "value", 5, XATTR_CREATE));
	SHOW(fsetxattr(fd, name, "value", 5, XATTR_CREATE));
	SHOW(lsetxattr("with", name, "value", 5, XATTR_CREATE));
	SHOW(fsetxattr(fd, longer, "value", 5, 0));
	SHOW(fsetxattr(fd, "", "value", 5, 0));
	SHOW(fsetxattr(fd, name, "value", 70000, 0));
	SHOW(fgetxattr(fd, name, buffer, 4));
	SHOW(fgetxattr(fd, longer, buffer, 4));
	SHOW(flistxattr(fd, buffer, 5));
	SHOW(listxattr("with", buffer, 5));
	SHOW(llistxattr("with", buffer, 5));
	SHOW(flistxattr(fd, (char *)8, 100));
	SHOW(fremovexattr(fd, (char *)8));
	SHOW(fremovexattr(fd, longer));
	SHOW(fremovexattr(fd, name));
	SHOW(fremovexattr(fd, name));
	close(fd);
}

static void single(void)
{
	struct timespec none = {0, 0};
	fd_set set;
	int in = open("file", O_RDONLY), out = open("out", O_WRONLY | O_CREAT, 0600);
	loff_t far = LLONG_MAX - 1, start = 0;

	SHOW(syscall(SYS_pipe, 8));
	SHOW(syscall(SYS_pipe2, 8, 0));
	FD_ZERO(&set);
	/* Inside every table, which the call does not look behind. */
	FD_SET(60, &set);
	SHOW(syscall(SYS_pselect6, 61, &set, NULL, NULL, &none, NULL));
	SHOW(syscall(SYS_pselect6, 61, NULL, &set, NULL, &none, NULL));
	SHOW(syscall(SYS_copy_file_range, in, &far, out, &start, 100, 0));
	SHOW(syscall(SYS_copy_file_range, in, &start, out, &far, 100, 0));
	far = LLONG_MAX;
	SHOW(syscall(SYS_copy_file_range, in, &start, out, &far, 100, 0));
	far = 1;
	start = 0;
	SHOW(syscall(SYS_copy_file_range, in, &far, out, &start, -1L, 0));
	SHOW(syscall(SYS_copy_file_range, in, &start, out, &far, -1L, 0));
	SHOW(syscall(SYS_copy_file_range, in, &start, out, &start, LLONG_MAX, 0));
	SHOW(syscall(SYS_lseek, in, LLONG_MAX, SEEK_END));
	far = LLONG_MAX - 1;
	SHOW(syscall(SYS_sendfile, out, in, &far, 100));
	start = 0;
	SHOW(syscall(SYS_sendfile, out, in, &start, -1L));
	SHOW(syscall(SYS_sendfile, out, in, NULL, -1L));
	SHOW(syscall(SYS_pwrite64, out, (char *)8, 10, 0));
	struct iovec v = {(char *)8, 10};
	SHOW(syscall(SYS_pwritev, out, &v, 1, 0, 0));
	SHOW(syscall(SYS_pwritev2, out, &v, 1, 0, 0, 0));
	close(in);
	close(out);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	char self[PATH_MAX];
	HOLDS(realpath(argv[0], self));
	fsabi_begin();
	running(self);
	directories();
	attributes();
	single();
	return argc - 1;
}
