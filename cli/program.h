/* The program that is to run: found on the host or in the archive, checked, and put in place. */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "initrd.h"
#include "pack.h"

/*
 * Finds `name` as a shell would (the host's PATH, or a path when there is a slash in it), checks
 * that Airlock can run it, and adds it with all it needs to the archive (pack.h).  `path`, which the caller owns, is where it is.
 * 0, or an exit status (125, 126, 127) after one line.
 */
int program_add_from_host(const char *name, struct pack *pack, char **path);

/* The same for a program that is in the archive already; `search` is the PATH of the VM. */
int program_find_in_archive(
	const char *name, const char *search, const char *cwd, struct initrd *initrd, char **path);

#endif
