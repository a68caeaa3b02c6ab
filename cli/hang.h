/* What everything waited for when the time of a run was over. */
#ifndef CLI_HANG_H
#define CLI_HANG_H

#include "crash.h"

/* Writes the kernel's report to a file, and says for the first threads of programs where each waits, and where the report is. */
void hang_report(const struct klog *log, const char *fatal, const struct crash_context *context);

#endif
