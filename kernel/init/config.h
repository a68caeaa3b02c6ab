/*
 * `.airlock/init`, the file in the initial archive that says what to run (docs/host-protocol.md): decoding, apart from any
 * effect, so that it can be tested on the host.
 */
#ifndef INIT_CONFIG_H
#define INIT_CONFIG_H

#include "lib/compiler.h"
#include "lib/types.h"

/* One program to run. The strings lie in the buffer that was decoded. */
struct program_config {
	const char *path;
	char **argv; /* both end with NULL */
	char **envp;
	u32 argc, envc;
	char **volumes; /* "ro:" or "rw:", and an absolute path: what may be written to of the tree */
	u32 volume_count;
	const char *cwd;
	u32 uid, gid;
	u32 times; /* how often it is run, one after the other */
	bool tty;
	u32 rows, columns; /* of the terminal */
};

struct config {
	struct program_config *program;
	u32 count;
	char **strings; /* what all the lists point into */
};

/* Decodes size bytes, which end with NUL and must outlive the result. 0; -EINVAL, with a few words in *why; -ENOMEM. */
MUST_CHECK int config_decode(char *bytes, size_t size, struct config *out, const char **why);
void config_free(struct config *c);

#endif
