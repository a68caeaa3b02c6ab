/*
 * The file layer on all CPUs at once. What one thread can see is tested on the host (tests/unit/fs); here are the promises
 * that need several: pages copied once however many fault on them, and a tree that is read without a lock.
 *
 * Seen to fail: copies_lock given up before the copy is in the tree (two frames for one page, and a frame lost).
 */
#include <asm/stat.h>
#include <linux/fcntl.h>

#include "arch/irqflags.h"
#include "fs/archive.h"
#include "fs/fs.h"
#include "fs/opened.h"
#include "fs/pages.h"
#include "fs/tree.h"
#include "init/guest_test.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "sched/sched.h"
#include "sched/tests/crew.h"

#define FILE_PAGES 100
#define FILE_SIZE (FILE_PAGES * PAGE_SIZE - 1000)
#define ARCHIVE_SIZE (FILE_SIZE + 1000)
#define HEADER 110
#define ROUNDS 400
#define THREADS 8U

/* What the threads found: the frame of each page. */
static atomic64_t seen[FILE_PAGES];
static struct page_source *source;
static atomic32_t arrived;
static struct crew crew;

static char content(u64 at)
{
	return (char)(at * 31 + (at >> 12));
}

static size_t put_entry(char *to, const char *name, u32 mode, size_t size)
{
	int n = format(to, ARCHIVE_SIZE,
		"070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s", 1U, mode, 0U, 0U,
		1U, 0U, (u32)size, 0U, 0U, 0U, 0U, (u32)strlen(name) + 1, 0U, name);

	return ALIGN_UP((size_t)n + 1, 4UL);
}

/* An archive with one file whose contents are not aligned, so that every page must be copied. */
static size_t make_archive(char *archive)
{
	memset(archive, 0, ARCHIVE_SIZE);
	size_t n = put_entry(archive, "f", 0100644, FILE_SIZE);
	for (u64 i = 0; i < FILE_SIZE; i++)
		archive[n + i] = content(i);
	n = ALIGN_UP(n + FILE_SIZE, 4UL);
	return n + put_entry(archive + n, "TRAILER!!!", 0, 0);
}

static bool page_is_right(const struct page *page, u64 index)
{
	const char *bytes = page_address(page);

	/* Every byte would take long; this stride meets each place of a cache line. */
	for (u64 i = 0; i < PAGE_SIZE; i += 63) {
		u64 at = index * PAGE_SIZE + i;
		if (bytes[i] != (at < FILE_SIZE ? content(at) : 0))
			return false;
	}
	return true;
}

static void get_page(u64 index)
{
	struct page *page;
	u64 before = 0;

	int err = source->ops->get_page(source, index, &page);
	EXPECT(err == 0);
	if (err)
		return;
	if (!atomic64_compare_exchange(&seen[index], &before, (u64)page))
		EXPECT(before == (u64)page);
	EXPECT(page_is_right(page, index));
	frame_put(page);
}

/* The threads, one on each CPU, meet before each page, so that they ask for it together. */
static void get_pages(struct crew_member *m)
{
	EXPECT(sched_set_affinity(m->thread, crew_cpu(m->index)) == 0);
	for (u32 i = 0; i < FILE_PAGES; i++) {
		atomic32_fetch_add(&arrived, 1);
		while (atomic32_load(&arrived) < (i + 1) * m->crew->size) {
			cpu_relax();
			crew_make_way();
		}
		get_page(i);
	}
}

GUEST_TEST(fs_pages_are_copied_once)
{
	char *archive = kmalloc(ARCHIVE_SIZE);
	struct tree t;
	size_t offset;
	const char *why;

	EXPECT(archive != NULL);
	if (!archive)
		return;
	size_t size = make_archive(archive);
	EXPECT(tree_init(&t, 0) == 0);
	EXPECT(archive_unpack(&t, archive, size, &offset, &why) == 0);
	memset(seen, 0, sizeof(seen));
	atomic32_store(&arrived, 0);
	struct dentry *d = tree_lookup(t.root, "f", 1);
	EXPECT(d != NULL);
	if (d && pages_source(d, &source) == 0)
		EXPECT(crew_run(&crew, MIN(crew_cpu_count(), THREADS), get_pages));
	/* One reference each: the tree's. */
	for (u32 i = 0; i < FILE_PAGES; i++) {
		struct page *page = (struct page *)atomic64_load(&seen[i]);
		EXPECT(page && atomic32_load(&page->refs.count) == 1);
	}
	tree_destroy(&t);
	kfree(archive);
}

static void walk_and_open(struct crew_member *m)
{
	for (u32 i = 0; i < ROUNDS; i++) {
		struct stat st;
		struct file *f;
		char path[32];

		EXPECT(fs_stat("/dev", "../dev/./fd/..//null", true, &st) == 0);
		EXPECT(st.st_rdev == 0x103);
		EXPECT(fs_stat("/", "/dev/nothing", true, &st) == -ENOENT);
		EXPECT(fs_open("/", "dev/zero", O_RDWR, 0, &f) == 0);
		EXPECT(fs_file_path(f, path, sizeof(path)) == 0);
		EXPECT(strcmp(path, "/dev/zero") == 0);
		file_put(f);
		EXPECT(fs_readlink("/", "/dev/stdin", path, sizeof(path)) == 4);
		EXPECT(fs_open("/", "/dev", O_RDONLY | O_DIRECTORY, 0, &f) == 0);
		EXPECT(f->ops == &directory_ops);
		file_put(f);
		crew_make_way();
	}
}

GUEST_TEST(fs_is_read_by_all_cpus)
{
	EXPECT(crew_run(&crew, THREADS, walk_and_open));
}
