/*
 * Open files: reading, positions, directories, pages, devices, links to descriptors, O_PATH.
 *
 * Seen to fail, each: a read that does not stop at the size; SEEK_DATA at the size; a cursor that is kept over a seek; an
 * entry that does not fit reported as the end; a page that is copied although it is aligned (and the reverse); a copy that is
 * made twice; the rest of the last page not zero; a shared file whose mode is not looked at; a reference lost or kept.
 */
// sources: tests/unit/fs/mounted.c kernel/fs/access.c kernel/fs/archive.c kernel/fs/device.c kernel/fs/directory.c
// sources: kernel/fs/fdlink.c kernel/fs/open.c kernel/fs/opened.c kernel/fs/pages.c kernel/fs/path.c
// sources: kernel/fs/regular.c kernel/fs/tree.c kernel/fs/walk.c kernel/lib/cpio.c kernel/lib/format.c
// sources: kernel/lib/rbtree.c kernel/proc/file.c kernel/proc/files.c
#include "unit.h"

#include <asm/ioctls.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

#include "fail_alloc.h"
#include "fake_ram.h"
#include "fake_user.h"
#include "fs/mounted.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/mm.h"

#define REG 0100644
#define LARGE (3 * PAGE_SIZE + 100)

static char pattern[LARGE];

static int make_pattern(void **state)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (char)(i * 7 + i / 251);
	return 0;
}

static void add_file(struct newc *n, const char *name, const void *data, size_t size)
{
	newc_add(n, (struct newc_entry){
			    .name = name, .mode = REG, .data = data, .size = size, .nlink = 1});
}

static void mount(struct newc *n, size_t offset)
{
	newc_end(n);
	assert_int_equal(mounted_begin(n, offset), 0);
}

static void unmount(struct newc *n)
{
	mounted_end();
	newc_free(n);
}

static s64 seek(struct file *f, s64 offset, int whence)
{
	mutex_lock(&f->pos_lock);
	s64 result = f->ops->seek(f, offset, whence);
	mutex_unlock(&f->pos_lock);
	return result;
}

static ssize_t read_at(struct file *f, void *to, size_t n, u64 *pos)
{
	struct iobuf b;

	iobuf_init_user(&b, (uaddr_t)to, n);
	return f->ops->read(f, &b, pos);
}

static void test_read(void **state)
{
	struct newc n = {.bytes = NULL};
	char buffer[LARGE + 10];

	add_file(&n, "f", pattern, LARGE);
	add_file(&n, "empty", NULL, 0);
	mount(&n, 0);
	struct file *f = mounted_open("/f", O_RDONLY);
	u64 pos = 0;
	assert_int_equal(read_at(f, buffer, sizeof(buffer), &pos), LARGE);
	assert_memory_equal(buffer, pattern, LARGE);
	assert_int_equal(pos, LARGE);
	assert_int_equal(read_at(f, buffer, sizeof(buffer), &pos), 0);
	pos = LARGE - 3;
	assert_int_equal(read_at(f, buffer, 2, &pos), 2);
	assert_int_equal(read_at(f, buffer, 2, &pos), 1);
	pos = 10;
	assert_int_equal(read_at(f, buffer, 0, &pos), 0);
	/* Far beyond the end. */
	pos = INT64_MAX;
	assert_int_equal(read_at(f, buffer, 1, &pos), 0);
	assert_int_equal(pos, INT64_MAX);
	file_put(f);

	f = mounted_open("/empty", O_RDONLY);
	pos = 0;
	assert_int_equal(read_at(f, buffer, 1, &pos), 0);
	file_put(f);
	unmount(&n);
}

