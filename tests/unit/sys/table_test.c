/*
 * The table of system calls against the UAPI header, and counting.
 *
 * Seen to fail: with a line of the table taken out, "every number has its name"; with the slot for
 * numbers beyond the table left out of the array, a report of the sanitizer in "beyond the table".
 */
// sources: kernel/sys/count.c
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "arch/cpu.h"
#include "fail_alloc.h"
#include "sys/count.h"

#define HEADER "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"

static void every_number_has_its_name(void **state)
{
	FILE *header = fopen(HEADER, "r");
	char line[256], name[128];
	unsigned long number, lines = 0, named = 0;

	assert_non_null(header);
	while (fgets(line, sizeof(line), header)) {
		if (sscanf(line, "#define __NR_%127s %lu", name, &number) != 2)
			continue;
		lines++;
		const char *ours = syscall_name(number);
		if (!ours || strcmp(ours, name) != 0)
			fail_msg(
				"number %lu is %s, here %s", number, name, ours ? ours : "nothing");
	}
	fclose(header);
	assert_true(lines > 300);
	for (number = 0; number < 4096; number++)
		named += syscall_name(number) != NULL;
	assert_int_equal(named, lines);
	assert_null(syscall_name(UINT64_MAX));
}

static void beyond_the_table(void **state)
{
	struct syscall_count c;
	u32 index = 0;

	fake_cpu_count = 2;
	syscall_count(0);
	syscall_count(0);
	syscall_count(134);
	syscall_count(100000);
	syscall_count(UINT32_MAX);
	/* A hole between the ranges of numbers. */
	syscall_count(400);
	fake_cpu_id = 1;
	syscall_count(0);
	fake_cpu_id = 0;

	assert_true(syscall_count_next(&index, &c));
	assert_string_equal(c.name, "read");
	assert_int_equal(c.calls, 3);
	assert_int_equal(c.number, 0);
	assert_false(c.enosys);
	assert_true(syscall_count_next(&index, &c));
	assert_string_equal(c.name, "uselib");
	assert_true(c.enosys);
	assert_true(syscall_count_next(&index, &c));
	assert_string_equal(c.name, "unknown");
	assert_int_equal(c.number, 400);
	assert_true(c.enosys);
	assert_true(syscall_count_next(&index, &c));
	assert_string_equal(c.name, "unknown");
	assert_int_equal(c.number, UINT32_MAX);
	assert_int_equal(c.calls, 2);
	assert_false(syscall_count_next(&index, &c));
}

static void no_memory_no_count(void **state)
{
	struct syscall_count c;
	u32 index = 0;
	u64 before = 0, after = 0;

	while (syscall_count_next(&index, &c))
		before += c.calls;
	fake_cpu_id = 3;
	fail_alloc_at(1);
	syscall_count(1);
	assert_true(fail_alloc_happened());
	fail_alloc_at(0);
	fake_cpu_id = 0;
	for (index = 0; syscall_count_next(&index, &c);)
		after += c.calls;
	assert_int_equal(before, after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_has_its_name),
		cmocka_unit_test(beyond_the_table),
		cmocka_unit_test(no_memory_no_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
