// summary: stat, access, readlink, chdir, getcwd, open: what paths mean and which errors they give
#include "abi.h"
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>

static char self[4096], folder[4096], name[4096];

static void open_errors(void)
{
	static char path[8192];
	SHOW(open("/no/such/file", O_RDONLY));
	SHOW(open("", O_RDONLY));
	snprintf(path, sizeof(path), "%s/below", self);
	SHOW(open(path, O_RDONLY));
	snprintf(path, sizeof(path), "%s/", self);
	SHOW(open(path, O_RDONLY));
	SHOW(open("/", O_WRONLY));
	SHOW(open("/", O_RDWR));
	SHOW(open(self, O_RDONLY | O_DIRECTORY));
	SHOW_OK(open("/", O_RDONLY | O_DIRECTORY));
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	SHOW(open(path, O_RDONLY));
	path[300] = 0;
	SHOW(open(path, O_RDONLY));
	path[256] = 0;
	SHOW(open(path, O_RDONLY));
	SHOW_OK(open("////.//..///.", O_RDONLY));
	SHOW(open("/nosuch", O_CREAT | O_DIRECTORY | O_RDONLY, 0600) == -1);
}

static void at_calls(void)
{
	struct stat st;
	int dir = open(folder, O_RDONLY | O_DIRECTORY);
	int file = open(self, O_RDONLY);
	HOLDS(dir >= 0 && file >= 0);
	SHOW_OK(openat(dir, name, O_RDONLY));
	SHOW_OK(openat(999, self, O_RDONLY));
	SHOW(openat(999, name, O_RDONLY));
	SHOW(openat(file, name, O_RDONLY));
	SHOW(fstatat(dir, name, &st, 0));
	SHOW(fstatat(dir, "", &st, 0));
	SHOW(fstatat(file, "", &st, AT_EMPTY_PATH));
	HOLDS(S_ISREG(st.st_mode));
	SHOW(fstatat(AT_FDCWD, "", &st, AT_EMPTY_PATH));
	HOLDS(S_ISDIR(st.st_mode));
	SHOW(fstatat(dir, name, &st, 0x10000000));
	SHOW(fstatat(dir, "nosuch", &st, AT_SYMLINK_NOFOLLOW));
	SHOW(faccessat(dir, name, R_OK, 0));
	SHOW(faccessat(dir, "nosuch", F_OK, 0));
}

static void directories(void)
{
	char where[4096];
	struct stat st, other;
	SHOW(chdir("/"));
	HOLDS(getcwd(where, sizeof(where)) != NULL);
	puts(where);
	SHOW(chdir(folder));
	HOLDS(getcwd(where, sizeof(where)) != NULL && strcmp(where, folder) == 0);
	HOLDS(stat(name, &st) == 0 && stat(self, &other) == 0 && st.st_ino == other.st_ino);
	SHOW(chdir(".."));
	HOLDS(getcwd(where, sizeof(where)) != NULL && strncmp(where, folder, strlen(where)) == 0);
	SHOW(chdir(self));
	SHOW(chdir("/no/such"));
	SHOW(chdir(""));
	SHOW(syscall(SYS_getcwd, where, 1));
	SHOW(syscall(SYS_getcwd, where, 0));
	SHOW(chdir("/"));
	SHOW(syscall(SYS_getcwd, where, 2));
	SHOW(chdir("../../.."));
	SHOW(syscall(SYS_getcwd, where, 4096));
	puts(where);
	int dir = open(folder, O_RDONLY);
	SHOW(fchdir(dir));
	HOLDS(getcwd(where, sizeof(where)) != NULL && strcmp(where, folder) == 0);
	SHOW(fchdir(999));
	SHOW(chdir("/"));
}

int main(int argc, char **argv)
{
	(void)argc;
	struct stat st;
	char target[100];
	if (!realpath(argv[0], self))
		return 1;
	char copy[4096];
	strcpy(copy, self);
	strcpy(folder, dirname(copy));
	strcpy(copy, self);
	strcpy(name, basename(copy));

	SHOW(stat("/", &st));
	HOLDS(S_ISDIR(st.st_mode) && st.st_nlink >= 2);
	SHOW(stat("/no/such/file", &st));
	SHOW(stat("", &st));
	SHOW(lstat("/nosuch", &st));
	SHOW(fstat(999, &st));
	SHOW(access("/", R_OK | X_OK));
	SHOW(access("/", 0x10));
	SHOW(access("/nosuch", F_OK));
	HOLDS(access(self, F_OK) == 0 && access(self, R_OK) == 0 && access(self, X_OK) == 0);
	SHOW(readlink("/", target, sizeof(target)));
	SHOW(readlink(self, target, sizeof(target)) == -1 && errno == EINVAL);
	SHOW(readlink("/nosuch", target, sizeof(target)));
	SHOW(readlink("", target, sizeof(target)));
	SHOW(readlink("/", target, 0));
	open_errors();
	at_calls();
	directories();
	return 0;
}