static void test_read_fault(void **state)
{
	struct newc n = {.bytes = NULL};
	char buffer[100];
	u64 pos = 0;

	add_file(&n, "f", pattern, LARGE);
	mount(&n, 0);
	struct file *f = mounted_open("/f", O_RDONLY);
	fake_user_fault = (uaddr_t)buffer + 60;
	assert_int_equal(read_at(f, buffer, 100, &pos), 60);
	assert_int_equal(pos, 60);
	assert_memory_equal(buffer, pattern, 60);
	fake_user_fault = (uaddr_t)buffer;
	assert_int_equal(read_at(f, buffer, 100, &pos), -EFAULT);
	assert_int_equal(pos, 60);
	fake_user_fault = UINT64_MAX;
	file_put(f);
	unmount(&n);
}

static void test_seek(void **state)
{
	struct newc n = {.bytes = NULL};

	add_file(&n, "f", pattern, LARGE);
	mount(&n, 0);
	struct file *f = mounted_open("/f", O_RDONLY);
	assert_int_equal(seek(f, 100, SEEK_SET), 100);
	assert_int_equal(seek(f, -30, SEEK_CUR), 70);
	assert_int_equal(f->pos, 70);
	assert_int_equal(seek(f, -1, SEEK_END), LARGE - 1);
	assert_int_equal(seek(f, 1000, SEEK_END), LARGE + 1000);
	assert_int_equal(seek(f, 0, SEEK_CUR), LARGE + 1000);
	assert_int_equal(seek(f, -1, SEEK_SET), -EINVAL);
	assert_int_equal(seek(f, -LARGE - 1, SEEK_END), -EINVAL);
	assert_int_equal(seek(f, INT64_MAX, SEEK_CUR), -EINVAL);
	assert_int_equal(f->pos, LARGE + 1000);
	assert_int_equal(seek(f, INT64_MAX, SEEK_SET), INT64_MAX);
	assert_int_equal(seek(f, 0, SEEK_DATA), 0);
	assert_int_equal(seek(f, LARGE - 1, SEEK_DATA), LARGE - 1);
	assert_int_equal(seek(f, LARGE, SEEK_DATA), -ENXIO);
	assert_int_equal(seek(f, -1, SEEK_DATA), -ENXIO);
	assert_int_equal(seek(f, 5, SEEK_HOLE), LARGE);
	assert_int_equal(seek(f, LARGE, SEEK_HOLE), -ENXIO);
	assert_int_equal(seek(f, 0, 5), -EINVAL);
	file_put(f);
	unmount(&n);
}

static void test_ioctl(void **state)
{
	struct newc n = {.bytes = NULL};
	u32 left = 0;

	add_file(&n, "f", pattern, 1000);
	mount(&n, 0);
	struct file *f = mounted_open("/f", O_RDONLY);
	assert_int_equal(seek(f, 300, SEEK_SET), 300);
	assert_int_equal(f->ops->ioctl(f, FIONREAD, (u64)&left), 0);
	assert_int_equal(left, 700);
	assert_int_equal(f->ops->ioctl(f, TCGETS, (u64)&left), -ENOTTY);
	fake_user_fault = 0;
	assert_int_equal(f->ops->ioctl(f, FIONREAD, (u64)&left), -EFAULT);
	fake_user_fault = UINT64_MAX;
	file_put(f);
	unmount(&n);
}

/* -- directories -- */

struct host_dirent {
	u64 ino;
	s64 next;
	u16 length;
	u8 type;
	char name[];
};

static ssize_t list(struct file *f, void *to, size_t n)
{
	struct iobuf b;

	iobuf_init_user(&b, (uaddr_t)to, n);
	mutex_lock(&f->pos_lock);
	ssize_t result = f->ops->getdents(f, &b);
	mutex_unlock(&f->pos_lock);
	return result;
}

#define NAMES 40

