/*
 * The tree on all CPUs at once. What one thread can see is compared with Linux (tests/abi/fs_*.c);
 * here is what needs several: names made, moved and taken away by all at the same time, and every
 * inode, name and page given back in the end.
 *
 * Seen to fail: dentry_put() left out of tree_unlink() (frames missing at the end).
 */
#include <asm/stat.h>
#include <linux/fcntl.h>

#include "fs/fs.h"
#include "init/guest_test.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "sched/sched.h"
#include "sched/tests/crew.h"

#define THREADS 8U
#define ROUNDS 300U
#define NAMES 5U

static struct crew crew;
static struct dentry *place;
static atomic64_t written, read_back;

static void name_of(char *out, size_t size, u32 n)
{
	format(out, size, "f%u", n % NAMES);
}

static void write_one(struct file *f, u32 value)
{
	struct iobuf b;
	u64 pos = 0;

	iobuf_init_kernel(&b, &value, sizeof(value));
	if (f->ops->write(f, &b, &pos) == sizeof(value))
		atomic64_fetch_add(&written, 1);
}

static void read_one(struct file *f)
{
	u32 value;

	if (file_read_kernel(f, &value, sizeof(value), 0) == sizeof(value))
		atomic64_fetch_add(&read_back, 1);
}

/* One of the things that can be done to a few names, whatever the others do to them. */
static int disturb(u32 thread, u32 round)
{
	char a[16], b[16];
	struct file *f;

	name_of(a, sizeof(a), thread + round);
	name_of(b, sizeof(b), thread * 3 + round * 7);
	switch ((thread * 5 + round) % 6) {
	case 0:
	case 1: {
		int err = fs_open_at(place, a, O_RDWR | O_CREAT, 0600, &f);
		if (err)
			return err;
		write_one(f, round);
		read_one(f);
		file_put(f);
		return 0;
	}
	case 2:
		return fs_remove(place, a, false);
	case 3:
		return fs_rename(place, a, place, b, 0);
	case 4:
		return fs_rename(place, a, place, b, 2);
	default:
		return fs_make_link(place, a, b);
	}
}

static void work(struct crew_member *m)
{
	for (u32 i = 0; i < ROUNDS; i++) {
		int err = disturb(m->index, i);
		EXPECT(err == 0 || err == -ENOENT || err == -EEXIST || err == -ELOOP);
		crew_make_way();
	}
}

static void clean_up(void)
{
	char name[16];

	for (u32 i = 0; i < NAMES; i++) {
		name_of(name, sizeof(name), i);
		int err = fs_remove(place, name, false);
		EXPECT(err == 0 || err == -ENOENT);
	}
}

/* Whether the names are all there is left of it: caches of objects grow once. */
static void storm(void)
{
	struct dentry *root = fs_root();
	int err = fs_make_directory(root, "/tmp-storm", 0755);

	EXPECT(err == 0);
	err = fs_lookup(root, "/tmp-storm", true, &place);
	EXPECT(err == 0);
	if (!err) {
		EXPECT(crew_run(&crew, THREADS, work));
		clean_up();
		fs_place_put(place);
	}
	EXPECT(fs_remove(root, "/tmp-storm", true) == 0);
	fs_place_put(root);
}

GUEST_TEST(fs_names_are_changed_by_all_cpus)
{
	atomic64_store(&written, 0);
	atomic64_store(&read_back, 0);
	storm();
	u64 free = frame_free_count();
	storm();
	EXPECT(atomic64_load(&written) > 0 && atomic64_load(&read_back) > 0);
	/* Nothing but what the object caches keep for the next time. */
	EXPECT(free - frame_free_count() < 20 || frame_free_count() >= free);
}
