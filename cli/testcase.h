/* The tests: what there is, and which of it was asked for. */
#ifndef CLI_TESTCASE_H
#define CLI_TESTCASE_H

#include <stdbool.h>
#include <stddef.h>

#include "testheader.h"
#include "text.h"

enum test_tier {
	/* cmocka programs for the host. */
	TIER_UNIT,
	/* Tests inside the debug kernel. */
	TIER_GUEST,
	/* Static programs that run on the host first; the guest must do the same. */
	TIER_ABI,
	/* Scripts that run whole programs. */
	TIER_SCENARIO,
	/* Scripts about the crossings between user and kernel. */
	TIER_CROSSING,
	TIERS,
};

enum test_result { RESULT_NONE, RESULT_PASS, RESULT_FAIL, RESULT_SKIP };

struct testcase {
	enum test_tier tier;
	/* Without tier and variant, such as "ring3-enosys". */
	const char *name;
	/* 0 and NULL where the test is not expanded over them. */
	int cpus;
	const char *pti;
	/* Which run of it this is, 0 without --repeat. */
	int repeat;
	/* "crossing/ring3-enosys[cpus=2,pti=on]". */
	char *full_name;
	/* The program, script or kernel. */
	const char *path;
	const char *summary;
	double timeout;
	enum test_span span;
	bool nightly;

	/* Filled in when it has run. */
	enum test_result result;
	double seconds;
	/* Of processor time, by the test and all that it started and waited for. */
	double busy;
	/* Why it failed or was skipped, may be NULL; what it printed, may be NULL. */
	char *why;
	char *output;
};

struct testcase_list {
	struct testcase *items;
	size_t count;
	size_t room;
};

struct test_selection {
	/* Globs; with none, everything. */
	char **names;
	size_t count;
	enum test_span span;
	bool nightly;
	int repeat;
	/* The kernel for the in-kernel tests. */
	const char *debug_kernel;
};

const char *testcase_tier_name(enum test_tier tier);

/* Whether the test has this name, with or without tier and variant; globs allowed. */
bool testcase_matches(const struct testcase *test, const char *pattern);

/*
 * Finds all selected tests in the folders `source`/tests and `build`, in a fixed order. 0, or an
 * exit status after one line (a name that fits no test, a broken header).
 */
int testcase_find(const char *source, const char *build, const struct test_selection *selection,
	struct testcase_list *list);
void testcase_list_free(struct testcase_list *list);

#endif
