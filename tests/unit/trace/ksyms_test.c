/*
 * The table of names as tools/ksyms.c writes it: first, last, between, before, behind, long distances.
 *
 * Seen to fail: read_distance() that shifts by 8; ksym_lookup() with `>=` for `>`; without the end mark's test.
 */
// sources: kernel/lib/format.c
#include "unit.h"

#include <string.h>

#define __ksyms_start table_start
#define __ksyms_end table_end
#include "../../../kernel/trace/ksyms.c"

/* Functions at 0xffffffff80100000 (one), +0x10 (two), +0x10 + 0x12345 (three), end 5 behind. */
const u8 table_start[] = "\x00\x00\x10\x80\xff\xff\xff\xff"
			 "\x00one\0"
			 "\x10two\0"
			 "\xc5\xc6\x04three\0"
			 "\x05";
const u8 table_end[1];

#define BASE 0xffffffff80100000UL

static void check(u64 address, const char *name, u64 offset)
{
	u64 got;
	const char *found = ksym_lookup(address, &got);

	if (!name) {
		assert_null(found);
		assert_int_equal(got, 0);
		return;
	}
	assert_non_null(found);
	assert_string_equal(found, name);
	assert_int_equal(got, offset);
}

static void lookups(void **state)
{
	check(0, NULL, 0);
	check(BASE - 1, NULL, 0);
	check(BASE, "one", 0);
	check(BASE + 0xf, "one", 0xf);
	check(BASE + 0x10, "two", 0);
	check(BASE + 0x10 + 0x12344, "two", 0x12344);
	check(BASE + 0x10 + 0x12345, "three", 0);
	check(BASE + 0x10 + 0x12345 + 4, "three", 4);
	check(BASE + 0x10 + 0x12345 + 5, NULL, 0);
	check(UINT64_MAX, NULL, 0);
}

static void as_text(void **state)
{
	char text[40];

	assert_string_equal(ksym_format(text, sizeof(text), BASE + 0x11), "two+0x1");
	assert_string_equal(ksym_format(text, sizeof(text), 0x1234), "0x1234");
	assert_string_equal(ksym_format(text, 5, BASE + 0x11), "two+");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookups),
		cmocka_unit_test(as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
