/* The program that is to run: found on the host or in the archive, checked, and put in place. */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "initrd.h"

/*
 * Finds `name` as a shell would (the host's PATH, or a path when there is a slash in it), checks
 * that Airlock can run it, and adds it to the archive at its absolute path, with the symbolic links
 * that lead there.  `path`, which the caller owns, is where it is.
 * 0, or an exit status (125, 126, 127) after one line.
 */
int program_add_from_host(const char *name, struct initrd *initrd, char **path);

/* The same for a program that is in the archive already; `search` is the PATH of the VM. */
int program_find_in_archive(
	const char *name, const char *search, const char *cwd, struct initrd *initrd, char **path);

#endif