/* Appends the names in the buffer to the text, each with its type. */
static void add_names(char *text, const char *buffer, ssize_t n)
{
	for (ssize_t at = 0; at < n;) {
		const struct host_dirent *d = (const void *)(buffer + at);
		assert_int_equal(d->length % 8, 0);
		assert_true(at + d->length <= n);
		/* Nothing but zeros fills it up. */
		for (size_t i = offsetof(struct host_dirent, name) + strlen(d->name); i < d->length;
			i++)
			assert_int_equal(((const char *)d)[i], 0);
		sprintf(text + strlen(text), "%s:%d ", d->name, d->type);
		at += d->length;
	}
}

static struct newc make_directory(char *expected)
{
	struct newc n = {.bytes = NULL};
	char name[300];

	strcpy(expected, ".:4 ..:4 ");
	for (u32 i = 0; i < NAMES; i++) {
		/* Lengths of all kinds, in order. */
		snprintf(name, sizeof(name), "d/%02u%.*s", i, (int)(i * 6), pattern);
		for (char *p = name + 4; *p; p++)
			*p = 'x';
		u32 mode = i % 3 == 0 ? 0100644 : i % 3 == 1 ? 040755 : 0120777;
		newc_add(&n,
			(struct newc_entry){
				.name = name, .mode = mode, .data = "t", .size = 1, .nlink = 1});
		sprintf(expected + strlen(expected), "%s:%d ", name + 2, mode >> 12);
	}
	return n;
}

static void test_list(void **state)
{
	static char expected[20000], text[20000], buffer[20000];
	struct newc n = make_directory(expected);

	mount(&n, 0);
	/* With every size of buffer at which something changes. */
	for (size_t size = 280; size < 1000; size += 8) {
		struct file *f = mounted_open("/d", O_RDONLY | O_DIRECTORY);
		ssize_t got;
		text[0] = '\0';
		while ((got = list(f, buffer, size)) > 0)
			add_names(text, buffer, got);
		assert_int_equal(got, 0);
		assert_string_equal(text, expected);
		assert_int_equal(list(f, buffer, size), 0);
		file_put(f);
	}
	unmount(&n);
}

static void test_list_edges(void **state)
{
	static char expected[20000], text[20000], buffer[20000];
	struct newc n = make_directory(expected);

	mount(&n, 0);
	struct file *f = mounted_open("/d", O_RDONLY);
	/* Not even "." fits. */
	assert_int_equal(list(f, buffer, 23), -EINVAL);
	assert_int_equal(list(f, buffer, 24), 24);
	assert_int_equal(((struct host_dirent *)buffer)->next, 1);
	/* In the middle, and back. */
	assert_true(list(f, buffer, 300) > 48);
	assert_int_equal(seek(f, 3, SEEK_SET), 3);
	text[0] = '\0';
	add_names(text, buffer, list(f, buffer, sizeof(buffer)));
	assert_string_equal(text, expected + strlen(".:4 ..:4 00:8 "));
	/* Each entry's own number leads to the next one. */
	assert_int_equal(seek(f, 0, SEEK_SET), 0);
	ssize_t whole = list(f, buffer, sizeof(buffer));
	for (ssize_t at = 0; at < whole;) {
		static char again[20000];
		const struct host_dirent *d = (const void *)(buffer + at);
		at += d->length;
		assert_int_equal(seek(f, d->next, SEEK_SET), d->next);
		assert_int_equal(list(f, again, sizeof(again)), whole - at);
		assert_memory_equal(again, buffer + at, (size_t)(whole - at));
	}
	/* The last page of the program's buffer is missing: what came before counts. */
	assert_int_equal(seek(f, 0, SEEK_SET), 0);
	fake_user_fault = (uaddr_t)buffer + 60;
	assert_int_equal(list(f, buffer, sizeof(buffer)), 48);
	text[0] = '\0';
	add_names(text, buffer, 48);
	assert_string_equal(text, ".:4 ..:4 ");
	fake_user_fault = (uaddr_t)buffer;
	assert_int_equal(list(f, buffer, sizeof(buffer)), -EFAULT);
	fake_user_fault = UINT64_MAX;
	text[0] = '\0';
	add_names(text, buffer, list(f, buffer, sizeof(buffer)));
	assert_string_equal(text, expected + strlen(".:4 ..:4 "));
	/* Positions. */
	assert_int_equal(seek(f, 1000, SEEK_SET), 1000);
	assert_int_equal(list(f, buffer, sizeof(buffer)), 0);
	assert_int_equal(seek(f, INT64_MAX, SEEK_SET), INT64_MAX);
	assert_int_equal(list(f, buffer, sizeof(buffer)), 0);
	assert_int_equal(seek(f, 0, SEEK_END), -EINVAL);
	assert_int_equal(seek(f, -1, SEEK_SET), -EINVAL);
	assert_int_equal(seek(f, 1, SEEK_CUR), -EINVAL);
	u64 pos = 0;
	assert_int_equal(read_at(f, buffer, 10, &pos), -EISDIR);
	file_put(f);
	unmount(&n);
}

