#include "unit.h"

#include "fs/mounted.h"

#include "arch/boot_info.h"
#include "arch/cpu.h"
#include "fake_ram.h"
#include "fs/mounts.h"
#include "fs/names.h"
#include "fs/proc.h"
#include "lib/assert.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "proc/signal.h"

struct boot_info boot_info;
struct process mounted_process;
static struct thread thread = {.process = &mounted_process};

int mounted_begin(const struct newc *n, size_t offset)
{
	boot_info.archive_size = n->size;
	boot_info.archive = fake_ram_place(n->bytes, n->size, offset);
	mounted_process = (struct process){.lock = SPINLOCK_INIT("process", RANK_PROCESS)};
	cred_init(&mounted_process.cred, 0, 0);
	groups_init(&mounted_process.groups);
	mounted_be_process();
	int err = fs_mount_archive();
	if (err)
		fake_ram_remove(boot_info.archive, boot_info.archive_size);
	return err;
}

void mounted_end(void)
{
	mutex_lock(&tree_lock);
	mounts_forget();
	tree_destroy(&fs_tree);
	mutex_unlock(&tree_lock);
	fake_ram_remove(boot_info.archive, boot_info.archive_size);
}

struct tree *mounted_tree(void)
{
	return &fs_tree;
}

static void make_readonly(struct inode *i)
{
	i->readonly = true;
	for (struct rb_node *n = rb_first(&i->entries); n; n = rb_next(n))
		make_readonly(rb_entry(n, struct dentry, node)->inode);
}

void mounted_make_readonly(void)
{
	make_readonly(fs_tree.root->inode);
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

/* -- what the file layer calls below itself -- */

/* In the place of /proc is an empty directory. */
const struct proc_entry proc_root_entry;
const struct proc_entry sys_root_entry;

struct inode *proc_create_inode(const struct proc_entry *e, struct process *p, s32 fd, u32 dev)
{
	return inode_create(NULL, dev, 1, S_IFDIR | 0555);
}

/* A FIFO that nobody else has open: never waited for, because all open it with O_NONBLOCK. */
static const struct file_ops fifo_ops;

struct pipe *pipe_create(void)
{
	return kzalloc(1);
}

void pipe_put(struct pipe *p)
{
	kfree(p);
}

int pipe_open_fifo(struct pipe *p, u32 flags, struct file **out)
{
	if ((flags & 3) == 3)
		return -EINVAL;
	if ((flags & 3) == 1)
		return -ENXIO;
	*out = file_create(&fifo_ops, flags, p);
	return *out ? 0 : -ENOMEM;
}

int signal_send(struct process *p, u32 tid, u32 signal)
{
	return 0;
}

/* A page store of a few pages: reading through fill() is all that is asked of it. */
void page_store_init(struct page_store *s, const struct page_store_ops *ops, u64 size)
{
	*s = (struct page_store){.ops = ops, .size = size};
}

void page_store_destroy(struct page_store *s)
{
}

int page_store_get(struct page_store *s, u64 index, u32 flags, struct page **out)
{
	*out = NULL;
	return flags & STORE_CREATE ? s->ops->fill(s, index, out) : 0;
}

u64 page_store_size(const struct page_store *s)
{
	return s->size;
}

void page_store_set_size(struct page_store *s, u64 size)
{
	s->size = size;
}

void page_store_punch(struct page_store *s, u64 start, u64 end)
{
}

void page_store_give_back(struct page_store *s, u64 first, u64 end)
{
}
