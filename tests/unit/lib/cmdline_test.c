/*
 * Words of the command line.
 *
 * Seen to fail: with a cut word to nothing taken for the end; with a key that is only the start of a word; with the first
 * of two values instead of the last.
 */
// sources: kernel/lib/cmdline.c kernel/lib/text.c
#include "unit.h"

#include "lib/cmdline.h"

static void test_words(void **state)
{
	const char *line = "  pti=on\t\tquiet \n x=1=2 ";
	char word[10];

	assert_true(cmdline_next(&line, word, sizeof(word)));
	assert_string_equal(word, "pti=on");
	assert_true(cmdline_next(&line, word, sizeof(word)));
	assert_string_equal(word, "quiet");
	assert_true(cmdline_next(&line, word, sizeof(word)));
	assert_string_equal(word, "x=1=2");
	assert_false(cmdline_next(&line, word, sizeof(word)));
	assert_false(cmdline_next(&line, word, sizeof(word)));
	line = "";
	assert_false(cmdline_next(&line, word, sizeof(word)));
}

static void test_cut(void **state)
{
	for (size_t size = 1; size <= 8; size++) {
		const char *line = "abcdef next";
		char *word = malloc(size);
		assert_true(cmdline_next(&line, word, size));
		assert_int_equal(strlen(word), MIN(size - 1, 6UL));
		assert_memory_equal(word, "abcdef", MIN(size - 1, 6UL));
		/* What was cut off is not the next word. */
		assert_true(cmdline_next(&line, word, size));
		assert_memory_equal(word, "next", MIN(size - 1, 4UL));
		assert_false(cmdline_next(&line, word, size));
		free(word);
	}
}

static void test_values(void **state)
{
	static const char line[] = "hz=100 log_crossings hz=20000 empty= hzx=1 xhz=2 test=a=b";
	char value[8];

	assert_true(cmdline_get(line, "hz", value, sizeof(value)));
	assert_string_equal(value, "20000");
	assert_true(cmdline_get(line, "log_crossings", value, sizeof(value)));
	assert_string_equal(value, "");
	assert_true(cmdline_get(line, "empty", value, sizeof(value)));
	assert_string_equal(value, "");
	assert_true(cmdline_get(line, "test", value, sizeof(value)));
	assert_string_equal(value, "a=b");
	strcpy(value, "before");
	assert_false(cmdline_get(line, "log", value, sizeof(value)));
	assert_false(cmdline_get(line, "z", value, sizeof(value)));
	assert_false(cmdline_get("", "hz", value, sizeof(value)));
	assert_string_equal(value, "before");
	assert_true(cmdline_get(line, "hz", value, 3));
	assert_string_equal(value, "20");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
