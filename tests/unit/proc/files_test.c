/*
 * Descriptor tables.
 *
 * Seen to fail: with the search for a free slot starting at 0 whatever was asked, "lowest at or
 * above"; with the old file not put, "onto an open one" leaks; with files_adopt() not copying
 * flags, "grows"; with a put under the lock, "released without the lock".
 */
// sources: kernel/proc/files.c kernel/proc/file.c
#include "unit.h"

#include "fail_alloc.h"
#include "lib/errno.h"
#include "proc/file.h"

static int releases;
static struct files *table;

static void on_release(struct file *f)
{
	/* It may sleep, so the table's lock can't be held. */
	if (table)
		assert_false(spin_held(&table->lock));
	releases++;
}

static const struct file_ops ops = {.release = on_release};

static struct file *new_file(void)
{
	struct file *f = file_create(&ops, 0, NULL);
	assert_non_null(f);
	return f;
}

static int set_up(void **state)
{
	releases = 0;
	table = files_create();
	return table ? 0 : -1;
}

static int tear_down(void **state)
{
	struct files *t = table;
	table = NULL;
	files_put(t);
	assert_int_equal(slab_live(), 0);
	return 0;
}

static void lowest_at_or_above(void **state)
{
	for (int i = 0; i < 5; i++)
		assert_int_equal(files_install(table, new_file(), 0, false), i);
	assert_int_equal(files_close(table, 1), 0);
	assert_int_equal(files_close(table, 3), 0);
	assert_int_equal(files_install(table, new_file(), 2, false), 3);
	assert_int_equal(files_install(table, new_file(), 0, false), 1);
	assert_int_equal(files_install(table, new_file(), 10, false), 10);
	assert_int_equal(files_count(table), 6);
}

static void bad_descriptors(void **state)
{
	const int bad[] = {-1, 0, 63, 64, 1 << 20, INT32_MIN, INT32_MAX};

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_null(files_lookup(table, bad[i]));
		assert_int_equal(files_close(table, bad[i]), -EBADF);
		assert_int_equal(files_get_cloexec(table, bad[i]), -EBADF);
		assert_int_equal(files_set_cloexec(table, bad[i], true), -EBADF);
	}
	struct file *f = new_file();
	assert_int_equal(files_install_at(table, f, -1, false), -EBADF);
	assert_int_equal(files_install_at(table, f, FILES_DEFAULT_LIMIT, false), -EBADF);
	assert_int_equal(files_install(table, f, FILES_DEFAULT_LIMIT, false), -EMFILE);
	file_put(f);
}

static void limit(void **state)
{
	files_set_limit(table, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(files_install(table, new_file(), 0, false), i);
	struct file *f = new_file();
	assert_int_equal(files_install(table, f, 0, false), -EMFILE);
	/* What is open above a lowered limit stays. */
	files_set_limit(table, 1);
	struct file *open = files_lookup(table, 2);
	assert_non_null(open);
	file_put(open);
	files_set_limit(table, UINT64_MAX);
	assert_int_equal(files_install(table, f, 0, false), 3);
}

static void onto_an_open_one(void **state)
{
	struct file *second = new_file();

	assert_int_equal(files_install_at(table, new_file(), 7, true), 7);
	assert_int_equal(files_get_cloexec(table, 7), 1);
	assert_int_equal(files_install_at(table, second, 7, false), 7);
	assert_int_equal(releases, 1);
	assert_int_equal(files_get_cloexec(table, 7), 0);
	struct file *f = files_lookup(table, 7);
	assert_ptr_equal(f, second);
	file_put(f);
}

static void grows(void **state)
{
	assert_int_equal(files_install_at(table, new_file(), 3, true), 3);
	assert_int_equal(files_install_at(table, new_file(), 1000, true), 1000);
	assert_true(files_capacity(table) > 1000);
	assert_int_equal(files_get_cloexec(table, 3), 1);
	assert_int_equal(files_get_cloexec(table, 1000), 1);
	assert_int_equal(files_install(table, new_file(), 999, false), 999);
	assert_int_equal(files_install(table, new_file(), 999, false), 1001);
}

static void a_reference_outlives_its_descriptor(void **state)
{
	assert_int_equal(files_install(table, new_file(), 0, false), 0);
	struct file *f = files_lookup(table, 0);
	assert_int_equal(files_close(table, 0), 0);
	assert_int_equal(releases, 0);
	file_put(f);
	assert_int_equal(releases, 1);
}

static void close_ranges(void **state)
{
	for (int i = 0; i < 10; i++)
		assert_int_equal(files_install(table, new_file(), 0, false), i);
	files_close_range(table, 3, 5, false);
	assert_int_equal(releases, 3);
	assert_int_equal(files_count(table), 7);
	files_close_range(table, 0, 1, true);
	assert_int_equal(files_get_cloexec(table, 0), 1);
	assert_int_equal(files_get_cloexec(table, 2), 0);
	files_close_range(table, 8, UINT32_MAX, false);
	assert_int_equal(files_count(table), 5);
	files_close_range(table, UINT32_MAX, UINT32_MAX, false);
}

static void out_of_memory_at_each_point(void *arg)
{
	struct files *t = files_create();
	if (!t) {
		assert_true(fail_alloc_happened());
		return;
	}
	struct file *f = file_create(&ops, 0, NULL);
	if (f) {
		int fd = files_install_at(t, f, 500, false);
		if (fd < 0) {
			assert_int_equal(fd, -ENOMEM);
			file_put(f);
		}
	}
	files_put(t);
}

static void no_memory(void **state)
{
	fail_alloc_each(out_of_memory_at_each_point, NULL);
}

/* Against a plain model: an array of who is where. */
static void random_against_a_model(void **state)
{
	enum { N = 200 };
	struct file *model[N] = {0};
	bool cloexec[N] = {0};

	files_set_limit(table, N);
	for (int round = 0; round < 20000; round++) {
		int fd = (int)unit_random_below(N);
		bool flag = unit_random_below(2);
		switch (unit_random_below(4)) {
		case 0: {
			struct file *f = new_file();
			int lowest = fd;
			while (lowest < N && model[lowest])
				lowest++;
			int got = files_install(table, f, fd, flag);
			assert_int_equal(got, lowest < N ? lowest : -EMFILE);
			if (got < 0) {
				file_put(f);
			} else {
				model[got] = f;
				cloexec[got] = flag;
			}
			break;
		}
		case 1:
			model[fd] = new_file();
			cloexec[fd] = flag;
			assert_int_equal(files_install_at(table, model[fd], fd, flag), fd);
			break;
		case 2:
			assert_int_equal(files_close(table, fd), model[fd] ? 0 : -EBADF);
			model[fd] = NULL;
			break;
		default: {
			struct file *f = files_lookup(table, fd);
			assert_ptr_equal(f, model[fd]);
			if (f)
				file_put(f);
			assert_int_equal(
				files_get_cloexec(table, fd), model[fd] ? cloexec[fd] : -EBADF);
		}
		}
	}
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(lowest_at_or_above),
		TEST(bad_descriptors),
		TEST(limit),
		TEST(onto_an_open_one),
		TEST(grows),
		TEST(a_reference_outlives_its_descriptor),
		TEST(close_ranges),
		TEST(random_against_a_model),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
