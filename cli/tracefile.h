/* `airlock run --trace FILE`: the kernel's records as Chrome/Perfetto trace events, written as they come. */
#ifndef CLI_TRACEFILE_H
#define CLI_TRACEFILE_H

#include <stddef.h>

struct tracefile;

/* Creates the file. NULL after one line when it can't be. kernel: the image that runs, for the names of its functions. */
struct tracefile *tracefile_create(const char *path, const char *kernel);
/* Bytes from the kernel. */
void tracefile_add(void *file, const char *data, size_t length);
/* Ends the file. 0, or an exit status after one line when it could not be written; says so when records were lost. */
int tracefile_finish(struct tracefile *file);

#endif
