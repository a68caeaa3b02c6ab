/*
 * From archive to tree: what archives of various makers hold, what broken ones must not do, and running out of memory.
 *
 * Seen to fail: without the record's hold on an inode (use after free); with entries of the filling kept; with directories
 * replaced instead of updated; without the refusal of ".."; tree_destroy() that stops at the first empty directory; names
 * compared without their lengths.
 */
// sources: kernel/proc/cred.c kernel/proc/groups.c kernel/fs/pts.c
// sources: tests/unit/fs/mounted.c kernel/fs/access.c kernel/fs/archive.c kernel/fs/attributes.c kernel/fs/content.c
// sources: kernel/fs/create.c kernel/fs/device.c kernel/fs/directory.c kernel/fs/memfd.c kernel/fs/mount.c kernel/fs/mounts.c kernel/fs/node.c
// sources: kernel/fs/open.c kernel/fs/opened.c kernel/fs/path.c kernel/fs/regular.c kernel/fs/remove.c kernel/fs/tree.c
// sources: kernel/fs/walk.c kernel/fs/xattr.c kernel/lib/cpio.c kernel/lib/format.c kernel/lib/rbtree.c
// sources: kernel/proc/file.c kernel/proc/files.c kernel/proc/fscontext.c
#include "unit.h"

#include <asm/stat.h>

#include "fail_alloc.h"
#include "fake_log.h"
#include "fake_ram.h"
#include "fs/archive.h"
#include "fs/mounted.h"
#include "fs/names.h"
#include "fs/walk.h"
#include "lib/errno.h"

#define REG 0100644
#define DIR 040755
#define LNK 0120777

static void add_text(struct newc *n, const char *name, const char *text)
{
	newc_add(n,
		(struct newc_entry){
			.name = name, .mode = REG, .data = text, .size = strlen(text), .nlink = 1});
}

static void add(struct newc *n, const char *name, u32 mode)
{
	newc_add(n, (struct newc_entry){.name = name, .mode = mode, .nlink = 1});
}

static void add_link(struct newc *n, const char *name, const char *target)
{
	newc_add(n, (struct newc_entry){.name = name,
			    .mode = LNK,
			    .data = target,
			    .size = strlen(target),
			    .nlink = 1});
}

static void mount(struct newc *n)
{
	newc_end(n);
	assert_int_equal(mounted_begin(n, 0), 0);
}

static void unmount(struct newc *n)
{
	mounted_end();
	newc_free(n);
}

static struct stat stat_of(const char *path)
{
	struct stat st;
	int err = fs_stat("/", path, false, &st);

	if (err)
		fail_msg("stat %s: %d", path, err);
	return st;
}

static int stat_error(const char *path)
{
	struct stat st;

	return fs_stat("/", path, false, &st);
}

static void assert_text(const char *path, const char *expected)
{
	char *text = mounted_read(path);

	assert_string_equal(text, expected);
	free(text);
}

