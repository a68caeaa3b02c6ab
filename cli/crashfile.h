/* The file with a report of the kernel's: what it said, with source lines. */
#ifndef CLI_CRASHFILE_H
#define CLI_CRASHFILE_H

#include <stdbool.h>

#include "addr2line.h"
#include "crash.h"
#include "text.h"

struct crash_file {
	/* The report's lines, and its places in the kernel in the same order. */
	struct text_list lines;
	struct source_line *places;
	size_t count;
	/* Where it is, and whether all of it is there. */
	char *name;
	bool written;
};

/* Makes it: airlock-KIND-DATE-TIME.txt. Where no file can be made, the folder for temporary files is tried. */
void crash_file_write(struct crash_file *file, const char *kind, const struct klog *log,
	const char *fatal, const struct crash_context *context);
void crash_file_free(struct crash_file *file);

/* The address of a line of a stack. */
bool crash_file_place(const char *line, uint64_t *address);

#endif
