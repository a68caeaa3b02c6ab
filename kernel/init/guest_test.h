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

/* Records the first failure of the running test; the test goes on, so that it can clean up. Any thread. */
void guest_test_fail(const char *file, int line, const char *what);

#define EXPECT(c)                                                \
	do {                                                     \
		if (!(c))                                        \
			guest_test_fail(__FILE__, __LINE__, #c); \
	} while (0)

/* The seed of this run: tests derive their random choices from it. */
u64 guest_test_seed(void);

/* Runs the tests whose names match, reports each as a `test` event; the number that failed, or -ENOENT if none matched. */
int guest_test_run(const char *glob, u64 seed);

#endif