static void test_plain(void **state)
{
	struct newc n = {.bytes = NULL};

	newc_add(&n, (struct newc_entry){.name = ".", .mode = 040700, .uid = 5, .nlink = 2});
	newc_add(&n, (struct newc_entry){.name = "bin", .mode = 040711, .mtime = 99, .nlink = 2});
	newc_add(&n, (struct newc_entry){.name = "bin/prog",
			     .mode = 0104755,
			     .uid = 1,
			     .gid = 2,
			     .nlink = 1,
			     .mtime = 1234567890,
			     .data = "#!",
			     .size = 2});
	add_link(&n, "bin/sh", "prog");
	newc_add(&n, (struct newc_entry){
			     .name = "sda", .mode = 060600, .rdev_major = 8, .rdev_minor = 300});
	add(&n, "pipe", 010600);
	add(&n, "socket", 0140600);
	mount(&n);

	struct stat root = stat_of("/"), st = stat_of("/bin/prog");
	assert_int_equal(root.st_mode, 040700);
	assert_int_equal(root.st_uid, 5);
	/* bin and dev. */
	assert_int_equal(root.st_nlink, 4);
	assert_int_equal(stat_of("/bin").st_mode, 040711);
	assert_int_equal(stat_of("/bin").st_nlink, 2);
	assert_int_equal(st.st_mode, 0104755);
	assert_int_equal(st.st_uid, 1);
	assert_int_equal(st.st_gid, 2);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(st.st_size, 2);
	assert_int_equal(st.st_blocks, 8);
	assert_int_equal(st.st_blksize, 4096);
	assert_int_equal(st.st_mtime, 1234567890);
	assert_int_equal(st.st_ctime, 1234567890);
	assert_int_equal(st.st_atime, 1234567890);
	assert_int_equal(st.st_dev, root.st_dev);
	assert_int_not_equal(st.st_ino, root.st_ino);
	assert_int_equal(stat_of("/bin/sh").st_mode, LNK);
	assert_int_equal(stat_of("/bin/sh").st_size, 4);
	/* 8:300, as Linux packs it. */
	assert_int_equal(stat_of("/sda").st_rdev, 0x10082c);
	assert_int_equal(stat_of("/pipe").st_mode, 010600);
	assert_int_equal(stat_of("/socket").st_mode, 0140600);
	unmount(&n);
}

static void test_names(void **state)
{
	struct newc n = {.bytes = NULL};
	char path[16 + 256];

	add_text(&n, "/absolute", "1");
	add_text(&n, "./dotted", "2");
	add_text(&n, "a//b/./c", "3");
	add(&n, "slash/", DIR);
	add_text(&n, "a/b2", "4");
	add_text(&n, "a/bb", "5");
	memset(path, 'n', sizeof(path));
	path[255] = '\0';
	add_text(&n, path, "6");
	mount(&n);

	assert_text("/absolute", "1");
	assert_text("/dotted", "2");
	assert_text("/a/b/c", "3");
	assert_int_equal(stat_of("/slash").st_mode, DIR);
	assert_text("/a/b2", "4");
	assert_text("/a/bb", "5");
	assert_text(path, "6");
	assert_int_equal(stat_error("/a/b22"), -ENOENT);
	assert_int_equal(stat_error("/absolut"), -ENOENT);
	unmount(&n);
}

static void test_missing_parents(void **state)
{
	struct newc n = {.bytes = NULL};

	add_text(&n, "x/y/z", "deep");
	/* Comes after what is in it. */
	newc_add(&n, (struct newc_entry){.name = "x", .mode = 040700, .gid = 7, .nlink = 2});
	mount(&n);
	assert_text("/x/y/z", "deep");
	assert_int_equal(stat_of("/x").st_mode, 040700);
	assert_int_equal(stat_of("/x").st_gid, 7);
	assert_int_equal(stat_of("/x").st_nlink, 3);
	assert_int_equal(stat_of("/x/y").st_mode, DIR);
	unmount(&n);
}

static void test_through_links(void **state)
{
	struct newc n = {.bytes = NULL};

	add(&n, "usr/lib", DIR);
	add_link(&n, "lib", "usr/lib");
	add_link(&n, "lib64", "/lib");
	add_text(&n, "lib/a", "1");
	add_text(&n, "lib64/sub/b", "2");
	mount(&n);
	assert_text("/usr/lib/a", "1");
	assert_text("/usr/lib/sub/b", "2");
	assert_int_equal(stat_of("/lib").st_mode, LNK);
	unmount(&n);
}

