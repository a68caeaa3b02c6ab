/*
 * From the kernel's records to trace events: made-up streams, cut at any place, with CPUs out of order, and with nonsense.
 *
 * Seen to fail: without the sorting (the result comes before its call and is lost); with names that are put into the file as they
 * are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/tracefile.h"
#include "kernel/trace/kinds.h"

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

struct record {
	uint64_t tsc, place;
	uint32_t number, extra;
	uint64_t word;
};

struct head {
	uint64_t magic;
	uint32_t cpu, count;
	uint64_t first, lost, tsc, ns, khz, reserved;
};

static char bytes[100000];
static size_t length;
static char path[] = "/tmp/airlock-test-trace-XXXXXX";

static void put(const void *data, size_t size)
{
	memcpy(bytes + length, data, size);
	length += size;
}

/* One tick is one nanosecond. */
static void put_head(uint32_t cpu, uint32_t count, uint64_t tsc, uint64_t lost)
{
	struct head head = {TRACE_BATCH_MAGIC, cpu, count, 0, lost, tsc, tsc, 1000000, 0};
	put(&head, sizeof(head));
}

static void put_record(uint64_t tsc, unsigned kind, uint32_t number, uint32_t extra, uint64_t word)
{
	struct record record = {tsc, (uint64_t)kind << 56, number, extra, word};
	put(&record, sizeof(record));
}

/* What becomes of the bytes, given in pieces of this size. */
static json_t *convert(size_t piece)
{
	struct tracefile *file = tracefile_create(path, "/nowhere");
	assert_non_null(file);
	for (size_t at = 0; at < length; at += piece)
		tracefile_add(file, bytes + at, length - at < piece ? length - at : piece);
	assert_int_equal(tracefile_finish(file), 0);
	json_error_t error;
	json_t *all = json_load_file(path, 0, &error);
	assert_non_null(all);
	return all;
}

/* The n-th event with this phase, or NULL. */
static const json_t *find(const json_t *all, const char *phase, int n)
{
	const json_t *events = json_object_get(all, "traceEvents");
	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);
		if (strcmp(json_string_value(json_object_get(event, "ph")), phase) == 0 && n-- == 0)
			return event;
	}
	return NULL;
}

static const char *text_of(const json_t *event, const char *member)
{
	const json_t *args = json_object_get(event, "args");
	const json_t *value = json_object_get(event, member);
	return json_string_value(json_is_string(value) ? value : json_object_get(args, member));
}

static int fresh(void **state)
{
	(void)state;
	length = 0;
	return 0;
}

/* A thread that makes a call on one CPU and ends it on another, which is read first. */
static void cpus_are_put_in_order(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 2000; piece = piece * 3 + 1) {
		length = 0;
		put_head(1, 1, 5000, 0);
		put_record(4000, TRACE_RESULT, 1, 7, 5);
		put_head(0, 2, 5000, 0);
		put_record(1000, TRACE_CALL, 1, 7, 1);
		put_record(0xabc000, TRACE_WORDS, 0, 0, 5);
		put_head(TRACE_BATCH_MARK, 0, 5000, 0);
		json_t *all = convert(piece);
		const json_t *slice = find(all, "X", 0);
		assert_string_equal(text_of(slice, "name"), "write");
		assert_true(json_number_value(json_object_get(slice, "ts")) == 1.0);
		assert_true(json_number_value(json_object_get(slice, "dur")) == 3.0);
		assert_string_equal(text_of(slice, "args"), "1, 0xabc000, 5");
		assert_string_equal(text_of(slice, "result"), "5");
		json_decref(all);
	}
}

static void switches_and_wakeups(void **state)
{
	(void)state;
	put_head(0, 4, 9000, 0);
	put_record(1000, TRACE_SWITCH, 7, 8, 0);
	put_record(2000, TRACE_WAKE, 7, 8, 0);
	/* A second wakeup before it runs is none. */
	put_record(2500, TRACE_WAKE, 7, 8, 0);
	put_record(3000, TRACE_SWITCH, 8, 7, 0);
	put_head(TRACE_BATCH_MARK, 0, 9000, 0);
	json_t *all = convert(64);
	const json_t *slice = find(all, "X", 0);
	assert_string_equal(text_of(slice, "name"), "thread 8");
	assert_true(json_number_value(json_object_get(slice, "dur")) == 2.0);
	assert_non_null(find(all, "s", 0));
	assert_null(find(all, "s", 1));
	assert_true(json_number_value(json_object_get(find(all, "f", 0), "ts")) == 3.0);
	json_decref(all);
}

static void names_are_data(void **state)
{
	(void)state;
	struct record name = {0, (uint64_t)TRACE_NAME << 56, 7, 7, 0};
	memcpy(&name.tsc, "\"}\n\xff\\", 6);
	put_head(0, 1, 9000, 0);
	put(&name, sizeof(name));
	json_t *all = convert(1000);
	const json_t *event = find(all, "M", 1);
	assert_string_equal(text_of(event, "name"), "thread_name");
	const json_t *args = json_object_get(event, "args");
	assert_string_equal(json_string_value(json_object_get(args, "name")), "\"}\n\xc3\xbf\\");
	json_decref(all);
}

static void what_is_lost_is_said(void **state)
{
	(void)state;
	put_head(0, 1, 1000, 5);
	put_record(900, TRACE_SWITCH, 1, 2, 0);
	put_head(0, 1, 2000, 9);
	put_record(1900, TRACE_SWITCH, 2, 1, 0);
	json_t *all = convert(1000);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(all, "otherData"), "lost")), "9");
	assert_string_equal(text_of(find(all, "i", 0), "name"), "records lost");
	json_decref(all);
}

static void nonsense_is_survived(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 300; round++) {
		length = 0;
		for (int batch = 0; batch < 4; batch++) {
			uint32_t count = (uint32_t)rand() % 20;
			put_head((uint32_t)rand() % 70, count, (uint64_t)rand(),
				(uint64_t)rand() % 9);
			for (uint32_t i = 0; i < count; i++)
				put_record((uint64_t)rand() * (uint64_t)rand(),
					(unsigned)rand() % 24, (uint32_t)rand() % 500,
					(uint32_t)rand() % 500, (uint64_t)rand());
		}
		/* Any byte may be wrong. */
		for (int i = 0; i < round % 5 && length; i++)
			bytes[(size_t)rand() % length] ^= (char)(1 << rand() % 8);
		json_decref(convert(97));
	}
	length = 0;
	put_head(0, 0xffffffff, 1, 0);
	json_decref(convert(97));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(cpus_are_put_in_order, fresh),
		cmocka_unit_test_setup(switches_and_wakeups, fresh),
		cmocka_unit_test_setup(names_are_data, fresh),
		cmocka_unit_test_setup(what_is_lost_is_said, fresh),
		cmocka_unit_test_setup(nonsense_is_survived, fresh),
	};
	close(mkstemp(path));
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