/* ".." of the root is the root; of others the parent. */
static void test_list_numbers(void **state)
{
	static char expected[20000], buffer[20000];
	struct newc n = make_directory(expected);
	struct stat root, d;

	mount(&n, 0);
	assert_int_equal(fs_stat("/", "/", true, &root), 0);
	assert_int_equal(fs_stat("/", "/d", true, &d), 0);
	struct file *f = mounted_open("/", O_RDONLY);
	assert_true(list(f, buffer, sizeof(buffer)) > 0);
	assert_int_equal(((struct host_dirent *)buffer)->ino, root.st_ino);
	assert_int_equal(((struct host_dirent *)(buffer + 24))->ino, root.st_ino);
	file_put(f);
	f = mounted_open("/d", O_RDONLY);
	assert_true(list(f, buffer, sizeof(buffer)) > 0);
	assert_int_equal(((struct host_dirent *)buffer)->ino, d.st_ino);
	assert_int_equal(((struct host_dirent *)(buffer + 24))->ino, root.st_ino);
	file_put(f);
	unmount(&n);
}

/* -- pages -- */

static struct page *get_page(struct page_source *s, u64 index)
{
	struct page *page;

	assert_int_equal(s->ops->get_page(s, index, &page), 0);
	return page;
}

static void check_page(struct page_source *s, u64 index, bool copied)
{
	struct page *page = get_page(s, index);
	const char *bytes = page_address(page);
	size_t valid = MIN(LARGE - index * PAGE_SIZE, PAGE_SIZE);

	assert_memory_equal(bytes, pattern + index * PAGE_SIZE, valid);
	for (size_t i = valid; i < PAGE_SIZE; i++)
		assert_int_equal(bytes[i], 0);
	assert_int_equal(page->state == PAGE_USED, copied);
	/* Everybody gets the same frame. */
	struct page *again = get_page(s, index);
	assert_ptr_equal(again, page);
	assert_int_equal(atomic32_load(&page->refs.count), 3);
	frame_put(again);
	frame_put(page);
}

static void check_pages(size_t archive_offset, bool pad, bool copied)
{
	struct newc n = {.bytes = NULL};
	struct page_source *s;
	struct page *page;
	u64 frames = frame_live();

	if (pad)
		newc_pad(&n, "f");
	add_file(&n, "f", pattern, LARGE);
	mount(&n, archive_offset);
	struct file *f = mounted_open("/f", O_RDONLY);
	assert_int_equal(f->ops->page_source(f, &s), 0);
	assert_string_equal(s->ops->name(s), "/f");
	s->ops->get(s);
	file_put(f);
	for (u64 i = 0; i < 3; i++)
		check_page(s, i, copied);
	check_page(s, 3, true);
	assert_int_equal(frame_live() - frames, copied ? 4 : 1);
	assert_int_equal(s->ops->get_page(s, 4, &page), -ENXIO);
	assert_int_equal(s->ops->get_page(s, UINT64_MAX, &page), -ENXIO);
	assert_int_equal(s->ops->get_page(s, 1UL << 52, &page), -ENXIO);
	assert_int_equal(s->ops->get_page(s, UINT64_MAX >> PAGE_SHIFT, &page), -ENXIO);
	s->ops->put(s);
	s->ops->put(s);
	unmount(&n);
	assert_int_equal(frame_live(), frames);
}

