#include "unit.h"

#include "fs/mounted.h"

#include "arch/cpu.h"
#include "fake_ram.h"

/* For its tree, which nothing else can take down again. */
#include "fs/mount.c"

struct boot_info boot_info;
struct process mounted_process;
static struct thread thread = {.process = &mounted_process};

int mounted_begin(const struct newc *n, size_t offset)
{
	boot_info.archive_size = n->size;
	boot_info.archive = fake_ram_place(n->bytes, n->size, offset);
	mounted_process = (struct process){.lock = SPINLOCK_INIT("process", RANK_PROCESS)};
	mounted_be_process();
	int err = fs_mount_archive();
	if (err)
		fake_ram_remove(boot_info.archive, boot_info.archive_size);
	return err;
}

void mounted_end(void)
{
	tree_destroy(&tree);
	fake_ram_remove(boot_info.archive, boot_info.archive_size);
}

struct tree *mounted_tree(void)
{
	return &tree;
}

void mounted_be_kernel(void)
{
	fake_cpu[0].current = NULL;
}

void mounted_be_process(void)
{
	fake_cpu[0].current = &thread;
}

struct file *mounted_open(const char *path, u32 flags)
{
	struct file *f;
	int err = fs_open("/", path, flags, 0, &f);

	if (err)
		fail_msg("open %s: %d", path, err);
	return f;
}

char *mounted_read(const char *path)
{
	struct file *f = mounted_open(path, 0);
	char *text = calloc(1, 1 << 20);
	ssize_t n = file_read_kernel(f, text, (1 << 20) - 1, 0);

	assert_true(n >= 0);
	file_put(f);
	return text;
}
