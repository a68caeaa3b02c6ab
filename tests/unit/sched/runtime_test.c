/*
 * Time in user mode and in the kernel, as programs are told of it: what two clocks say, made to fit together.
 *
 * Seen to fail: without either bound of the time in user mode, and with what is less than was told taken over.
 */
// sources: kernel/sched/runtime.c
#include "unit.h"

#include "arch/clock.h"
#include "arch/user_time.h"
#include "sched/runq.h"
#include "sched/runtime.h"

#define MOST 1000000

struct runq runqs[MAX_CPUS];

/* What the rest of the file needs, which is not called here. */
u64 user_time_ticks(const struct cpu *c)
{
	abort();
}

u64 clock_ticks_to_ns(u64 ticks)
{
	abort();
}

void runq_charge(struct runq *rq, u64 now_ns)
{
	abort();
}

static struct time_split told(u64 user_ns, u64 system_ns)
{
	return (struct time_split){.user_ns = user_ns, .system_ns = system_ns};
}

static void expect(struct time_split before, u64 total_ns, u64 user_ns, struct time_split after)
{
	time_split(&before, total_ns, user_ns);
	assert_int_equal(before.user_ns, after.user_ns);
	assert_int_equal(before.system_ns, after.system_ns);
}

static void test_first(void **state)
{
	expect(told(0, 0), 0, 0, told(0, 0));
	expect(told(0, 0), 100, 0, told(0, 100));
	expect(told(0, 0), 100, 30, told(30, 70));
	expect(told(0, 0), 100, 100, told(100, 0));
	/* The clock of the time in user mode is ahead. */
	expect(told(0, 0), 100, 101, told(100, 0));
	expect(told(0, 0), UINT64_MAX, UINT64_MAX, told(UINT64_MAX, 0));
}

static void test_goes_on(void **state)
{
	expect(told(30, 70), 150, 60, told(60, 90));
	/* All of it was in the one, or in the other. */
	expect(told(30, 70), 150, 80, told(80, 70));
	expect(told(30, 70), 150, 30, told(30, 120));
}

/* One reading is later than the other: neither time falls, and together they are the total. */
static void test_neither_falls(void **state)
{
	expect(told(30, 70), 150, 29, told(30, 120));
	expect(told(30, 70), 150, 0, told(30, 120));
	expect(told(30, 70), 150, 81, told(80, 70));
	expect(told(30, 70), 150, 1000, told(80, 70));
	expect(told(30, 70), 100, 0, told(30, 70));
	expect(told(30, 70), 100, 100, told(30, 70));
}

/* A total that is less than what was told is an old one. */
static void test_old_total(void **state)
{
	expect(told(30, 70), 99, 40, told(30, 70));
	expect(told(30, 70), 99, 0, told(30, 70));
	expect(told(30, 70), 0, 0, told(30, 70));
}

/* Whatever the clocks say. */
static void test_any(void **state)
{
	struct time_split now = told(0, 0);
	u64 most = 0;

	for (u32 i = 0; i < MOST; i++) {
		u64 total = most + unit_random_below(100) - MIN(most, 20),
		    user = unit_random_below(2 * total + 1);
		struct time_split before = now;
		time_split(&now, total, user);
		most = MAX(most, total);
		assert_true(now.user_ns >= before.user_ns);
		assert_true(now.system_ns >= before.system_ns);
		assert_int_equal(now.user_ns + now.system_ns, most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_neither_falls),
		cmocka_unit_test(test_old_total),
		cmocka_unit_test(test_any),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