static void test_pages(void **state)
{
	check_pages(0, true, false);
	/* Not aligned in the archive; the archive not aligned in memory; both, so that it is. */
	check_pages(0, false, true);
	check_pages(512, true, true);
	struct newc n = {.bytes = NULL};
	newc_add(&n, (struct newc_entry){.name = "f", .mode = REG});
	check_pages(PAGE_SIZE - n.size, false, false);
	newc_free(&n);
}

static void test_empty_pages(void **state)
{
	struct newc n = {.bytes = NULL};
	struct page_source *s;
	struct page *page;

	add_file(&n, "empty", NULL, 0);
	mount(&n, 0);
	struct file *f = mounted_open("/empty", O_RDONLY);
	assert_int_equal(f->ops->page_source(f, &s), 0);
	assert_int_equal(s->ops->get_page(s, 0, &page), -ENXIO);
	file_put(f);
	unmount(&n);
}

static void pages_or_fail(void *arg)
{
	struct newc n = {.bytes = NULL};
	struct page_source *s;
	struct page *page;
	struct file *f;

	add_file(&n, "f", pattern, LARGE);
	newc_end(&n);
	int err = mounted_begin(&n, 0);
	if (err)
		goto out;
	err = fs_open("/", "/f", O_RDONLY, 0, &f);
	if (err)
		goto out_unmount;
	err = f->ops->page_source(f, &s);
	if (!err)
		err = s->ops->get_page(s, 1, &page);
	if (!err)
		frame_put(page);
	file_put(f);
out_unmount:
	mounted_end();
out:
	assert_int_equal(err, fail_alloc_happened() ? -ENOMEM : 0);
	newc_free(&n);
}

static void test_out_of_memory(void **state)
{
	fail_alloc_each(pages_or_fail, NULL);
}

/* -- devices -- */

static ssize_t device_read(struct file *f, struct iobuf *to, u64 *pos)
{
	return iobuf_put(to, "device", 6);
}

static const struct file_ops device_ops = {.read = device_read, .stat = fs_file_stat};

static void test_devices(void **state)
{
	struct newc n = {.bytes = NULL};
	char buffer[10], path[20];
	struct stat st;
	struct file *f;
	u64 pos = 0;

	newc_add(&n, (struct newc_entry){
			     .name = "sda", .mode = 060666, .rdev_major = 1, .rdev_minor = 3});
	newc_add(&n, (struct newc_entry){.name = "mynull",
			     .mode = 020644,
			     .rdev_major = 1,
			     .rdev_minor = 3,
			     .nlink = 1});
	newc_add(&n, (struct newc_entry){
			     .name = "other", .mode = 020666, .rdev_major = 2, .rdev_minor = 3});
	mount(&n, 0);
	assert_int_equal(fs_open("/", "/dev/null", O_RDONLY, 0, &f), -ENXIO);
	assert_int_equal(fs_register_device(1, 3, &device_ops), 0);
	assert_int_equal(fs_register_device(1, 3, &device_ops), -EEXIST);
	/* Nothing can be written to this tree, but to a device it can. */
	f = mounted_open("/dev/null", O_RDWR | O_TRUNC | O_APPEND);
	assert_int_equal(atomic32_load(&f->flags), O_RDWR | O_APPEND | O_LARGEFILE);
	assert_int_equal(read_at(f, buffer, 6, &pos), 6);
	assert_memory_equal(buffer, "device", 6);
	assert_int_equal(f->ops->stat(f, &st), 0);
	assert_int_equal(st.st_mode, 020666);
	assert_int_equal(fs_file_path(f, path, sizeof(path)), 0);
	assert_string_equal(path, "/dev/null");
	file_put(f);
	/* The number makes the device, not the name. */
	f = mounted_open("/mynull", O_RDONLY);
	assert_ptr_equal(f->ops, &device_ops);
	file_put(f);
	/* Another device of the same number. */
	assert_int_equal(fs_open("/", "/sda", O_RDONLY, 0, &f), -ENXIO);
	assert_int_equal(fs_open("/", "/other", O_RDONLY, 0, &f), -ENXIO);
	mounted_process.cred.fsuid = 1000;
	assert_int_equal(fs_open("/", "/mynull", O_RDWR, 0, &f), -EACCES);
	unmount(&n);
	u32 minor = 100;
	while (fs_register_device(1, minor, &device_ops) == 0)
		minor++;
	assert_int_equal(minor, 100 + FS_DEVICES_MAX - 1);
	assert_int_equal(fs_register_device(1, minor, &device_ops), -ENOSPC);
}

