/*
 * Files of /proc: their text is made by the first read and by every read at position 0, and kept in
 * between, so that reading in pieces gives one consistent text. What may be long (the areas of a process: TEXT_PIECE) is made piece
 * by piece as reads come to it, each of one moment, as on Linux: so a read of the first lines costs no more than these, and nobody
 * holds a lock for all of it. One piece is kept; who goes back begins anew.
 *
 * The text is guarded by a lock of its own (RANK_PROC_TEXT), because pread(2) does not take the
 * position's.
 */
#include <asm/ioctls.h>
#include <linux/fs.h>

#include "arch/ucopy.h"
#include "fs/opened.h"
#include "fs/proc.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/process.h"

struct proc_file {
	struct mutex lock;
	struct proc_text text; /* lock */
	u64 start;	       /* lock: the position of the text's first byte; 0 without a text */
	struct inode *inode;   /* with a reference */
};

/* Nobody can find the process any more. A single word: it may go the next moment. */
static bool is_gone(const struct proc_ref *r)
{
	return r->process && READ_ONCE(r->process->reaped);
}

static void make_piece(struct proc_file *f)
{
	const struct proc_ref *r = f->inode->private;

	f->text.used = 0;
	f->text.failed = f->text.more = false;
	f->text.one_thread = r->tid != 0;
	f->text.tid = r->tid ? r->tid : r->process ? r->process->pid : 0;
	if (r->entry->kind == PROC_DESCRIPTOR_INFO)
		proc_fd_show_info(&f->text, r);
	else
		r->entry->show(&f->text, r->process);
	if (!f->text.failed)
		return;
	/* Half a text is of no use; the next read begins anew. */
	kfree(f->text.data);
	f->text = (struct proc_text){.failed = true};
	f->start = 0;
}

/* The piece that has the byte at pos, or the last. */
static void make_text(struct proc_file *f, u64 pos)
{
	if (pos == 0 || pos < f->start || !f->text.data) {
		f->start = f->text.from = 0;
		make_piece(f);
	}
	while (f->text.more && pos - f->start >= f->text.used) {
		f->start += f->text.used;
		make_piece(f);
	}
}

static ssize_t proc_read(struct file *file, struct iobuf *to, u64 *pos)
{
	struct proc_file *f = file->private;
	ssize_t moved = 0;

	mutex_lock(&f->lock);
	bool gone = is_gone(f->inode->private);
	if (!gone)
		make_text(f, *pos);
	if (gone)
		moved = -ESRCH;
	else if (f->text.failed)
		moved = -ENOMEM;
	else if (*pos - f->start < f->text.used)
		moved = iobuf_put(to, f->text.data + (*pos - f->start),
			MIN(to->left, f->text.used - (*pos - f->start)));
	mutex_unlock(&f->lock);
	if (moved > 0)
		*pos += (u64)moved;
	return moved;
}

static ssize_t proc_write(struct file *file, struct iobuf *from, u64 *pos)
{
	struct proc_file *f = file->private;
	const struct proc_ref *r = f->inode->private;
	char text[PROC_STORE_MAX + 1];

	if (is_gone(r))
		return -ESRCH;
	/* pwrite(2), which Linux has for the others only. */
	if (r->entry->write && pos != &file->pos)
		return -ESPIPE;
	if (r->entry->write)
		return r->entry->write(r, from);
	if (!r->entry->store)
		return r->process ? -EINVAL : -EIO;
	if (from->left > PROC_STORE_MAX)
		return -EINVAL;
	ssize_t n = iobuf_take(from, text, from->left);
	if (n < 0)
		return n;
	text[n] = '\0';
	/* As written by echo. */
	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	int err = r->entry->store(r->process, text);
	return err ? err : n;
}

static s64 proc_seek(struct file *f, s64 offset, int whence)
{
	/* To Linux, what can be written is an empty file, and the others have no size at all. */
	bool has_size = !f->ops->no_pwrite;

	if (has_size && (whence == SEEK_DATA || whence == SEEK_HOLE))
		return -ENXIO;
	if (whence == SEEK_CUR)
		offset += (s64)f->pos;
	else if (whence != SEEK_SET && (whence != SEEK_END || !has_size))
		return -EINVAL;
	return opened_set_pos(f, offset);
}

static void proc_release(struct file *file)
{
	struct proc_file *f = file->private;

	inode_put(f->inode);
	kfree(f->text.data);
	kfree(f);
}

/* As fs_place_truncate() has it. */
static int proc_truncate(struct file *f, u64 size)
{
	return size > INT32_MAX ? -EFBIG : 0;
}

/* As of a regular file, whose size is said to be 0. */
static int proc_ioctl(struct file *f, u32 command, u64 argument)
{
	if (command != FIONREAD)
		return -ENOTTY;
	return put_user_u32(argument, -(u32)READ_ONCE(f->pos));
}

#define PROC_FILE_OPS(...)                                                                       \
	{                                                                                        \
		.read = proc_read, .write = proc_write, .seek = proc_seek, .stat = fs_file_stat, \
		.ioctl = proc_ioctl, .truncate = proc_truncate, .release = proc_release,         \
		##__VA_ARGS__                                                                    \
	}

static const struct file_ops system_ops = PROC_FILE_OPS();
/* Linux's files about a process are of an older kind. */
static const struct file_ops process_ops = PROC_FILE_OPS(.no_send = true, .plain_write = true);
static const struct file_ops process_constant_ops =
	PROC_FILE_OPS(.no_send = true, .no_pwrite = true);

static const struct file_ops *ops_of(const struct proc_ref *r)
{
	if (!r->process)
		return &system_ops;
	return r->entry->store ? &process_ops : &process_constant_ops;
}

int proc_open_file(struct inode *i, u32 flags, struct file **out)
{
	struct proc_file *f = kzalloc(sizeof(*f));

	if (!f)
		return -ENOMEM;
	mutex_init(&f->lock, RANK_PROC_TEXT);
	*out = file_create(ops_of(i->private), flags, f);
	if (!*out) {
		kfree(f);
		return -ENOMEM;
	}
	inode_get(i);
	f->inode = i;
	return 0;
}