static void test_hard_links(void **state)
{
	struct newc n = {.bytes = NULL};
	struct newc_entry e = {.mode = REG, .nlink = 3, .ino = 77, .dev_minor = 1};

	/* The data comes with the last, as cpio writes it. */
	e.name = "one";
	newc_add(&n, e);
	e.name = "d/two";
	newc_add(&n, e);
	e.name = "three";
	e.data = "shared";
	e.size = 6;
	newc_add(&n, e);
	/* With the first. */
	e.ino = 78;
	e.name = "first";
	newc_add(&n, e);
	e.name = "second";
	e.size = 0;
	newc_add(&n, e);
	/* The same number on another device. */
	e.name = "other";
	e.dev_minor = 2;
	newc_add(&n, e);
	mount(&n);

	assert_text("/one", "shared");
	assert_text("/d/two", "shared");
	assert_text("/three", "shared");
	assert_int_equal(stat_of("/one").st_ino, stat_of("/d/two").st_ino);
	assert_int_equal(stat_of("/one").st_nlink, 3);
	assert_text("/first", "shared");
	assert_text("/second", "shared");
	/* Names that are there, not what the archive says. */
	assert_int_equal(stat_of("/second").st_nlink, 2);
	assert_text("/other", "");
	assert_int_equal(stat_of("/other").st_nlink, 1);
	unmount(&n);
}

/* Some makers number nothing, and a directory has several links by nature. */
static void test_directories_are_not_linked(void **state)
{
	struct newc n = {.bytes = NULL};

	newc_add(&n, (struct newc_entry){.name = "a", .mode = DIR, .nlink = 3});
	newc_add(&n, (struct newc_entry){.name = "b", .mode = DIR, .nlink = 2});
	add_text(&n, "a/f", "1");
	mount(&n);
	assert_int_not_equal(stat_of("/a").st_ino, stat_of("/b").st_ino);
	assert_int_equal(stat_error("/b/f"), -ENOENT);
	unmount(&n);
}

/* The first name is taken away before the next one comes. */
static void test_hard_link_to_replaced(void **state)
{
	struct newc n = {.bytes = NULL};
	struct newc_entry e = {.name = "one", .mode = REG, .nlink = 2, .ino = 5};

	newc_add(&n, e);
	add_text(&n, "one", "new");
	e.name = "two";
	e.data = "old";
	e.size = 3;
	newc_add(&n, e);
	/* A name given twice. */
	newc_add(&n, e);
	mount(&n);
	assert_text("/one", "new");
	assert_text("/two", "old");
	assert_int_equal(stat_of("/two").st_nlink, 1);
	unmount(&n);
}

static void test_later_wins(void **state)
{
	struct newc n = {.bytes = NULL};

	add_text(&n, "f", "old");
	add_text(&n, "f", "new");
	add(&n, "empty", DIR);
	add_text(&n, "empty", "a file now");
	add_text(&n, "file", "x");
	add(&n, "file", DIR);
	add_text(&n, "file/in", "y");
	mount(&n);
	assert_text("/f", "new");
	assert_text("/empty", "a file now");
	assert_text("/file/in", "y");
	/* file and dev. */
	assert_int_equal(stat_of("/").st_nlink, 4);
	unmount(&n);
}

static void test_filling(void **state)
{
	struct newc n = {.bytes = NULL};

	add_text(&n, ".airlock/pad", "zeros");
	add_text(&n, "./.airlock/pad", "zeros");
	add_text(&n, ".airlock/init", "program=/x");
	add_text(&n, "x/.airlock/pad", "kept");
	add_text(&n, "pad", "kept");
	mount(&n);
	assert_int_equal(stat_error("/.airlock/pad"), -ENOENT);
	assert_text("/.airlock/init", "program=/x");
	assert_text("/x/.airlock/pad", "kept");
	assert_text("/pad", "kept");
	unmount(&n);
}