/* -- links to descriptors -- */

static int console_stat(struct file *f, struct stat *out)
{
	*out = (struct stat){.st_mode = 020620, .st_ino = 4711};
	return 0;
}

static const struct file_ops console_ops = {.stat = console_stat};
static const struct file_ops mute_ops = {.read = NULL};

static void put_descriptor(int fd, struct file *f)
{
	assert_int_equal(files_install_at(mounted_process.files, f, fd, false), fd);
}

static ssize_t link_text(const char *path, char *out, size_t size)
{
	memset(out, 0, size);
	return fs_readlink("/", path, out, size - 1);
}

static void test_descriptors(void **state)
{
	struct newc n = {.bytes = NULL};
	struct file *f, *console;
	char text[64];
	struct stat st;

	add_file(&n, "d/f", "text", 4);
	mount(&n, 0);
	mounted_process.files = files_create();
	console = file_create(&console_ops, O_RDONLY, NULL);
	put_descriptor(0, console);
	put_descriptor(1, mounted_open("/d/f", O_RDONLY));

	/* Not a file of the tree: shared. */
	f = mounted_open("/dev/stdin", O_RDONLY);
	assert_ptr_equal(f, console);
	assert_int_equal(atomic32_load(&console->refs.count), 2);
	file_put(f);
	assert_int_equal(fs_open("/", "/dev/stdin", O_WRONLY, 0, &f), -EACCES);
	assert_int_equal(fs_open("/", "/dev/stdin", O_RDWR, 0, &f), -EACCES);
	assert_int_equal(fs_open("/", "/dev/fd/0", O_RDONLY | O_DIRECTORY, 0, &f), -ENOTDIR);
	assert_int_equal(fs_open("/", "/dev/fd/0/x", O_RDONLY, 0, &f), -ENOTDIR);
	assert_int_equal(fs_open("/", "/dev/fd/0/", O_RDONLY, 0, &f), -ENOTDIR);
	assert_int_equal(fs_open("/", "/dev/fd/0", O_CREAT | O_EXCL, 0, &f), -EEXIST);
	assert_int_equal(fs_open("/", "/dev/stdin", O_TMPFILE | O_RDWR, 0, &f), -ENOTDIR);
	assert_int_equal(fs_stat("/", "/dev/stdin", true, &st), 0);
	assert_int_equal(st.st_ino, 4711);
	assert_int_equal(fs_stat("/", "/dev/fd/0", false, &st), 0);
	assert_int_equal(st.st_mode, 0120700);
	assert_int_equal(fs_access("/", "/dev/stdin", 4, 0, 0), 0);
	assert_int_equal(fs_access("/", "/dev/stdin", 1, 0, 0), -EACCES);
	assert_int_equal(fs_resolve("/", "/dev/stdin", text, sizeof(text)), -ENOTDIR);
	assert_int_equal(link_text("/dev/stdin", text, sizeof(text)), 4);
	assert_string_equal(text, "fd/0");
	assert_int_equal(link_text("/dev/fd/0", text, sizeof(text)), 8);
	assert_string_equal(text, "/dev/tty");
	assert_int_equal(atomic32_load(&console->refs.count), 1);

	/* One of the tree: opened again, with a position of its own. */
	f = mounted_open("/dev/stdout", O_RDONLY);
	assert_ptr_not_equal(f, *mounted_process.files->slot);
	assert_int_equal(fs_file_path(f, text, sizeof(text)), 0);
	assert_string_equal(text, "/d/f");
	file_put(f);
	assert_int_equal(link_text("/dev/fd/1", text, sizeof(text)), 4);
	assert_string_equal(text, "/d/f");
	assert_int_equal(fs_open("/", "/dev/stdout", O_WRONLY, 0, &f), -EROFS);

	/* A directory is walked into. */
	put_descriptor(2, mounted_open("/d", O_RDONLY));
	assert_int_equal(fs_resolve("/", "/dev/fd/2/f", text, sizeof(text)), 0);
	assert_string_equal(text, "/d/f");

	/* None, and nobody who could have one. */
	assert_int_equal(files_close(mounted_process.files, 2), 0);
	assert_int_equal(fs_open("/", "/dev/stderr", O_RDONLY, 0, &f), -ENOENT);
	assert_int_equal(link_text("/dev/fd/2", text, sizeof(text)), -ENOENT);
	mounted_be_kernel();
	assert_int_equal(fs_open("/", "/dev/stdin", O_RDONLY, 0, &f), -ENOENT);
	mounted_be_process();

	put_descriptor(2, file_create(&mute_ops, O_RDWR, NULL));
	assert_int_equal(link_text("/dev/fd/2", text, sizeof(text)), 17);
	assert_string_equal(text, "anon_inode:[file]");
	assert_int_equal(fs_stat("/", "/dev/stderr", true, &st), -EBADF);
	assert_int_equal(fs_open("/", "/dev/stderr", O_WRONLY, 0, &f), 0);
	file_put(f);
	files_put(mounted_process.files);
	mounted_process.files = NULL;
	unmount(&n);
}

