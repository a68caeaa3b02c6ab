/* The kernel's command line: words separated by blanks, "key" or "key=value". */
#ifndef LIB_CMDLINE_H
#define LIB_CMDLINE_H

#include "lib/types.h"

/* Copies the next word of *line to word (cut to size-1 bytes) and moves *line past it; false at the end. */
bool cmdline_next(const char **line, char *word, size_t size);

/* The value of the last "key=value" on the line, or "" for a bare "key"; false if key is not there. */
bool cmdline_get(const char *line, const char *key, char *value, size_t size);

#endif
