/*
 * Walking a stack never reads what is not a stack, whatever the frame pointers are.
 *
 * Seen to fail: stack_step() without the test of the upper end (ASan: read behind the stack), without `caller >` (never
 * ends, killed by the alarm), without the alignment test (UBSan).
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define __init_end stack_test_init_end
#define __image_end stack_test_image_end
#include "../../../kernel/trace/stack.c"

const char stack_test_init_end[1], stack_test_image_end[1];

#define WORDS 64

static u64 *stack;
static struct stack_bounds bounds;

static int fresh(void **state)
{
	stack = calloc(WORDS, sizeof(u64));
	bounds = (struct stack_bounds){(u64)stack, (u64)(stack + WORDS)};
	alarm(20);
	return 0;
}

static int done(void **state)
{
	free(stack);
	alarm(0);
	return 0;
}

static void frame(u32 at, u32 caller, u64 ip)
{
	stack[at] = caller ? (u64)&stack[caller] : 0;
	stack[at + 1] = ip;
}

static void a_good_chain(void **state)
{
	u64 fp = (u64)&stack[2], ip;

	frame(2, 10, 100);
	frame(10, 20, 200);
	frame(20, 0, 300);
	assert_true(stack_step(&bounds, &fp, &ip));
	assert_int_equal(ip, 100);
	assert_true(stack_step(&bounds, &fp, &ip));
	assert_int_equal(ip, 200);
	assert_true(stack_step(&bounds, &fp, &ip));
	assert_int_equal(ip, 300);
	assert_false(stack_step(&bounds, &fp, &ip));
}

static void ends_at_a_zero_return_address(void **state)
{
	u64 fp = (u64)&stack[2], ip;

	frame(2, 10, 0);
	assert_false(stack_step(&bounds, &fp, &ip));
}

static void circles_end(void **state)
{
	u64 fp = (u64)&stack[10], ip;

	frame(10, 20, 1);
	frame(20, 10, 2);
	assert_true(stack_step(&bounds, &fp, &ip));
	assert_true(stack_step(&bounds, &fp, &ip));
	assert_false(stack_step(&bounds, &fp, &ip));
}

static void wild_pointers(void **state)
{
	u64 wild[] = {0, 1, 8, UINT64_MAX, UINT64_MAX - 7, 0x8000000000000000UL, (u64)stack - 8,
		(u64)(stack + WORDS), (u64)(stack + WORDS) - 8, (u64)stack + 3};
	u64 ip;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wild); i++)
		assert_false(stack_step(&bounds, &wild[i], &ip));
}

static void random_memory(void **state)
{
	u32 round, i;

	for (round = 0; round < 20000; round++) {
		u64 fp = (u64)stack + unit_random_below(8 * WORDS), ip;

		for (i = 0; i < WORDS; i++)
			stack[i] = unit_random_below(3) ? (u64)stack + unit_random_below(9 * WORDS)
							: unit_random();
		for (i = 0; stack_step(&bounds, &fp, &ip); i++)
			assert_true(i < WORDS);
	}
}

/* Nothing is believed about current: a wild one must not be followed. */
static void finding_the_stack(void **state)
{
	struct arch_thread t = {.stack_top = DIRECT_MAP_BASE + 0x10000};
	struct stack_bounds b;

	(void)t;
	this_cpu()->current = (struct thread *)8;
	b = stack_find(0x12345678);
	assert_int_equal(b.low, b.high);
	b = stack_find((u64)this_cpu() + CPU_IST_STACK_PAGE(2) * PAGE_SIZE + 0x100);
	assert_int_equal(b.low, (u64)this_cpu() + CPU_IST_STACK_PAGE(2) * PAGE_SIZE);
	assert_int_equal(b.high - b.low, IST_STACK_SIZE);
	b = stack_find((u64)this_cpu() + CPU_ENTRY_STACK_PAGE * PAGE_SIZE);
	assert_int_equal(b.high - b.low, PAGE_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_good_chain, fresh, done),
		cmocka_unit_test_setup_teardown(ends_at_a_zero_return_address, fresh, done),
		cmocka_unit_test_setup_teardown(circles_end, fresh, done),
		cmocka_unit_test_setup_teardown(wild_pointers, fresh, done),
		cmocka_unit_test_setup_teardown(random_memory, fresh, done),
		cmocka_unit_test_setup_teardown(finding_the_stack, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
