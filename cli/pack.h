/*
 * Packing: a program of the host with all it needs to start, at the places it has on the host.
 *
 * What that is:
 *   - the file, and each symbolic link on the way to it;
 *   - of a script, the interpreter after #!, and for `env NAME` the program that PATH finds for NAME;
 *   - of a dynamically linked file, the dynamic linker it names (PT_INTERP), and the libraries it
 *     needs (DT_NEEDED) and those they need; and what glibc opens by
 *     itself: libgcc_s.so.1, of one that may cancel or end a thread; the locale C.UTF-8, of one that
 *     asks for the locale of its environment.
 * A library is looked for as ld.so(8) does: a name with a slash is a path; otherwise DT_RPATH of the
 * file that needs it and of those that brought it (unless it has DT_RUNPATH), LD_LIBRARY_PATH of the
 * program's environment, DT_RUNPATH, the host's /etc/ld.so.cache (which goes along), and the usual
 * folders.  What a program opens by itself (dlopen, data files) can't be known: airlock run -v.
 */
#ifndef CLI_PACK_H
#define CLI_PACK_H

#include "initrd.h"
#include "ldcache.h"
#include "text.h"

struct pack {
	struct initrd *initrd;
	/* LD_LIBRARY_PATH and PATH of the program; may be NULL. */
	const char *library_path;
	const char *search;
	struct ldcache cache;
	/* Real paths of what is packed already. */
	struct text_list done;
};

void pack_open(
	struct pack *pack, struct initrd *initrd, const char *library_path, const char *search);
void pack_close(struct pack *pack);

/* Packs the program at an absolute path.  0, or 126 after one line that says what is missing. */
int pack_program(struct pack *pack, const char *name, const char *path);

/*
 * Copies a file or a directory tree of the host to a path in the VM; of each program in it also what
 * it needs, as far as that is there.  0, or 125 after one line.
 */
int pack_volume(struct pack *pack, const char *host, const char *guest);

#endif