static void test_dev(void **state)
{
	struct newc n = {.bytes = NULL};

	mount(&n);
	assert_int_equal(stat_of("/dev").st_mode, DIR);
	assert_int_equal(stat_of("/dev/null").st_mode, 020666);
	assert_int_equal(stat_of("/dev/null").st_rdev, 0x103);
	assert_int_equal(stat_of("/dev/urandom").st_rdev, 0x109);
	assert_int_equal(stat_of("/dev/tty").st_rdev, 0x500);
	assert_int_equal(stat_of("/dev/stdin").st_mode, LNK);
	/* The host's clock says so. */
	assert_int_equal(stat_of("/dev").st_mtime, 1700000000);
	unmount(&n);

	/* What the archive has wins. */
	add_text(&n, "dev/null", "a file");
	add_link(&n, "dev/fd", "/proc/self/fd");
	mount(&n);
	assert_text("/dev/null", "a file");
	assert_int_equal(stat_of("/dev/fd").st_mode, LNK);
	assert_int_equal(stat_of("/dev/zero").st_mode, 020666);
	/* Eight devices, fd, shm, pts, three streams; nothing twice. */
	struct dentry *dev = tree_lookup(mounted_tree()->root, "dev", 3);
	assert_int_equal(dev->inode->entry_count, 14);
	unmount(&n);

	add_text(&n, "dev", "no directory at all");
	mount(&n);
	assert_text("/dev", "no directory at all");
	dev = tree_lookup(mounted_tree()->root, "dev", 3);
	assert_int_equal(dev->inode->entry_count, 0);
	unmount(&n);
}

static void test_no_archive(void **state)
{
	struct newc n = {.bytes = NULL};

	newc_append(&n, "", 1);
	n.size = 0;
	assert_int_equal(mounted_begin(&n, 0), 0);
	assert_int_equal(stat_of("/dev/null").st_mode, 020666);
	unmount(&n);
}

/* The entry must be refused, and the log says at which byte. */
static void assert_refused(struct newc *n, size_t at, const char *why)
{
	char expected[100];

	newc_end(n);
	assert_int_equal(mounted_begin(n, 0), -EINVAL);
	snprintf(expected, sizeof(expected), "entry at byte %zu: %s", at, why);
	if (!strstr(fake_log_last, expected))
		fail_msg("'%s' in '%s'", expected, fake_log_last);
	newc_free(n);
}

#define REFUSED(why, statement)                             \
	do {                                                \
		struct newc n_ = {.bytes = NULL}, *n = &n_; \
		add(n, "dir", DIR);                         \
		add_text(n, "dir/file", "x");               \
		size_t at_ = n->size;                       \
		statement;                                  \
		assert_refused(n, at_, why);                \
	} while (0)

static void test_refused(void **state)
{
	char long_name[300];
	static char long_target[5000];

	memset(long_name, 'n', sizeof(long_name));
	long_name[256] = '\0';
	memset(long_target, 't', 4096);
	REFUSED("impossible path", add_text(n, "../x", ""));
	REFUSED("impossible path", add_text(n, "dir/..", ""));
	REFUSED("impossible path", add_text(n, "dir/../../x", ""));
	REFUSED("impossible path", add_text(n, long_name, ""));
	REFUSED("path through", add_text(n, "dir/file/x", ""));
	REFUSED("unknown type", add(n, "x", 0644));
	REFUSED("unknown type", add(n, "x", 0170644));
	REFUSED("the root", add_text(n, ".", ""));
	REFUSED("the root", add_text(n, "/", ""));
	REFUSED("a directory with entries", add_text(n, "dir", ""));
	REFUSED("impossible target", add_link(n, "x", long_target));
	REFUSED("impossible target",
		newc_add(n,
			(struct newc_entry){.name = "x", .mode = LNK, .data = "a\0b", .size = 3}));
	REFUSED("broken", add_text(n, "", ""));
	REFUSED("broken", newc_append(n, "junk", 4));
}

static void test_refused_links(void **state)
{
	struct newc n = {.bytes = NULL};
	size_t at;

	add_link(&n, "loop", "loop");
	at = n.size;
	add_text(&n, "loop/x", "");
	assert_refused(&n, at, "path through");

	add_link(&n, "dangling", "nowhere");
	at = n.size;
	add_text(&n, "dangling/x", "");
	assert_refused(&n, at, "path through");

	newc_add(&n, (struct newc_entry){.name = "a", .mode = REG, .nlink = 2, .ino = 3});
	at = n.size;
	newc_add(&n, (struct newc_entry){.name = "b", .mode = 010644, .nlink = 2, .ino = 3});
	assert_refused(&n, at, "hard link");
}

