/*
 * Reading cpio archives: a good one, each kind of damage, every truncation, every flipped bit. Nothing outside the
 * archive may be read (the sanitizer sees to that: the archive ends with its allocation), and no pointer that comes
 * back may lead outside.
 *
 * Seen to fail: take() without its comparison; without the check of the name's NUL (sanitizer); with lower case digits not
 * understood; with the filling demanded after the last byte.
 */
// sources: kernel/lib/cpio.c
#define _GNU_SOURCE
#include "unit.h"

#include "lib/cpio.h"
#include "lib/errno.h"
#include "newc.h"

static struct newc make_archive(void)
{
	struct newc n = {.bytes = NULL};

	newc_add(&n, (struct newc_entry){.name = "dir", .mode = 040755, .nlink = 2});
	newc_add(&n, (struct newc_entry){.name = "dir/file",
			     .mode = 0100644,
			     .data = "contents",
			     .size = 7,
			     .ino = 0xabcdef01,
			     .uid = 1000,
			     .gid = 100,
			     .nlink = 1,
			     .mtime = 1700000000,
			     .dev_major = 8,
			     .dev_minor = 1});
	newc_add(&n, (struct newc_entry){
			     .name = "node", .mode = 020666, .rdev_major = 1, .rdev_minor = 3});
	newc_add(&n, (struct newc_entry){
			     .name = "link", .mode = 0120777, .data = "dir/file", .size = 8});
	newc_end(&n);
	return n;
}

/* The archive in an allocation of exactly its size, which is the caller's. */
static u8 *exact_copy(const u8 *bytes, size_t size)
{
	u8 *copy = malloc(size + !size);
	memcpy(copy, bytes, size);
	return copy;
}

static void test_good(void **state)
{
	struct newc n = make_archive();
	struct cpio_entry e;
	struct cpio c;

	cpio_init(&c, n.bytes, n.size);
	assert_int_equal(cpio_next(&c, &e), 1);
	assert_string_equal(e.name, "dir");
	assert_int_equal(e.name_length, 3);
	assert_int_equal(e.mode, 040755);
	assert_int_equal(e.nlink, 2);
	assert_int_equal(e.size, 0);

	assert_int_equal(cpio_next(&c, &e), 1);
	assert_string_equal(e.name, "dir/file");
	assert_int_equal(e.size, 7);
	assert_memory_equal(e.data, "content", 7);
	assert_int_equal(e.ino, 0xabcdef01);
	assert_int_equal(e.uid, 1000);
	assert_int_equal(e.gid, 100);
	assert_int_equal(e.mtime, 1700000000);
	assert_int_equal(e.dev_major, 8);
	assert_int_equal(e.dev_minor, 1);

	assert_int_equal(cpio_next(&c, &e), 1);
	assert_int_equal(e.rdev_major, 1);
	assert_int_equal(e.rdev_minor, 3);

	assert_int_equal(cpio_next(&c, &e), 1);
	assert_memory_equal(e.data, "dir/file", 8);
	/* At the end it stays. */
	assert_int_equal(cpio_next(&c, &e), 0);
	assert_int_equal(cpio_next(&c, &e), 0);
	newc_free(&n);
}

static void test_lower_case(void **state)
{
	struct newc n = make_archive();
	struct cpio_entry e;
	struct cpio c;

	for (size_t i = 0; i < n.size; i++)
		if (n.bytes[i] >= 'A' && n.bytes[i] <= 'F')
			n.bytes[i] += 'a' - 'A';
	cpio_init(&c, n.bytes, n.size);
	assert_int_equal(cpio_next(&c, &e), 1);
	assert_int_equal(cpio_next(&c, &e), 1);
	assert_int_equal(e.ino, 0xabcdef01);
	newc_free(&n);
}

static void test_checksum(void **state)
{
	for (u32 check = 0; check < 1000; check++) {
		struct newc n = {.bytes = NULL};
		struct cpio_entry e;
		struct cpio c;
		newc_add(&n, (struct newc_entry){.name = "f",
				     .mode = 0100644,
				     .data = "\xff\xff\x01",
				     .size = 3,
				     .magic = "070702",
				     .check = check});
		cpio_init(&c, n.bytes, n.size);
		assert_int_equal(cpio_next(&c, &e), check == 511 ? 1 : -EINVAL);
		newc_free(&n);
	}
}

