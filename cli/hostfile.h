/* Files of the host on their way into the initial archive. */
#ifndef CLI_HOSTFILE_H
#define CLI_HOSTFILE_H

#include <stddef.h>
#include <sys/stat.h>

#include "initrd.h"

struct hostfile {
	struct stat status;
	/* The contents, mapped; NULL if there are none. */
	const char *data;
	size_t size;
};

/* Opens a regular file.  0, or 126 after a line that calls it `name`. */
int hostfile_open(const char *name, const char *path, struct hostfile *file);
/* The same without a word: a negative errno value. */
int hostfile_try(const char *path, struct hostfile *file);
void hostfile_close(struct hostfile *file);

/*
 * Adds the file to the archive at its place on the host: `path` is absolute; every symbolic link on
 * the way goes along, because programs look at the path by which they were found.  The result, which
 * the caller owns, is the real path.
 */
char *hostfile_add(struct initrd *initrd, const char *path, const struct hostfile *file);

/* The path from the root of the host, without what says nothing ("//", "/./", "/x/.."). */
char *hostfile_absolute(const char *path);

#endif
