/*
 * The radix tree of pages against an array, with numbers from all over the range.
 *
 * Seen to fail: with prune() not counting down in the node above, with grow() losing what was the
 * top, with page_tree_next() going on from where a child had left off,
 * with page_tree_get_some() taking all of the wanted from the first node.
 */
// sources: kernel/mm/page_tree.c
#include "unit.h"

#include "fail_alloc.h"
#include "lib/errno.h"
#include "mm/page_tree.h"
#include "mm/slab.h"

#define KEYS 40

static u64 key[KEYS];
static bool there[KEYS];

/* Some close together, some far apart, the largest of all. */
static void choose_keys(void)
{
	for (u32 i = 0; i < KEYS; i++)
		key[i] = i < 8 ? i : i < 20 ? 60 + i : unit_random() >> unit_random_below(60);
	key[KEYS - 1] = UINT64_MAX - 1;
	for (u32 i = 0; i < KEYS; i++)
		for (u32 k = 0; k < i; k++)
			if (key[i] == key[k])
				key[i] = 1000000 + i;
	memset(there, 0, sizeof(there));
}

static struct page *page_for(u32 i)
{
	return (struct page *)(0x1000UL + 64 * i);
}

static void check_next(const struct page_tree *t)
{
	u64 from = key[unit_random_below(KEYS)], end = key[unit_random_below(KEYS)], best = end;
	u64 index = from;

	for (u32 i = 0; i < KEYS; i++)
		if (there[i] && key[i] >= from && key[i] < best)
			best = key[i];
	struct page *page = page_tree_next(t, &index, end);
	if (from >= end || best == end)
		assert_null(page);
	else
		assert_int_equal(index, best);
}

/* 64 numbers from near a key on, of which some are asked for. */
static void check_some(const struct page_tree *t)
{
	u64 first = MIN(key[unit_random_below(KEYS)], UINT64_MAX - 200), wanted = unit_random();
	struct page *out[64];

	first -= MIN(first, unit_random_below(64));
	u64 found = page_tree_get_some(t, first, wanted, out);
	for (u64 i = 0; i < 64; i++) {
		const struct page *page = page_tree_get(t, first + i);

		assert_int_equal(found >> i & 1, page && (wanted >> i & 1));
		if (found >> i & 1)
			assert_ptr_equal(out[i], page);
	}
}

static void test_random(void **state)
{
	for (u32 round = 0; round < 100; round++) {
		struct page_tree t = {0};
		u64 live = slab_live();

		choose_keys();
		for (u32 step = 0; step < 300; step++) {
			u32 i = (u32)unit_random_below(KEYS);

			assert_ptr_equal(page_tree_get(&t, key[i]), there[i] ? page_for(i) : NULL);
			if (there[i])
				assert_ptr_equal(page_tree_remove(&t, key[i]), page_for(i));
			else
				assert_int_equal(page_tree_add(&t, key[i], page_for(i)), 0);
			there[i] = !there[i];
			check_next(&t);
			check_some(&t);
		}
		for (u32 i = 0; i < KEYS; i++)
			assert_ptr_equal(
				page_tree_remove(&t, key[i]), there[i] ? page_for(i) : NULL);
		assert_null(t.top);
		assert_int_equal(t.height, 0);
		assert_int_equal(slab_live(), live);
	}
}

static void add_without_memory(void *arg)
{
	struct page_tree t = {0};
	int err = page_tree_add(&t, 5, page_for(0));

	if (!err)
		err = page_tree_add(&t, 1UL << 40, page_for(1));
	assert_int_equal(err, fail_alloc_happened() ? -ENOMEM : 0);
	page_tree_remove(&t, 5);
	page_tree_remove(&t, 1UL << 40);
	assert_null(t.top);
}

static void test_no_memory(void **state)
{
	fail_alloc_each(add_without_memory, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random), cmocka_unit_test(test_no_memory)};

	page_tree_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
