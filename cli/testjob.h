/* Running tests: each in a process group of its own, several side by side. */
#ifndef CLI_TESTJOB_H
#define CLI_TESTJOB_H

#include "testcase.h"

struct testjob_config {
	/* The command itself, as the tests are to call it. */
	const char *airlock;
	const char *kernel;
	const char *debug_kernel;
	/* For one variant of each ABI program; NULL where all take `kernel`. */
	const char *abi_debug_kernel;
	/* Folder for the tests' scratch files. */
	const char *scratch;
	/* Root of the sources. */
	const char *source;
	unsigned long seed;
	/* Schedule fuzzing. */
	bool fuzz;
	/* Scripts may do less. */
	bool brief;
	/* How many at a time. */
	int jobs;
	/* Called once for each test, in the order of the list. */
	void (*finished)(const struct testcase *test, void *context);
	void *context;
};

/* The seed of one run: repetitions count it up, so that each can be repeated alone. */
unsigned long testjob_seed(const struct testjob_config *config, const struct testcase *test);

/*
 * Runs all tests of the list, longest first as far as the last run, or else their limits, tell.
 * 0, or an exit status after one line.
 */
int testjob_run_all(const struct testjob_config *config, struct testcase_list *list);

#endif
