/*
 * The kernel's string functions against the host's C library, on all strings of up to four characters of a small alphabet,
 * and against fixed answers for the kernel's own.
 *
 * Seen to fail: strcmp() with plain char instead of unsigned char; strncmp() without the stop at NUL; strrchr() that does not
 * find the NUL itself; string_copy() without the NUL at size 1; string_glob() without its way back to the star;
 * string_to_u64() without the overflow check.
 */
// sources: kernel/lib/text.c
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* The kernel's have the C library's names. */
#define strlen kernel_strlen
#define strnlen kernel_strnlen
#define strcmp kernel_strcmp
#define strncmp kernel_strncmp
#define strchr kernel_strchr
#define strrchr kernel_strrchr
#define strstr kernel_strstr
#include "lib/string.c"
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strstr

#define LENGTH_MAX 4
#define STRINGS (1 + 4 + 16 + 64 + 256)

/* 0xe9 is negative where char is signed. */
static const char alphabet[] = {'a', 'b', '\xe9', '/'};

static char strings[STRINGS][LENGTH_MAX + 1];

static int make_strings(void **state)
{
	size_t count = 0, first = 0;

	strings[count++][0] = '\0';
	for (size_t length = 1; length <= LENGTH_MAX; length++) {
		size_t end = count;
		for (; first < end; first++)
			for (size_t i = 0; i < sizeof(alphabet); i++) {
				memcpy(strings[count], strings[first], length - 1);
				strings[count++][length - 1] = alphabet[i];
			}
	}
	return count == STRINGS ? 0 : -1;
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void test_one_string(void **state)
{
	for (size_t i = 0; i < STRINGS; i++) {
		const char *s = strings[i];
		assert_int_equal(kernel_strlen(s), strlen(s));
		for (size_t n = 0; n <= LENGTH_MAX + 1; n++)
			assert_int_equal(kernel_strnlen(s, n), strnlen(s, n));
		for (int c = 0; c < 256; c++) {
			assert_ptr_equal(kernel_strchr(s, c), strchr(s, c));
			assert_ptr_equal(kernel_strrchr(s, c), strrchr(s, c));
		}
		/* Only the low byte counts. */
		assert_ptr_equal(kernel_strchr(s, 'a' + 256), strchr(s, 'a'));
	}
}

static void test_two_strings(void **state)
{
	for (size_t i = 0; i < STRINGS; i++)
		for (size_t j = 0; j < STRINGS; j++) {
			const char *a = strings[i], *b = strings[j];
			assert_int_equal(sign(kernel_strcmp(a, b)), sign(strcmp(a, b)));
			assert_ptr_equal(kernel_strstr(a, b), strstr(a, b));
			for (size_t n = 0; n <= LENGTH_MAX + 1; n++)
				assert_int_equal(
					sign(kernel_strncmp(a, b, n)), sign(strncmp(a, b, n)));
		}
}

/* strnlen and strncmp may be given memory that ends before a NUL. */
static void test_bounded(void **state)
{
	char *exact = malloc(3);

	memcpy(exact, "abc", 3);
	assert_int_equal(kernel_strnlen(exact, 3), 3);
	assert_int_equal(kernel_strncmp(exact, "abcd", 3), 0);
	/* Nor does what comes after a NUL count. */
	assert_int_equal(kernel_strncmp("a\0x", "a\0y", 4), 0);
	free(exact);
}

static void test_copy(void **state)
{
	char to[6];

	memset(to, 'x', sizeof(to));
	assert_true(string_copy(to, "abc", 4));
	assert_memory_equal(to, "abc\0xx", 6);
	memset(to, 'x', sizeof(to));
	assert_false(string_copy(to, "abc", 3));
	assert_memory_equal(to, "ab\0xxx", 6);
	memset(to, 'x', sizeof(to));
	assert_false(string_copy(to, "abc", 1));
	assert_memory_equal(to, "\0xxxxx", 6);
	memset(to, 'x', sizeof(to));
	assert_false(string_copy(to, "abc", 0));
	assert_memory_equal(to, "xxxxxx", 6);
	assert_true(string_copy(to, "", 1));
	assert_string_equal(to, "");
}

static void test_glob(void **state)
{
	static const struct {
		const char *glob, *s;
		bool matches;
	} cases[] = {
		{"", "", true},
		{"", "a", false},
		{"a", "", false},
		{"*", "", true},
		{"*", "abc", true},
		{"**", "abc", true},
		{"?", "", false},
		{"?", "a", true},
		{"?", "ab", false},
		{"a?c", "abc", true},
		{"a*c", "ac", true},
		{"a*c", "abcbc", true},
		{"a*c", "abcb", false},
		{"*b", "abab", true},
		{"*b*", "aba", true},
		{"*ab", "aab", true},
		{"a*b*c", "axbxbxc", true},
		{"a*b*c", "axcxbx", false},
		{"*?", "", false},
		{"*?", "a", true},
		{"?*?", "a", false},
		{"frame_*", "frame_alloc", true},
		{"frame_*", "frames", false},
		{"[a]", "a", false},
		{"[a]", "[a]", true},
		{"abc", "abcd", false},
		{"abcd", "abc", false},
		{"*aaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (string_glob(cases[i].glob, cases[i].s) != cases[i].matches)
			fail_msg("'%s' against '%s'", cases[i].glob, cases[i].s);
}

static void test_number(void **state)
{
	static const struct {
		const char *s;
		bool ok;
		u64 value;
	} cases[] = {
		{"0", true, 0},
		{"7", true, 7},
		{"007", true, 7},
		{"18446744073709551615", true, UINT64_MAX},
		{"18446744073709551616", false, 0},
		{"99999999999999999999", false, 0},
		{"0x0", true, 0},
		{"0xfeb00e00", true, 0xfeb00e00},
		{"0XAbC", true, 0xabc},
		{"0xffffffffffffffff", true, UINT64_MAX},
		{"0x10000000000000000", false, 0},
		{"", false, 0},
		{"0x", false, 0},
		{"x", false, 0},
		{"-1", false, 0},
		{"+1", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"1a", false, 0},
		{"0xg", false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		u64 value = 12345;
		assert_int_equal(string_to_u64(cases[i].s, &value), cases[i].ok);
		assert_int_equal(value, cases[i].ok ? cases[i].value : 12345);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_string),
		cmocka_unit_test(test_two_strings),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_glob),
		cmocka_unit_test(test_number),
	};
	return cmocka_run_group_tests(tests, make_strings, NULL);
}
