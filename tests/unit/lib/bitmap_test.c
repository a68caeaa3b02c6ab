/*
 * Bitmaps against an array of bool, with random contents, at sizes around the word's.
 *
 * Seen to fail: next() without cutting the result to the size; word_mask() without the case of 64 bits (the sanitizer);
 * bitmap_next_clear_range() going on at start + n.
 */
// sources: kernel/lib/bitmap.c
#include "unit.h"

#include <string.h>

#include "lib/bitmap.h"

#define BITS_MAX 200

static const size_t sizes[] = {1, 2, 63, 64, 65, 127, 128, 129, 199, 200};

struct model {
	u64 map[BITMAP_WORDS(BITS_MAX)];
	bool bit[BITS_MAX];
	size_t bits;
};

static void make_random(struct model *m, size_t bits, u32 percent)
{
	memset(m, 0, sizeof(*m));
	/* What is beyond the size must not matter. */
	memset(m->map, 0xff, sizeof(m->map));
	m->bits = bits;
	for (size_t i = 0; i < bits; i++) {
		m->bit[i] = unit_random_below(100) < percent;
		if (m->bit[i])
			bitmap_set(m->map, i);
		else
			bitmap_clear(m->map, i);
	}
}

static size_t model_next(const struct model *m, size_t start, bool value)
{
	while (start < m->bits && m->bit[start] != value)
		start++;
	return MIN(start, m->bits);
}

static size_t model_next_clear_range(const struct model *m, size_t start, size_t n)
{
	for (; start + n <= m->bits; start++) {
		size_t run = 0;
		while (run < n && !m->bit[start + run])
			run++;
		if (run == n)
			return start;
	}
	return m->bits;
}

static void check_all(const struct model *m)
{
	size_t count = 0;

	for (size_t i = 0; i < m->bits; i++) {
		assert_int_equal(bitmap_test(m->map, i), m->bit[i]);
		count += m->bit[i];
	}
	assert_int_equal(bitmap_count(m->map, m->bits), count);
	for (size_t i = 0; i <= m->bits + 1; i++) {
		assert_int_equal(bitmap_next_set(m->map, m->bits, i), model_next(m, i, true));
		assert_int_equal(bitmap_next_clear(m->map, m->bits, i), model_next(m, i, false));
		for (size_t n = 1; n <= 70; n += n < 6 ? 1 : 16)
			assert_int_equal(bitmap_next_clear_range(m->map, m->bits, i, n),
				model_next_clear_range(m, i, n));
	}
}

static void test_random(void **state)
{
	static const u32 percents[] = {0, 2, 20, 50, 98, 100};
	struct model m;

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
		for (size_t p = 0; p < ARRAY_SIZE(percents); p++) {
			make_random(&m, sizes[s], percents[p]);
			check_all(&m);
		}
}

static void test_ranges(void **state)
{
	struct model m;

	for (int round = 0; round < 2000; round++) {
		make_random(&m, BITS_MAX, 50);
		size_t start = unit_random_below(BITS_MAX);
		size_t n = unit_random_below(BITS_MAX - start + 1);
		bool value = round % 2;
		if (value)
			bitmap_set_range(m.map, start, n);
		else
			bitmap_clear_range(m.map, start, n);
		for (size_t i = start; i < start + n; i++)
			m.bit[i] = value;
		for (size_t i = 0; i < BITS_MAX; i++)
			assert_int_equal(bitmap_test(m.map, i), m.bit[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_ranges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