static struct newc make_varied(void)
{
	struct newc n = {.bytes = NULL};
	struct newc_entry e = {.mode = REG, .nlink = 2, .ino = 9};

	add_text(&n, "a/b/c", "deep");
	add_link(&n, "l", "a/b");
	add_text(&n, "l/d", "linked");
	e.name = "h1";
	newc_add(&n, e);
	e.name = "h2";
	newc_add(&n, e);
	add_text(&n, "h1", "replaced");
	add(&n, "a/empty", DIR);
	newc_end(&n);
	return n;
}

/* Straight to the tree, with the archive in an allocation of exactly its size. */
static int unpack(const u8 *bytes, size_t size)
{
	u8 *copy = malloc(size + !size);
	size_t offset;
	const char *why;
	struct tree t;

	memcpy(copy, bytes, size);
	assert_int_equal(tree_init(&t), 0);
	mutex_lock(&tree_lock);
	walk_set_tree(&t);
	int err = archive_unpack(&t, copy, size, &offset, &why);
	walk_set_tree(&fs_tree);
	tree_destroy(&t);
	mutex_unlock(&tree_lock);
	assert_true(offset <= size);
	free(copy);
	return err;
}

static void test_truncated(void **state)
{
	struct newc n = make_varied();
	u64 before = slab_live();

	for (size_t size = 0; size + 4 < n.size; size++)
		assert_int_equal(unpack(n.bytes, size), -EINVAL);
	assert_int_equal(unpack(n.bytes, n.size), 0);
	assert_int_equal(slab_live(), before);
	newc_free(&n);
}

static void test_flipped(void **state)
{
	struct newc n = make_varied();
	u64 before = slab_live();

	for (size_t bit = 0; bit < n.size * 8; bit++) {
		n.bytes[bit / 8] ^= (u8)(1 << bit % 8);
		int err = unpack(n.bytes, n.size);
		assert_true(err == 0 || err == -EINVAL);
		n.bytes[bit / 8] ^= (u8)(1 << bit % 8);
	}
	assert_int_equal(slab_live(), before);
	newc_free(&n);
}

static void mount_or_fail(void *arg)
{
	struct newc n = make_varied();
	int err = mounted_begin(&n, 0);

	assert_int_equal(err, fail_alloc_happened() ? -ENOMEM : 0);
	if (!err)
		mounted_end();
	newc_free(&n);
}

static void test_out_of_memory(void **state)
{
	fail_alloc_each(mount_or_fail, NULL);
}

static void test_paths_of_dentries(void **state)
{
	struct newc n = make_varied();
	char path[32];

	assert_int_equal(mounted_begin(&n, 0), 0);
	assert_int_equal(fs_resolve("/", "l/d", path, sizeof(path)), 0);
	assert_string_equal(path, "/a/b/d");
	/* Six characters and the NUL. */
	assert_int_equal(fs_resolve("/", "l/d", path, 7), 0);
	assert_int_equal(fs_resolve("/", "l/d", path, 6), -ERANGE);
	assert_int_equal(fs_resolve("/", "/", path, 2), 0);
	assert_string_equal(path, "/");
	assert_int_equal(fs_resolve("/", "/", path, 1), -ERANGE);
	assert_int_equal(fs_resolve_dir("/a/b", "..", path, sizeof(path)), 0);
	assert_string_equal(path, "/a");
	assert_int_equal(fs_resolve_dir("/", "h1", path, sizeof(path)), -ENOTDIR);
	mounted_end();
	newc_free(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_missing_parents),
		cmocka_unit_test(test_through_links),
		cmocka_unit_test(test_hard_links),
		cmocka_unit_test(test_hard_link_to_replaced),
		cmocka_unit_test(test_directories_are_not_linked),
		cmocka_unit_test(test_later_wins),
		cmocka_unit_test(test_filling),
		cmocka_unit_test(test_dev),
		cmocka_unit_test(test_no_archive),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_links),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_paths_of_dentries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
