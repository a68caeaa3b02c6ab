// summary: /proc/self, /proc/PID, /proc/self/fd, /dev/fd, /dev/stdin: what is there and where links lead
#include "fsabi.h"
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <sys/wait.h>

static char buffer[65536];

static ssize_t slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n, all = 0;
	if (fd < 0)
		return -1;
	while ((n = read(fd, buffer + all, sizeof(buffer) - 1 - (size_t)all)) > 0)
		all += n;
	close(fd);
	buffer[n < 0 ? 0 : all] = '\0';
	return n < 0 ? n : all;
}

static int lists(const char *path, const char *name)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int found = 0;
	while (d && (e = readdir(d)) != NULL)
		found += strcmp(e->d_name, name) == 0;
	if (d)
		closedir(d);
	return found;
}

static void links(const char *self)
{
	char path[100], number[20];
	struct stat a, b;
	snprintf(number, sizeof(number), "%d", (int)getpid());
	ssize_t n = readlink("/proc/self", path, sizeof(path) - 1);
	HOLDS(n > 0 && (path[n] = '\0', strcmp(path, number) == 0));
	HOLDS(lists("/proc", number) == 1);
	HOLDS(lists("/proc", "self") == 1);
	HOLDS(lists("/proc", "no such") == 0);
	snprintf(path, sizeof(path), "/proc/%s/status", number);
	HOLDS(access(path, R_OK) == 0);
	SHOW(access("/proc/0", F_OK));
	SHOW(access("/proc/00001", F_OK));
	SHOW(access("/proc/99999999", F_OK));
	SHOW(access("/proc/self/nothing", F_OK));
	HOLDS(stat("/proc/self/exe", &a) == 0 && stat(self, &b) == 0 && a.st_ino == b.st_ino);
	HOLDS(stat("/proc/self/cwd", &a) == 0 && stat(".", &b) == 0 && a.st_ino == b.st_ino);
	HOLDS(stat("/proc/self/root", &a) == 0 && stat("/", &b) == 0 && a.st_ino == b.st_ino);
	n = readlink("/proc/self/cwd", buffer, sizeof(buffer));
	HOLDS(n == (ssize_t)strlen(fsabi_place) && memcmp(buffer, fsabi_place, (size_t)n) == 0);
	HOLDS(lstat("/proc/self/exe", &a) == 0 && S_ISLNK(a.st_mode));
	HOLDS(stat("/proc/self/../self/../self", &a) == 0 && S_ISDIR(a.st_mode));
}

static void descriptors(void)
{
	char path[50], link[100];
	int p[2];
	put("f", "contents");
	int fd = open("f", O_RDONLY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(path, link, sizeof(link));
	HOLDS(n > 2 && memcmp(link + n - 2, "/f", 2) == 0);
	read(fd, buffer, 4);
	text(path);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	text(path);
	SHOW(open("/proc/self/fd/999", O_RDONLY));
	SHOW(open("/proc/self/fd/x", O_RDONLY));
	SHOW(open("/proc/self/fd/01", O_RDONLY));
	SHOW(lists("/proc/self/fd", "999"));
	snprintf(link, sizeof(link), "%d", fd);
	HOLDS(lists("/proc/self/fd", link) == 1);
	unlink("f");
	/* The file has no name any more, and can be opened through the link all the same. */
	text(path);
	close(fd);
	pipe(p);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
	n = readlink(path, link, sizeof(link) - 1);
	HOLDS(n > 6 && memcmp(link, "pipe:[", 6) == 0);
	struct stat a, b;
	HOLDS(stat(path, &a) == 0 && fstat(p[0], &b) == 0 && a.st_ino == b.st_ino);
	snprintf(path, sizeof(path), "/dev/fd/%d", p[1]);
	int again = open(path, O_WRONLY);
	HOLDS(again >= 0);
	close(p[1]);
	SHOW(write(again, "through", 7));
	close(again);
	SHOW(read(p[0], buffer, 20));
	SHOW(read(p[0], buffer, 20));
	close(p[0]);
	dup2(open("/dev/null", O_RDONLY), 0);
	SHOW_OK(open("/dev/stdin", O_RDONLY));
}

static void texts(void)
{
	HOLDS(slurp("/proc/self/cmdline") > 0 && memchr(buffer, '\0', 4096) != NULL);
	HOLDS(slurp("/proc/self/stat") > 0 && atoi(buffer) == getpid());
	HOLDS(slurp("/proc/self/statm") > 0 && atoi(buffer) > 0);
	HOLDS(slurp("/proc/self/status") > 0 && strncmp(buffer, "Name:\t", 6) == 0);
	HOLDS(strstr(buffer, "\nThreads:\t1\n") != NULL && strstr(buffer, "\nVmRSS:") != NULL);
	HOLDS(slurp("/proc/self/maps") > 0 && strstr(buffer, "[stack]") != NULL);
	HOLDS(slurp("/proc/self/comm") > 0);
	HOLDS(slurp("/proc/self/limits") > 0 && strstr(buffer, "Max open files") != NULL);
	HOLDS(slurp("/proc/meminfo") > 0 && strncmp(buffer, "MemTotal:", 9) == 0);
	HOLDS(slurp("/proc/uptime") > 0 && atof(buffer) > 0);
	HOLDS(slurp("/proc/mounts") > 0);
	HOLDS(slurp("/proc/filesystems") > 0 && strstr(buffer, "tmpfs") != NULL);
	HOLDS(slurp("/proc/sys/vm/overcommit_memory") == 2);
	HOLDS(slurp("/proc/sys/kernel/ostype") == 6);
	setenv("X", "y", 1);
	SHOW(open("/proc/self/status", O_RDONLY | O_DIRECTORY));
	SHOW(mkdir("/proc/x", 0755));
	SHOW(unlink("/proc/version"));
	SHOW(rename("/proc/version", "/proc/x"));
	put("f", "x");
	SHOW(link("f", "/proc/version"));
	SHOW(open("/proc/self", O_WRONLY));
	SHOW(rmdir("/proc"));
	/* Somebody else, alive and dead. */
	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	char path[50];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
	HOLDS(slurp(path) > 0);
	kill(child, SIGKILL);
	siginfo_t info;
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	HOLDS(slurp(path) > 0 && strstr(buffer, ") Z ") != NULL);
	int fd = open(path, O_RDONLY);
	waitpid(child, NULL, 0);
	SHOW(access(path, F_OK));
	close(fd);
}

int main(int argc, char **argv)
{
	(void)argc;
	char self[PATH_MAX];
	if (!realpath(argv[0], self))
		return 1;
	fsabi_begin();
	links(self);
	descriptors();
	texts();
	return 0;
}
