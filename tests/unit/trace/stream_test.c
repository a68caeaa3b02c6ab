/*
 * Taking records out of the rings: in order, once each, and what was overwritten before it was taken is counted.
 *
 * Seen to fail: take_one() that goes on at the oldest slot (it may be half written: the look at the counter refuses it, and
 * the loop does not end).
 */
// sources: kernel/trace/stream.c kernel/trace/ring.c kernel/lib/string.c
#include "unit.h"

#include <string.h>

#include "arch/boot_alloc.h"
#include "trace/stream.h"

void *boot_alloc(size_t size, size_t align)
{
	return calloc(1, size);
}

bool boot_alloc_finished(void)
{
	return false;
}

static u32 drained;

static void drain(void)
{
	drained++;
}

static struct trace_batch head;
static struct trace_record records[2 * RING_RECORDS];

static void make(u32 from, u32 count)
{
	for (u32 i = 0; i < count; i++)
		trace_event(TRACE_WAKE, 0, from + i, 0, 0);
}

/* Everything that is there. */
static void take_all(void)
{
	while (trace_stream_take(0, false, &head, records, ARRAY_SIZE(records)))
		;
}

static int fresh(void **state)
{
	take_all();
	drained = 0;
	return 0;
}

static void in_order_and_once(void **state)
{
	u64 lost = head.lost;

	make(0, 5);
	assert_true(trace_stream_take(0, false, &head, records, 3));
	assert_int_equal(head.magic, TRACE_BATCH_MAGIC);
	assert_int_equal(head.count, 3);
	for (u32 i = 0; i < 3; i++)
		assert_int_equal(records[i].number, i);
	u64 first = head.first;
	assert_true(trace_stream_take(0, false, &head, records, 3));
	assert_int_equal(head.count, 2);
	assert_int_equal(head.first, first + 3);
	assert_int_equal(records[1].number, 4);
	assert_int_equal(head.lost, lost);
	assert_false(trace_stream_take(0, false, &head, records, 3));
}

static void what_is_overwritten_is_counted(void **state)
{
	u64 before = head.lost, next = trace_ring_count(0, false), taken = 0;

	make(0, 3 * RING_RECORDS);
	while (trace_stream_take(0, false, &head, records, 100)) {
		/* No gap inside a batch, none between batches but the one that is counted. */
		for (u32 i = 0; i < head.count; i++)
			assert_int_equal(records[i].number, head.first + i - next);
		taken += head.count;
	}
	assert_true(taken > 0 && taken < RING_RECORDS);
	assert_int_equal(taken + head.lost - before, 3 * RING_RECORDS);
}

static void pressure_asks_for_help(void **state)
{
	trace_stream_start(drain);
	make(0, RING_RECORDS / 2);
	trace_relieve();
	assert_int_equal(drained, 0);
	make(0, 1);
	trace_relieve();
	assert_int_equal(drained, 1);
	take_all();
	trace_relieve();
	assert_int_equal(drained, 1);
}

static void arguments_and_names(void **state)
{
	u64 args[6] = {10, 11, 12, 13, 14, 15}, pair;

	trace_call(9, 77, 6, args);
	trace_call(39, 77, 0, args);
	trace_name(77, 70, "0123456789abcde");
	trace_result(9, 77, -2);
	assert_true(trace_stream_take(0, false, &head, records, 100));
	assert_int_equal(head.count, 6);
	assert_int_equal(trace_kind(&records[0]), TRACE_CALL);
	assert_int_equal(records[0].number, 9);
	assert_int_equal(records[0].extra, 77);
	assert_int_equal(records[0].word, 10);
	assert_int_equal(trace_kind(&records[1]), TRACE_WORDS);
	assert_int_equal(records[1].tsc, 11);
	assert_int_equal(records[1].word, 12);
	memcpy(&pair, &records[1].number, 8);
	assert_int_equal(pair, 13);
	assert_int_equal(records[2].tsc, 14);
	assert_int_equal(records[2].word, 15);
	assert_int_equal(trace_kind(&records[3]), TRACE_CALL);
	assert_int_equal(trace_kind(&records[4]), TRACE_NAME);
	assert_int_equal(records[4].extra, 70);
	assert_memory_equal(&records[4].tsc, "01234567", 8);
	assert_memory_equal(&records[4].word, "89abcde", 8);
	assert_int_equal((s64)records[5].word, -2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(in_order_and_once, fresh),
		cmocka_unit_test_setup(what_is_overwritten_is_counted, fresh),
		cmocka_unit_test_setup(pressure_asks_for_help, fresh),
		cmocka_unit_test_setup(arguments_and_names, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
