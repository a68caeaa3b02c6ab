/*
 * Weights: 1024 in the middle, a factor of 1.25 a step, within rounding; time is scaled accordingly.
 *
 * Seen to fail: 5 and 4 exchanged; no rounding.
 */
#include "unit.h"

#include "sched/weight.h"

static void each_step_is_a_quarter(void **state)
{
	s32 nice;

	assert_int_equal(weight_of_nice(0), 1024);
	for (nice = NICE_MIN; nice <= NICE_MAX; nice++) {
		double exact = 1024, error;
		s32 i;

		for (i = 0; i < nice; i++)
			exact /= 1.25;
		for (i = 0; i > nice; i--)
			exact *= 1.25;
		error = (double)weight_of_nice(nice) - exact;
		assert_true(error <= 0.5 && error >= -0.5);
		assert_true(nice == NICE_MIN || weight_of_nice(nice) < weight_of_nice(nice - 1));
	}
}

static void time_is_scaled(void **state)
{
	/* Ten days of CPU time do not overflow. */
	u64 long_time = 864000 * NS_PER_SEC;

	assert_int_equal(weight_scale(1000, 1024), 1000);
	assert_int_equal(weight_scale(1000, 2048), 500);
	assert_int_equal(weight_scale(long_time, 512), 2 * long_time);
	assert_int_equal(weight_scale(long_time / 100, weight_of_nice(19)),
		long_time / 100 * 1024 / weight_of_nice(19));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_is_a_quarter),
		cmocka_unit_test(time_is_scaled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
