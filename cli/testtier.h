/* What running a test means in each tier, and what its output says. */
#ifndef CLI_TESTTIER_H
#define CLI_TESTTIER_H

#include "testjob.h"

/* In the job's process: runs the tests and returns the status to exit with. deadline: of VMs, CLOCK_MONOTONIC. */
int testtier_run(const struct testjob_config *config, const struct testcase *const *tests,
	size_t count, double deadline);

/* What they may take together, in seconds. */
double testtier_timeout(const struct testcase *const *tests, size_t count);

/*
 * Fills in the results.  `status` is as waitpid() gives it, or -1 when the time was up.
 */
void testtier_judge(struct testcase **tests, size_t count, int status, const char *output);

#endif