/* -- O_PATH, and what is asked about open files -- */

static void test_path_only(void **state)
{
	struct newc n = {.bytes = NULL};
	struct page_source *s;
	char buffer[10];
	struct stat st;
	u64 pos = 0;

	newc_add(&n, (struct newc_entry){
			     .name = "f", .mode = 0100000, .nlink = 1, .size = 1, .data = "x"});
	newc_add(&n, (struct newc_entry){
			     .name = "l", .mode = 0120777, .nlink = 1, .size = 1, .data = "f"});
	mount(&n, 0);
	mounted_process.cred.fsuid = 1000;
	struct file *f = mounted_open("/f", O_PATH | O_RDWR | O_TRUNC);
	assert_int_equal(read_at(f, buffer, 1, &pos), -EBADF);
	assert_int_equal(f->ops->write(f, NULL, &pos), -EBADF);
	assert_int_equal(f->ops->getdents(f, NULL), -EBADF);
	assert_int_equal(f->ops->ioctl(f, FIONREAD, 0), -EBADF);
	assert_int_equal(f->ops->page_source(f, &s), -EBADF);
	assert_int_equal(seek(f, 0, SEEK_SET), -EBADF);
	assert_int_equal(f->ops->stat(f, &st), 0);
	assert_int_equal(st.st_mode, 0100000);
	file_put(f);
	f = mounted_open("/l", O_PATH | O_NOFOLLOW);
	assert_int_equal(f->ops->stat(f, &st), 0);
	assert_int_equal(st.st_mode, 0120777);
	file_put(f);
	unmount(&n);
}

