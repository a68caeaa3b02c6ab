/* What the programs about /proc share: a file's text, and a line of it. */
#ifndef PROCABI_H
#define PROCABI_H

#include "abi.h"

/* All of a file, which the next call replaces; "" if it can't be read. */
static inline char *proc_text(const char *path)
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

/* The first line of a file that begins with the key, without its end; left as it is if there is none. */
static inline void proc_line(const char *path, const char *key, char *line, size_t size)
{
	size_t n = strlen(key);

	for (char *at = proc_text(path); at && *at;) {
		char *end = strchr(at, '\n');
		if (strncmp(at, key, n) == 0) {
			snprintf(line, size, "%.*s", end ? (int)(end - at) : (int)strlen(at), at);
			return;
		}
		at = end ? end + 1 : NULL;
	}
}

/* Writes a text with one call. */
static inline ssize_t proc_put(const char *path, const char *text, size_t n)
{
	int fd = open(path, O_WRONLY);
	ssize_t written = fd < 0 ? -1 : write(fd, text, n);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return written;
}

#endif
