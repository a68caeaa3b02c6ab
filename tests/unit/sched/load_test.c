/*
 * The load average: how it comes near what runs, and fades.
 *
 * Seen to fail: with the factors of a minute and of fifteen exchanged.
 */
// sources: kernel/sched/load.c
#include "unit.h"

#include "sched/runq.h"
#include "sched/sched.h"
#include "time/timer.h"

struct runq runqs[MAX_CPUS];
atomic64_t sched_online;

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
}

void timer_arm(struct timer *t, u64 deadline_ns)
{
}

/* After so many seconds of so many threads, in hundredths. */
static u64 after(u64 hundredths, u32 seconds, u64 running, u32 which)
{
	u64 load = (hundredths << SCHED_LOAD_SHIFT) / 100;

	for (u32 i = 0; i < seconds; i += 5)
		load = sched_load_step(load, running, which);
	return (load * 100 + (1UL << (SCHED_LOAD_SHIFT - 1))) >> SCHED_LOAD_SHIFT;
}

/* In one period an average comes 1 - 1/e of the way: 63 %. */
static void test_one_period(void **state)
{
	assert_int_equal(after(0, 60, 1, 0), 63);
	assert_int_equal(after(0, 300, 1, 1), 63);
	assert_int_equal(after(0, 900, 1, 2), 63);
	assert_int_equal(after(0, 60, 10, 0), 632);
}

static void test_first_sample(void **state)
{
	assert_int_equal(after(0, 5, 1, 0), 8);
	assert_int_equal(after(0, 5, 1, 1), 2);
	assert_int_equal(after(0, 5, 1, 2), 1);
}

static void test_stays(void **state)
{
	for (u32 which = 0; which < SCHED_LOADS; which++) {
		assert_int_equal(after(0, 100000, 0, which), 0);
		assert_int_equal(after(300, 100000, 3, which), 300);
		assert_int_equal(after(6400, 100000, 64, which), 6400);
	}
}

/* As far as to nothing. */
static void test_fades(void **state)
{
	assert_int_equal(after(100, 60, 0, 0), 37);
	assert_int_equal(after(100, 300, 0, 1), 37);
	assert_int_equal(after(100, 900, 0, 2), 37);
	assert_int_equal(after(100, 100000, 0, 0), 0);
	assert_int_equal(after(3276800, 100000, 0, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_period),
		cmocka_unit_test(test_first_sample),
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_fades),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