static void check_inside(const struct cpio *c, const struct cpio_entry *e)
{
	const u8 *name = (const u8 *)e->name, *data = e->data, *end = c->archive + c->size;

	assert_true(name >= c->archive && name + e->name_length < end);
	assert_int_equal(strlen(e->name), e->name_length);
	assert_true(data >= c->archive && data <= end && e->size <= (size_t)(end - data));
}

/* Reads to the end or the first error, which is what it returns. */
static int read_all(const u8 *archive, size_t size, size_t *offset, u32 *count)
{
	struct cpio_entry e;
	struct cpio c;
	int more;

	cpio_init(&c, archive, size);
	for (*count = 0; (more = cpio_next(&c, &e)) > 0; ++*count) {
		check_inside(&c, &e);
		assert_true(c.offset > 0 && c.offset <= size);
	}
	*offset = c.offset;
	return more;
}

static void test_truncated(void **state)
{
	struct newc n = make_archive();
	size_t offset, last = 0;
	u32 count;

	/* The filling after the last name may be missing. */
	size_t whole = n.size;
	while (n.bytes[whole - 1] == '\0' && n.bytes[whole - 2] == '\0')
		whole--;
	for (size_t size = 0; size <= n.size; size++) {
		u8 *copy = exact_copy(n.bytes, size);
		int result = read_all(copy, size, &offset, &count);
		assert_int_equal(result, size < whole ? -EINVAL : 0);
		/* It says where, and that does not go back. */
		assert_true(offset <= size && offset >= last);
		last = offset;
		free(copy);
	}
	assert_int_equal(count, 4);
	newc_free(&n);
}

static void test_flipped(void **state)
{
	struct newc n = make_archive();
	u8 *copy = exact_copy(n.bytes, n.size);
	size_t offset;
	u32 count;

	for (size_t bit = 0; bit < n.size * 8; bit++) {
		copy[bit / 8] ^= (u8)(1 << bit % 8);
		int result = read_all(copy, n.size, &offset, &count);
		assert_true(result == 0 || result == -EINVAL);
		copy[bit / 8] ^= (u8)(1 << bit % 8);
	}
	free(copy);
	newc_free(&n);
}

/* Every field of every header set to numbers that lead far away. */
static void test_large_numbers(void **state)
{
	static const char *const numbers[] = {"ffffffff", "fffffffe", "7fffffff", "80000000",
		"00001000", "00000000", "00000001", "0000000g", "-0000001", "        "};
	struct newc n = make_archive();
	size_t offset;
	u32 count;

	for (size_t at = 0; at + 110 <= n.size; at++) {
		if (memcmp(n.bytes + at, "070701", 6) != 0)
			continue;
		for (u32 field = 0; field < 13; field++)
			for (u32 i = 0; i < ARRAY_SIZE(numbers); i++) {
				u8 *copy = exact_copy(n.bytes, n.size);
				memcpy(copy + at + 6 + field * 8, numbers[i], 8);
				int result = read_all(copy, n.size, &offset, &count);
				assert_true(result == 0 || result == -EINVAL);
				free(copy);
			}
	}
	newc_free(&n);
}

static int read_one(struct newc_entry entry, const char *replace, const char *with)
{
	struct newc n = {.bytes = NULL};
	struct cpio_entry e;
	struct cpio c;

	newc_add(&n, entry);
	if (replace) {
		u8 *at = memmem(n.bytes, n.size, replace, strlen(replace));
		assert_non_null(at);
		memcpy(at, with, strlen(with) + 1);
	}
	newc_end(&n);
	cpio_init(&c, n.bytes, n.size);
	int result = cpio_next(&c, &e);
	newc_free(&n);
	return result;
}

static void test_names(void **state)
{
	char name[5000];

	assert_int_equal(read_one((struct newc_entry){.name = ""}, NULL, NULL), -EINVAL);
	assert_int_equal(read_one((struct newc_entry){.name = "x"}, NULL, NULL), 1);
	/* A NUL before the end. */
	assert_int_equal(read_one((struct newc_entry){.name = "abcdef"}, "bcd", "b"), -EINVAL);
	memset(name, 'n', sizeof(name));
	name[4095] = '\0';
	assert_int_equal(read_one((struct newc_entry){.name = name}, NULL, NULL), 1);
	name[4095] = 'n';
	name[4096] = '\0';
	assert_int_equal(read_one((struct newc_entry){.name = name}, NULL, NULL), -EINVAL);
	assert_int_equal(
		read_one((struct newc_entry){.name = "x", .magic = "070707"}, NULL, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_lower_case),
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_large_numbers),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