static void test_may_exec(void **state)
{
	struct newc n = {.bytes = NULL};
	struct file *foreign = file_create(&console_ops, O_RDONLY, NULL);
	char path[10];

	newc_add(&n, (struct newc_entry){.name = "yes", .mode = 0100001, .nlink = 1});
	newc_add(&n, (struct newc_entry){.name = "owner", .mode = 0100744, .nlink = 1});
	newc_add(&n, (struct newc_entry){.name = "no", .mode = 0100644, .nlink = 1});
	mount(&n, 0);
	static const struct {
		const char *path;
		int root, user;
	} cases[] = {{"/yes", 0, 0}, {"/owner", 0, -EACCES}, {"/no", -EACCES, -EACCES},
		{"/dev", -EACCES, -EACCES}};
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		struct file *f = mounted_open(cases[i].path, O_PATH);
		assert_int_equal(fs_file_may_exec(f), cases[i].root);
		mounted_process.cred.fsuid = 1000;
		mounted_process.cred.fsgid = 1000;
		assert_int_equal(fs_file_may_exec(f), cases[i].user);
		mounted_process.cred.fsuid = 0;
		file_put(f);
	}
	assert_int_equal(fs_file_may_exec(foreign), -EBADF);
	assert_int_equal(fs_file_path(foreign, path, sizeof(path)), -EBADF);
	file_put(foreign);
	unmount(&n);
}

static void test_groups(void **state)
{
	struct newc n = {.bytes = NULL};
	struct file *f;

	newc_add(&n, (struct newc_entry){.name = "f", .mode = 0100040, .gid = 50, .nlink = 1});
	mount(&n, 0);
	mounted_process.cred = (struct credentials){.fsuid = 1000, .fsgid = 1000};
	assert_int_equal(fs_open("/", "f", O_RDONLY, 0, &f), -EACCES);
	mounted_process.cred.group_count = 2;
	mounted_process.cred.groups[1] = 50;
	f = mounted_open("/f", O_RDONLY);
	file_put(f);
	/* The class that one is in decides, even if another would allow more. */
	mounted_process.cred.fsuid = 0;
	assert_int_equal(fs_access("/", "f", 4, 1000, 1000), 0);
	mounted_process.cred.group_count = 1;
	assert_int_equal(fs_access("/", "f", 4, 1000, 1000), -EACCES);
	assert_int_equal(fs_access("/", "f", 2, 0, 0), -EROFS);
	assert_int_equal(fs_access("/", "f", 8, 0, 0), -EINVAL);
	assert_int_equal(fs_open("/", "f", O_RDONLY | O_NOATIME, 0, &f), 0);
	file_put(f);
	mounted_process.cred.fsuid = 1000;
	mounted_process.cred.fsgid = 50;
	assert_int_equal(fs_open("/", "f", O_RDONLY | O_NOATIME, 0, &f), -EPERM);
	unmount(&n);
}

static void test_long_paths(void **state)
{
	struct newc n = {.bytes = NULL};
	static char path[5000];
	struct stat st;

	add_file(&n, "f", "", 0);
	mount(&n, 0);
	for (size_t length = 4090; length < 4100; length++) {
		memset(path, '/', sizeof(path));
		path[length - 1] = 'f';
		path[length] = '\0';
		assert_int_equal(fs_stat("/", path, true, &st), length < 4096 ? 0 : -ENAMETOOLONG);
	}
	assert_int_equal(fs_stat(path, "f", true, &st), -ENAMETOOLONG);
	assert_int_equal(fs_stat("/f", "f", true, &st), -ENOTDIR);
	assert_int_equal(fs_stat("/nothing", "f", true, &st), -ENOENT);
	unmount(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_fault),
		cmocka_unit_test(test_seek),
		cmocka_unit_test(test_ioctl),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_list_edges),
		cmocka_unit_test(test_list_numbers),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_empty_pages),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_path_only),
		cmocka_unit_test(test_may_exec),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_long_paths),
	};
	return cmocka_run_group_tests(tests, make_pattern, NULL);
}
