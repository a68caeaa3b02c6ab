/* Where the parts of a built Airlock are. */
#ifndef CLI_PATHS_H
#define CLI_PATHS_H

/*
 * A path inside the build folder, which is the one that holds bin/airlock, and inside the folder
 * with the sources, which holds the build folder; the folder itself for an empty name.  The caller owns the result.
 */
char *paths_build(const char *name);
char *paths_source(const char *name);

/* The command itself. */
char *paths_self(void);

#endif
