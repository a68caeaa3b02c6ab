/*
 * A reader never sees half of a write.
 *
 * Seen to fail: seq_read_retry() that returns false; seq_write_begin() that adds 2.
 */
#include "unit.h"

#include <pthread.h>

#include "arch/irqflags.h"
#include "lib/atomic.h"
#include "lib/compiler.h"
#include "sync/seqlock.h"

#define WRITES 20000

static struct seqcount count;
static u64 a, b;
static atomic32_t done;

static void *writer(void *arg)
{
	u64 i;

	for (i = 1; i <= WRITES; i++) {
		seq_write_begin(&count);
		WRITE_ONCE(a, i);
		if (i % 16 == 0)
			cpu_relax();
		WRITE_ONCE(b, ~i);
		seq_write_end(&count);
	}
	atomic32_store(&done, 1);
	return NULL;
}

static void readers_see_whole_writes(void **state)
{
	pthread_t thread;
	u64 x, y, last = 0;
	u32 start;

	b = ~0UL;
	assert_int_equal(pthread_create(&thread, NULL, writer, NULL), 0);
	while (!atomic32_load(&done)) {
		do {
			start = seq_read_begin(&count);
			x = READ_ONCE(a);
			y = READ_ONCE(b);
		} while (seq_read_retry(&count, start));
		assert_int_equal(x, ~y);
		assert_true(x >= last);
		last = x;
	}
	pthread_join(thread, NULL);
}

static void a_writer_at_work_is_told(void **state)
{
	u32 start;

	assert_true(seq_read_try(&count, &start));
	assert_false(seq_read_retry(&count, start));
	seq_write_begin(&count);
	assert_true(seq_read_retry(&count, start));
	assert_false(seq_read_try(&count, &start));
	seq_write_end(&count);
	assert_true(seq_read_try(&count, &start));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_writer_at_work_is_told),
		cmocka_unit_test(readers_see_whole_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
