/* Operations that C gives no meaning, for the undefined-behaviour sanitizer to find. */
#include "init/guest_test.h"

static volatile u32 shift = 33;
static volatile u32 place = 7;
static volatile s32 zero;
static volatile u8 two = 2;
static u32 array[7];

PLANTED(shift_too_far)
{
	SIN(shift = 1U << shift);
}

PLANTED(index_out_of_bounds)
{
	/* cppcheck-suppress arrayIndexOutOfBounds; that is the bug */
	SIN(array[place] = 1);
}

PLANTED(division_by_zero)
{
	SIN(zero = 5 / zero);
}

PLANTED(bool_that_is_two)
{
	const volatile bool *b = (const volatile bool *)&two;

	SIN(zero = *b);
}

PLANTED(unreachable_reached)
{
	if (place == 7)
		SIN(__builtin_unreachable());
}
