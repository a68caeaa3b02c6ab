/*
 * What lib has in headers alone: lists, reference counts, indices that speculation can't misuse, the arithmetic macros.
 *
 * Seen to fail: list_remove() without list_init(); the safe walk without its
 * second pointer (use after free); refcount_get() without its check; index_nospec() with n instead of n - 1.
 */
// sources:
#include "unit.h"

#include <pthread.h>

#include "lib/list.h"
#include "lib/nospec.h"
#include "lib/refcount.h"

struct member {
	int value;
	struct list link;
};

/* The values in order, as text; forwards and backwards must agree. */
static const char *walk(struct list *l)
{
	static char forwards[64], backwards[64];
	size_t n = 0, b = sizeof(backwards) - 1;
	struct member *m;

	list_for_each_entry (m, l, link)
		forwards[n++] = (char)('0' + m->value);
	forwards[n] = '\0';
	for (struct list *p = l->prev; p != l; p = p->prev)
		backwards[--b] = (char)('0' + CONTAINER_OF(p, struct member, link)->value);
	assert_string_equal(forwards, backwards + b);
	return forwards;
}

static void test_list(void **state)
{
	struct list l = LIST_INIT(l), other;
	struct member m[6];

	for (int i = 0; i < 6; i++)
		m[i] = (struct member){.value = i, .link = LIST_INIT(m[i].link)};
	assert_true(list_empty(&l));
	assert_null(list_pop_front(&l));
	list_push_back(&l, &m[1].link);
	list_push_back(&l, &m[2].link);
	list_push_front(&l, &m[0].link);
	assert_string_equal(walk(&l), "012");
	assert_ptr_equal(list_first(&l, struct member, link), &m[0]);
	assert_ptr_equal(list_last(&l, struct member, link), &m[2]);
	list_remove(&m[1].link);
	assert_true(list_empty(&m[1].link));
	list_remove(&m[1].link);
	assert_string_equal(walk(&l), "02");

	list_init(&other);
	list_splice_back(&l, &other);
	assert_string_equal(walk(&l), "02");
	list_push_back(&other, &m[3].link);
	list_push_back(&other, &m[4].link);
	list_splice_back(&l, &other);
	assert_string_equal(walk(&l), "0234");
	assert_true(list_empty(&other));
	list_splice_back(&other, &l);
	assert_string_equal(walk(&other), "0234");
	assert_string_equal(walk(&l), "");
	assert_ptr_equal(list_pop_front(&other), &m[0].link);
	assert_string_equal(walk(&other), "234");
}

static void test_list_remove_while_walking(void **state)
{
	struct list l = LIST_INIT(l);
	struct member *m, *next;

	for (int i = 0; i < 6; i++) {
		m = malloc(sizeof(*m));
		m->value = i;
		list_push_back(&l, &m->link);
	}
	list_for_each_entry_safe (m, next, &l, link) {
		if (m->value % 2 == 0)
			continue;
		list_remove(&m->link);
		free(m);
	}
	assert_string_equal(walk(&l), "024");
	list_for_each_entry_safe (m, next, &l, link)
		free(m);
}

static void put_once(struct refcount *r)
{
	if (refcount_put(r))
		return;
}

static void test_refcount(void **state)
{
	struct refcount r;

	refcount_init(&r);
	refcount_get(&r);
	assert_true(refcount_get_unless_zero(&r));
	assert_false(refcount_put(&r));
	assert_false(refcount_put(&r));
	assert_true(refcount_put(&r));
	/* It is gone: nobody gets it back. */
	assert_false(refcount_get_unless_zero(&r));
	expect_panic(refcount_get(&r));
	atomic32_store(&r.count, 0);
	expect_panic(put_once(&r));
	/* And it does not come round. */
	atomic32_store(&r.count, UINT32_MAX);
	expect_panic(refcount_get(&r));
}

#define ROUNDS 100000

static void *get_and_put(void *arg)
{
	struct refcount *r = arg;

	for (int i = 0; i < ROUNDS; i++) {
		if (!refcount_get_unless_zero(r))
			return r;
		refcount_get(r);
		if (refcount_put(r) || refcount_put(r))
			return r;
	}
	return NULL;
}

static void test_refcount_threads(void **state)
{
	struct refcount r;
	pthread_t thread[3];

	refcount_init(&r);
	for (int i = 0; i < 3; i++)
		pthread_create(&thread[i], NULL, get_and_put, &r);
	for (int i = 0; i < 3; i++) {
		void *failed;
		pthread_join(thread[i], &failed);
		assert_null(failed);
	}
	assert_true(refcount_put(&r));
}

static void test_nospec(void **state)
{
	static const u64 sizes[] = {
		1, 2, 3, 63, 64, 65, 450, 1UL << 32, (1UL << 63) - 1, 1UL << 63};

	for (u32 s = 0; s < ARRAY_SIZE(sizes); s++) {
		u64 n = sizes[s];
		u64 tries[] = {
			0, 1, n / 2, n - 1, n, n + 1, 2 * n - 1, INT64_MAX, 1UL << 63, UINT64_MAX};
		for (u32 i = 0; i < ARRAY_SIZE(tries); i++)
			assert_int_equal(index_nospec(tries[i], n), tries[i] < n ? tries[i] : 0);
	}
}

static void test_arithmetic(void **state)
{
	assert_int_equal(ALIGN_UP(0UL, 4096), 0);
	assert_int_equal(ALIGN_UP(1UL, 4096), 4096);
	assert_int_equal(ALIGN_UP(4096UL, 4096), 4096);
	assert_int_equal(ALIGN_DOWN(4095UL, 4096), 0);
	/* The mask is as wide as the value. */
	assert_true(ALIGN_DOWN(0xffffffff80001fffUL, 4096) == 0xffffffff80001000UL);
	assert_true(ALIGN_UP(0xffffffff80000001UL, 4096U) == 0xffffffff80001000UL);
	assert_true(IS_ALIGNED(0xffffffff80001000UL, 4096));
	assert_false(IS_ALIGNED(0xffffffff80001008UL, 4096));
	assert_int_equal(PAGE_MASK & 0x12345, 0x12000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_list_remove_while_walking),
		cmocka_unit_test(test_refcount),
		cmocka_unit_test(test_refcount_threads),
		cmocka_unit_test(test_nospec),
		cmocka_unit_test(test_arithmetic),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
