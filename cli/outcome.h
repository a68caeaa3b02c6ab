/* How a run ended, in the user's terms. */
#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

#include <stdbool.h>

#include "vm.h"

/* What the messages mention. */
struct outcome_context {
	/* The program's name as the user gave it. */
	const char *program;
	long memory_mib;
	double timeout;
	double boot_timeout;
	const char *accel;
	/* For crash reports: the image, and the folder, NULL for the default. */
	const char *kernel;
	const char *crash_folder;
};

/* Says in at most one line what went wrong, and gives the exit status of the command. */
int outcome_status(const struct vm_result *result, const struct outcome_context *context);

/* The program ended by itself, with status 0.  Says nothing. */
bool outcome_succeeded(const struct vm_result *result);

/*
 * For a kernel that logs nothing but warnings: when there is any, STATUS_AIRLOCK after a line with
 * the first, else `status`.
 */
int outcome_strict(const struct vm_result *result, int status);

#endif
