/* What the ABI programs about files share: a directory of their own on a tmpfs, gone at the end. */
#ifndef FSABI_H
#define FSABI_H

#include "abi.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static char fsabi_place[64];

static void fsabi_remove(const char *path)
{
	DIR *d = opendir(path);
	if (!d)
		return;
	struct dirent *e;
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(d), e->d_name, 0) == 0)
			continue;
		char below[4096];
		snprintf(below, sizeof(below), "%s/%s", path, e->d_name);
		chmod(below, 0700);
		fsabi_remove(below);
	}
	closedir(d);
	rmdir(path);
}

static void fsabi_end(void)
{
	if (chdir("/") == 0)
		fsabi_remove(fsabi_place);
}

/* Makes the directory and goes there; umask 022. */
static void fsabi_begin(void)
{
	for (int i = 3; i < 1024; i++)
		close(i);
	umask(022);
	snprintf(fsabi_place, sizeof(fsabi_place), "/dev/shm/airlock-abi-%d", (int)getpid());
	if (mkdir(fsabi_place, 0755) != 0 || chdir(fsabi_place) != 0) {
		perror(fsabi_place);
		exit(1);
	}
	atexit(fsabi_end);
}

/* A file with these contents. */
static inline void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		printf("put %s: %s\n", path, error_name(errno));
	if (fd >= 0)
		close(fd);
}

/* Prints type, mode, links, size. */
static inline void look(const char *path)
{
	struct stat st;
	if (lstat(path, &st) != 0)
		printf("%s: %s\n", path, error_name(errno));
	else
		printf("%s: mode %o, %ld links, %ld:%ld, size %ld\n", path, st.st_mode,
			(long)st.st_nlink, (long)st.st_uid, (long)st.st_gid,
			S_ISDIR(st.st_mode) ? -1L : (long)st.st_size);
}

static inline void text(const char *path)
{
	char buffer[200];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer) - 1);
	if (n < 0) {
		printf("%s: %s\n", path, error_name(errno));
	} else {
		buffer[n] = '\0';
		printf("%s: \"%s\"\n", path, buffer);
	}
	if (fd >= 0)
		close(fd);
}

#endif
