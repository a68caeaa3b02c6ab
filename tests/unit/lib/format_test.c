/*
 * The kernel's formatting against the host's snprintf(), over every combination of flags, widths, precisions, lengths and
 * conversions with the values at which something changes, and at every buffer size.
 *
 * Seen to fail: without the rule that a precision turns flag 0 off; with the sign of INT64_MIN taken by
 * negating the signed value; with the NUL written at the full length.
 */
// sources: kernel/lib/format.c
#include "unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/format.h"

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

#define SIZE 128

static void check_same(
	const char *spec, const char *expected, int expected_length, const char *got, int length)
{
	if (length != expected_length || strcmp(expected, got) != 0)
		fail_msg("'%s': expected '%s' (%d), got '%s' (%d)", spec, expected, expected_length,
			got, length);
}

#define CHECK_SAME(spec, ...)                                                        \
	do {                                                                         \
		char expected_[SIZE], got_[SIZE];                                    \
		int expected_length_ = snprintf(expected_, SIZE, spec, __VA_ARGS__); \
		int length_ = format(got_, SIZE, spec, __VA_ARGS__);                 \
		check_same(spec, expected_, expected_length_, got_, length_);        \
	} while (0)

static const char *const widths[] = {"", "1", "2", "5", "12", "40", "*"};
static const char *const precisions[] = {"", ".", ".0", ".1", ".3", ".10", ".30", ".*"};

/* Calls visit with each combination of flags, width and precision, as a string. */
static void each_spec(void (*visit)(const char *prefix, int stars))
{
	for (u32 flags = 0; flags < 32; flags++)
		for (u32 w = 0; w < ARRAY_SIZE(widths); w++)
			for (u32 p = 0; p < ARRAY_SIZE(precisions); p++) {
				char prefix[32];
				snprintf(prefix, sizeof(prefix), "%%%s%s%s%s%s%s%s",
					flags & 1 ? "-" : "", flags & 2 ? "0" : "",
					flags & 4 ? "+" : "", flags & 8 ? " " : "",
					flags & 16 ? "#" : "", widths[w], precisions[p]);
				visit(prefix, (widths[w][0] == '*') +
						      2 * (strcmp(precisions[p], ".*") == 0));
			}
}

static const int star_values[] = {0, 1, 7, 25, -1, -9};

#define CHECK_STARS(spec, stars, value)                                           \
	do {                                                                      \
		if ((stars) == 0)                                                 \
			CHECK_SAME(spec, value);                                  \
		for (u32 i_ = 0; (stars) && i_ < ARRAY_SIZE(star_values); i_++) { \
			int star_ = star_values[i_];                              \
			if ((stars) == 3)                                         \
				CHECK_SAME(spec, star_, star_ / 2, value);        \
			else                                                      \
				CHECK_SAME(spec, star_, value);                   \
		}                                                                 \
	} while (0)

static const u64 values[] = {0, 1, 9, 10, 127, 128, 255, 256, 32767, 32768, 65535, INT_MAX,
	(u64)INT_MAX + 1, UINT_MAX, (u64)UINT_MAX + 1, INT64_MAX, (u64)INT64_MAX + 1, UINT64_MAX,
	01234567, 0xdeadbeefcafe};

static void check_integer(const char *prefix, int stars)
{
	static const char *const ints[] = {"", "h", "hh"};
	static const char *const longs[] = {"l", "ll", "z", "t"};
	char spec[48];

	for (const char *c = "diuxXo"; *c; c++)
		for (u32 v = 0; v < ARRAY_SIZE(values); v++) {
			for (u32 l = 0; l < ARRAY_SIZE(ints); l++) {
				snprintf(spec, sizeof(spec), "%s%s%c", prefix, ints[l], *c);
				CHECK_STARS(spec, stars, (unsigned)values[v]);
			}
			for (u32 l = 0; l < ARRAY_SIZE(longs); l++) {
				snprintf(spec, sizeof(spec), "%s%s%c", prefix, longs[l], *c);
				CHECK_STARS(spec, stars, values[v]);
			}
		}
}

static void test_integers(void **state)
{
	each_spec(check_integer);
}

