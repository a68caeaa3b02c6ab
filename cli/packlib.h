/* The libraries and the dynamic linker of an ELF file, for pack.c. */
#ifndef CLI_PACKLIB_H
#define CLI_PACKLIB_H

#include <stdbool.h>

#include "hostfile.h"
#include "pack.h"

/*
 * Packs what the ELF file with the real path `path` needs; a static one needs nothing.  0, or, if
 * `strict`, 126 after a line that says what `name` lacks.  Otherwise what is missing is left out.
 */
int packlib_add(struct pack *pack, const char *name, const char *path, const struct hostfile *file,
	bool strict);

#endif
