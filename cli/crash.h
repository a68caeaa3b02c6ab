/* Crash reports: what the kernel said when it failed, with source lines, in a file. */
#ifndef CLI_CRASH_H
#define CLI_CRASH_H

#include <stdbool.h>

#include "klog.h"

struct crash_context {
	/* The image that ran, and the program. */
	const char *kernel;
	const char *program;
	/* The folder for the file; NULL: $AIRLOCK_CRASH_DIR, else the current one. */
	const char *folder;
	/* Without a folder given, not the current one but that for temporary files. */
	bool only_where_wanted;
};

/*
 * Writes the report and says in five lines what happened and where the report is. Where no file can be made, the folder for
 * temporary files is tried.
 */
void crash_report(const struct klog *log, const char *fatal, const struct crash_context *context);

#endif
