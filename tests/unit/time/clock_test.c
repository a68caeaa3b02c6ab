/*
 * The clock's arithmetic: lines over the TSC, bent without a jump; the rate from a reference; the
 * date from the battery-backed clock.
 *
 * Seen to fail: with the new line started at the old line's beginning (jumps), without the clamp
 * before the line, with the product cut to 64 bits in mul_div(), with a leap day in the wrong
 * place.
 */
// sources: kernel/arch/x86_64/time/rtc.c
#include "unit.h"

#include <time.h>

#include "time/line.h"
#include "time/rtc.h"

#define KHZ_MULT(khz) mul_div(1000000, 1UL << 32, (khz))

static void multiply_divide(void **state)
{
	assert_int_equal(mul_div(0, 5, 7), 0);
	assert_int_equal(mul_div(UINT64_MAX, UINT64_MAX, UINT64_MAX), UINT64_MAX);
	assert_int_equal(mul_div(UINT64_MAX, 1000, 1000), UINT64_MAX);
	assert_int_equal(mul_div(1UL << 63, 2, 1), UINT64_MAX);
	assert_int_equal(mul_div(10, 10, 3), 33);
	for (u32 i = 0; i < 10000; i++) {
		u64 a = unit_random() >> unit_random_below(64),
		    b = unit_random() >> unit_random_below(64);
		u64 c = 1 + (unit_random() >> (1 + unit_random_below(63)));
		unsigned __int128 q = (unsigned __int128)a * b / c;
		assert_true(mul_div(a, b, c) == (q > UINT64_MAX ? UINT64_MAX : (u64)q));
	}
}

static void a_line(void **state)
{
	struct clock_line l = {.tsc = 5000, .ns = 77, .mult = KHZ_MULT(2000000)};
	assert_int_equal(clock_line_ns(&l, 5000), 77);
	assert_int_equal(clock_line_ns(&l, 4999), 77);
	assert_int_equal(clock_line_ns(&l, 0), 77);
	assert_int_equal(clock_line_ns(&l, 7000), 1077);
	/* Years. */
	assert_int_equal(
		clock_line_ns(&l, 5000 + 2000000000UL * 100000000), 77 + 100000000UL * NS_PER_SEC);
}

/* Bent at some point, over and over, with rates up to 1 % apart: never back, no jump, and all of
 * the old before the join. */
static void bent(void **state)
{
	struct clock_line start = {.tsc = 1000, .ns = 0, .mult = KHZ_MULT(3000000)};
	struct clock_lines now = {start, start, start.tsc};
	u64 tsc = 1000, last = 0;
	for (u32 round = 0; round < 2000; round++) {
		u64 join = tsc + unit_random_below(1000000);
		struct clock_lines next =
			clock_lines_bend(&now, join, KHZ_MULT(2970000 + unit_random_below(60000)));
		for (u32 i = 0; i < 20; i++, tsc += unit_random_below(100000)) {
			u64 ns = clock_lines_ns(&next, tsc);
			assert_true(ns >= last);
			last = ns;
			if (tsc < join)
				assert_int_equal(ns, clock_lines_ns(&now, tsc));
		}
		u64 before = clock_lines_ns(&next, join - 1), at = clock_lines_ns(&next, join);
		assert_true(at >= before && at - before <= 1);
		tsc = tsc > join ? tsc : join;
		last = clock_lines_ns(&next, tsc);
		now = next;
	}
}

static void rate(void **state)
{
	/* The PIT for 100 us, at 3 GHz: right to the tick. */
	u64 mult = clock_mult(119, 1193182, 299200);
	u64 khz = mul_div(1000000, 1UL << 32, mult);
	assert_in_range(khz, 2999000, 3001000);
	/* An hour at 4 GHz: nothing overflows. */
	mult = clock_mult(1193182UL * 3600, 1193182, 4000000000UL * 3600);
	assert_int_equal(mult, (1UL << 32) / 4);
	assert_int_equal(clock_mult(1000, 1000000, 1000000), 1UL << 32);
}

static u8 bcd(int v)
{
	return (u8)(v / 10 << 4 | v % 10);
}

static struct rtc_registers registers_of(time_t t, bool binary, bool hours_24)
{
	struct tm tm;
	gmtime_r(&t, &tm);
	int hour = tm.tm_hour;
	bool pm = false;
	if (!hours_24) {
		pm = hour >= 12;
		hour = hour % 12 ? hour % 12 : 12;
	}
	u8 (*code)(int) = bcd;
	struct rtc_registers r = {
		.second = binary ? (u8)tm.tm_sec : code(tm.tm_sec),
		.minute = binary ? (u8)tm.tm_min : code(tm.tm_min),
		.hour = (u8)((binary ? (u8)hour : code(hour)) | (pm ? 0x80 : 0)),
		.day = binary ? (u8)tm.tm_mday : code(tm.tm_mday),
		.month = binary ? (u8)(tm.tm_mon + 1) : code(tm.tm_mon + 1),
		.year = binary ? (u8)(tm.tm_year - 100) : code(tm.tm_year - 100),
		.status_b = (u8)((binary ? 4 : 0) | (hours_24 ? 2 : 0)),
	};
	return r;
}

/* Every kind of coding, against the C library, over the whole century: an odd step that meets every
 * hour and month end. */
static void dates(void **state)
{
	time_t end = 4102444800;
	for (time_t t = 946684800; t < end; t += 86400 * 3 + 12345) {
		for (u32 form = 0; form < 4; form++) {
			struct rtc_registers r = registers_of(t, form & 1, form & 2);
			assert_int_equal(rtc_decode(&r), t);
		}
	}
	static const time_t leap[] = {951782400, 951868799, 951868800, 1709164800, 1709251200};
	for (u32 i = 0; i < sizeof(leap) / sizeof(leap[0]); i++) {
		struct rtc_registers r = registers_of(leap[i], false, true);
		assert_int_equal(rtc_decode(&r), leap[i]);
	}
}

static void no_date(void **state)
{
	struct rtc_registers absent;
	memset(&absent, 0xff, sizeof(absent));
	assert_int_equal(rtc_decode(&absent), 0);
	memset(&absent, 0, sizeof(absent));
	assert_int_equal(rtc_decode(&absent), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(multiply_divide),
		cmocka_unit_test(a_line),
		cmocka_unit_test(bent),
		cmocka_unit_test(rate),
		cmocka_unit_test(dates),
		cmocka_unit_test(no_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
