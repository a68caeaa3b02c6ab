/*
 * In-kernel tests. A file under a tests/ folder says
 *
 *     GUEST_TEST(buddy_gives_back_what_it_took)
 *     {
 *             EXPECT(frame_free_count() == before);
 *     }
 *
 * and the linker collects it. Debug kernels run them when `test=GLOB` is on the command line, in an order shuffled by `seed=`,
 * in a kernel thread with interrupts on and every CPU running.
 */
#ifndef INIT_GUEST_TEST_H
#define INIT_GUEST_TEST_H

#include "lib/compiler.h"
#include "lib/types.h"

struct guest_test {
	const char *name;
	void (*run)(void);
};

#define GUEST_TEST(test_name)                                                   \
	static void test_name(void);                                            \
	USED SECTION(".guest_tests")                                            \
		ALIGNED(8) static const struct guest_test test_name##_entry = { \
			.name = #test_name, .run = test_name};                  \
	static void test_name(void)

/*
 * A planted bug: run by `planted=NAME`, and it must be reported, with the line that SIN() marks in the stack or in the text of the
 * report. tests/scenario/planted-*.sh say by which variant and in which words.
 */
#define PLANTED(bug_name)                                                                       \
	static void bug_name(void);                                                             \
	USED SECTION(".planted") ALIGNED(8) static const struct guest_test bug_name##_entry = { \
		.name = #bug_name, .run = bug_name};                                            \
	static void bug_name(void)
#define SIN(statement) statement

/* Records the first failure of the running test; the test goes on, so that it can clean up. Any thread. */
void guest_test_fail(const char *file, int line, const char *what);

#define EXPECT(c)                                                \
	do {                                                     \
		if (!(c))                                        \
			guest_test_fail(__FILE__, __LINE__, #c); \
	} while (0)

/* For tests of what the scheduler promises only as long as nothing disturbs it (`schedfuzz=`): true, and then the test is skipped
 * and returns at once. */
MUST_CHECK bool guest_test_skip_fuzzed(void);

/* The seed of this run: tests derive their random choices from it. */
u64 guest_test_seed(void);

/* Runs the tests whose names match, reports each as a `test` event; the number that failed, or -ENOENT if none matched. */
int guest_test_run(const char *glob, u64 seed);

/* Commits a planted bug. 1, after a `test` event, if nobody noticed, or -ENOENT. */
int guest_test_plant(const char *name);

#endif
