/* Files of /proc, for programs that look at the kernel's figures or set them: a file's text, a line of it, and writing to it. */
#ifndef PROCFILE_H
#define PROCFILE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All of a file, which the next call replaces; "" if it can't be read. */
static inline char *procfile_text(const char *path)
{
	static char text[1 << 18];
	ssize_t n, all = 0;
	int fd = open(path, O_RDONLY);

	while (fd >= 0 && (n = read(fd, text + all, sizeof(text) - 1 - (size_t)all)) > 0)
		all += n;
	if (fd >= 0)
		close(fd);
	text[all] = '\0';
	return text;
}

/* The first line of a file that begins with the key, without its end: 0. Left as it is if there is none: -1. */
static inline int procfile_line(const char *path, const char *key, char *line, size_t size)
{
	size_t n = strlen(key);

	for (char *at = procfile_text(path); at && *at;) {
		char *end = strchr(at, '\n');
		if (strncmp(at, key, n) == 0) {
			snprintf(line, size, "%.*s", end ? (int)(end - at) : (int)strlen(at), at);
			return 0;
		}
		at = end ? end + 1 : NULL;
	}
	return -1;
}

/* The number behind the key, or -1. */
static inline long long procfile_number(const char *path, const char *key)
{
	char line[512];

	return procfile_line(path, key, line, sizeof(line)) ? -1 : atoll(line + strlen(key));
}

/* Writes n bytes with one call, whose result it is; errno is that call's. */
static inline ssize_t procfile_write(const char *path, const char *text, size_t n)
{
	int fd = open(path, O_WRONLY);
	ssize_t written = fd < 0 ? -1 : write(fd, text, n);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return written;
}

/* A whole text: 0 or the error. */
static inline int procfile_put(const char *path, const char *text)
{
	return procfile_write(path, text, strlen(text)) < 0 ? errno : 0;
}

#endif