static void check_text(const char *prefix, int stars)
{
	static const char *const texts[] = {"", "a", "abc", "something longer than that"};
	char spec[48];

	snprintf(spec, sizeof(spec), "%ss", prefix);
	for (u32 i = 0; i < ARRAY_SIZE(texts); i++)
		CHECK_STARS(spec, stars, texts[i]);
	snprintf(spec, sizeof(spec), "%sc", prefix);
	CHECK_STARS(spec, stars, 'x');
}

static void test_text(void **state)
{
	each_spec(check_text);
}

static void test_pointers(void **state)
{
	char text[SIZE];

	CHECK_SAME("%p", (void *)0x1234);
	CHECK_SAME("%20p|", (void *)0xffffffff80000000);
	CHECK_SAME("%-20p|", (void *)0xffffffff80000000);
	/* Not "(nil)": an address is always a number. */
	assert_int_equal(format(text, SIZE, "%p", NULL), 3);
	assert_string_equal(text, "0x0");
}

/* A string argument with a precision need not end with NUL. */
static void test_unterminated(void **state)
{
	char *exact = malloc(3);
	char text[SIZE];

	memcpy(exact, "abc", 3);
	format(text, SIZE, "%.3s|%.*s", exact, 2, exact);
	assert_string_equal(text, "abc|ab");
	free(exact);
}

static void test_null_string(void **state)
{
	char text[SIZE];
	const char *volatile null = NULL;

	format(text, SIZE, "%s", null);
	assert_string_equal(text, "(null)");
}

static void test_mixed(void **state)
{
	CHECK_SAME("%d%%, %s=%#lx %c%5u|", -7, "key", 0xabcUL, 'z', 42U);
	CHECK_SAME("no conversion%s", "");
	CHECK_SAME("%s%s%s%s%s%s%s%s", "1", "2", "3", "4", "5", "6", "7", "8");
}

/* All of these are mistakes; each must leave the text around it. */
static void test_unknown(void **state)
{
	static const struct {
		const char *format, *text;
	} cases[] = {
		{"a %y b", "a %y b"},
		{"a %-05.3ly b", "a %-05.3ly b"},
		{"100%", "100%"},
		{"100%-5", "100%-5"},
		{"%n", "%n"},
		{"%l", "%l"},
	};
	char text[SIZE];

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		int (*any)(char *, size_t, const char *, ...) = format;
		any(text, SIZE, cases[i].format);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_every_size(void **state)
{
	static const char spec[] = "%s: %-6d|%06x|%.8o %%";
	char expected[SIZE];
	int length = snprintf(expected, SIZE, spec, "subsystem", -12, 0xabc, 0777);

	for (size_t size = 0; size <= (size_t)length + 2; size++) {
		/* The sanitizer sees a byte too many. */
		char *text = malloc(size + 1);
		memset(text, '#', size + 1);
		assert_int_equal(format(text, size, spec, "subsystem", -12, 0xabc, 0777), length);
		if (size > 0) {
			size_t kept = MIN(size - 1, (size_t)length);
			assert_memory_equal(text, expected, kept);
			assert_int_equal(text[kept], '\0');
		}
		assert_int_equal(text[size], '#');
		free(text);
	}
}

/* Lengths that no buffer has: counted, not written, and never negative. */
static void test_huge(void **state)
{
	/* Out of the compiler's sight, which would warn. */
	int (*volatile any)(char *, size_t, const char *, ...) = format;
	char text[8];

	assert_int_equal(any(text, sizeof(text), "%2147483647d", 1), INT_MAX);
	assert_int_equal(any(text, sizeof(text), "%2000000000d%2000000000d", 1, 1), INT_MAX);
	assert_int_equal(any(text, sizeof(text), "%99999999999999999999d", 1), INT_MAX);
	assert_int_equal(any(text, sizeof(text), "%*d", INT_MIN, 1), INT_MAX);
	assert_int_equal(format(NULL, 0, "%.1000000d", 1), 1000000);
	assert_int_equal(text[7], '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_unterminated),
		cmocka_unit_test(test_null_string),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_huge),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
