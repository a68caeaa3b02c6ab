/*
 * The slab allocator and kmalloc(): objects keep their contents, are aligned, do not overlap; empty
 * slabs go back; running out of frames at every point; and what debug kernels find.
 *
 * Seen to fail: with slab_fresh not counted up, with a full slab left in the list, with empty slabs
 * never given back, with a size class too small, without the walk or the comparison in
 * slab_debug.c.
 */
// sources: kernel/mm/slab.c kernel/mm/slab_debug.c kernel/mm/kmalloc.c
#include "unit.h"

#include <string.h>

#include "fail_alloc.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define OBJECTS 2000

/* kmalloc.c's: the double of slabs is not linked. */
u64 slab_live(void)
{
	return 0;
}

struct object {
	u8 *at;
	size_t size;
	u8 fill;
};
static struct object objects[OBJECTS];
static u32 count;

static void fill(struct object *o)
{
	o->fill = (u8)unit_random();
	memset(o->at, o->fill, o->size);
}

static void check(const struct object *o)
{
	for (size_t i = 0; i < o->size; i++)
		assert_int_equal(o->at[i], o->fill);
}

static void test_cache(size_t size, size_t align)
{
	u64 frames = frame_live();
	struct slab_cache *c = slab_cache_create("test", size, align);

	for (u32 step = 0; step < 20000; step++) {
		if (unit_random_below(100) < (step / 2000 % 2 ? 40 : 60) && count < OBJECTS) {
			struct object *o = &objects[count];
			*o = (struct object){.at = slab_alloc(c), .size = size};
			assert_non_null(o->at);
			assert_int_equal((u64)o->at % (align ? align : 8), 0);
			fill(o);
			count++;
		} else if (count) {
			u32 i = (u32)unit_random_below(count);
			check(&objects[i]);
			slab_free(c, objects[i].at);
			objects[i] = objects[--count];
		}
	}
	while (count) {
		check(&objects[--count]);
		slab_free(c, objects[count].at);
	}
	/* One empty slab is kept. */
	assert_true(frame_live() <= frames + 1);
}

static void test_sizes(void **state)
{
	static const size_t sizes[] = {
		2, 8, 24, 40, 64, 96, 100, 200, 512, 700, 1000, 1500, 2000, 3000, 4096, 5000, 9000};

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++)
		test_cache(sizes[i], sizes[i] < 8 ? 2 : 0);
	test_cache(40, 64);
	test_cache(600, 1024);
	test_cache(10, 4096);
}

static void test_kmalloc(void **state)
{
	for (u32 step = 0; step < 30000; step++) {
		if (unit_random_below(2) && count < OBJECTS / 4) {
			u64 top = 1UL << unit_random_below(15);
			struct object *o = &objects[count];
			*o = (struct object){.size = 1 + unit_random_below(top)};
			o->at = kmalloc(o->size);
			assert_non_null(o->at);
			fill(o);
			count++;
		} else if (count) {
			u32 i = (u32)unit_random_below(count);
			check(&objects[i]);
			kfree(objects[i].at);
			objects[i] = objects[--count];
		}
	}
	while (count)
		kfree(objects[--count].at);
}

static void test_large(void **state)
{
	u64 frames = frame_live();
	void *p = kmalloc(MIB), *q = kzalloc(5000);

	assert_non_null(p);
	memset(p, 1, MIB);
	for (u32 i = 0; i < 5000; i++)
		assert_int_equal(((u8 *)q)[i], 0);
	kfree(p);
	kfree(q);
	kfree(NULL);
	assert_null(kmalloc(MIB + 1));
	assert_null(kmalloc(~0UL));
	assert_int_equal(frame_live(), frames);
}

static void work_without_memory(void *arg)
{
	struct slab_cache *c = arg;
	void *p[40];
	u32 n = 0;

	while (n < 40 && (p[n] = slab_alloc(c)) != NULL)
		n++;
	assert_int_equal(n < 40, fail_alloc_happened());
	while (n)
		slab_free(c, p[--n]);
	u8 *z = kzalloc(3000);
	assert_true(z || fail_alloc_happened());
	kfree(z);
}

static void test_no_memory(void **state)
{
	struct slab_cache *c = slab_cache_create("no memory", 512, 0);

	/* The slab that is kept is there before and after. */
	slab_free(c, slab_alloc(c));
	fail_alloc_each(work_without_memory, c);
}

static void test_double_free(void **state)
{
	struct slab_cache *c = slab_cache_create("twice", 64, 0);
	void *p = slab_alloc(c), *q = slab_alloc(c);

	slab_free(c, p);
	expect_panic(slab_free(c, p));
	assert_non_null(strstr(panic_text(), "freed twice"));
	(void)q;
}

static void test_wrong_free(void **state)
{
	struct slab_cache *c = slab_cache_create("one", 64, 0),
			  *d = slab_cache_create("other", 64, 0);
	char *p = slab_alloc(c);

	expect_panic(slab_free(d, p));
	expect_panic(slab_free(c, p + 8));
	char *r = kmalloc(100);
	expect_panic(kfree(r + 16));
}

static void test_write_after_free(void **state)
{
	struct slab_cache *c = slab_cache_create("late", 64, 0);
	char *p = slab_alloc(c), *q = slab_alloc(c);

	slab_free(c, p);
	p[20] = 1;
	expect_panic((void)!slab_alloc(c));
	assert_non_null(strstr(panic_text(), "while it was free"));
	(void)q;
}

static int set_up(void **state)
{
	slab_init();
	return 0;
}

/* Those that end in a panic leave the cache's lock held, so each has a cache of its own, and
 * kmalloc()'s comes last. */
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_kmalloc),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_double_free),
		cmocka_unit_test(test_write_after_free),
		cmocka_unit_test(test_wrong_free),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
