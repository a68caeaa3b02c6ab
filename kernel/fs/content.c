/*
 * The contents of regular files.
 *
 * A file's pages are in its page store (mm/store.h), which read, write and every mapping use. Those
 * that the archive has are taken when they are first needed: a whole page that starts on a page of
 * the archive as it lies there (its frame is reserved for ever, and belongs to this file alone);
 * others are copied. archive_size says how far the archive counts: it shrinks with the file, so what
 * was cut off comes back as zeros.
 *
 * Files may have half of all memory, as a tmpfs on Linux has by default; then it is ENOSPC. Pages are
 * counted when they are made (used_pages), and what one file has is set right after each change
 * (account()): a mapping may have made some, and a page made twice was counted twice.
 *
 * Reads take no lock but the store's; a read beside a write may see part of it, as on Linux.
 */
#include "fs/content.h"

#include "fs/names.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sched/break.h"

static atomic64_t used_pages;

/* Only ever read. */
static const char zeros[PAGE_SIZE] ALIGNED(PAGE_SIZE);

static struct inode *inode_of(struct page_store *s)
{
	return CONTAINER_OF(s, struct inode, store);
}

u64 content_limit(void)
{
	return frame_total_count() / 2;
}

u64 content_used(void)
{
	return atomic64_load_relaxed(&used_pages);
}

/* Sets right what the file counts for. */
static void account(struct inode *i)
{
	/* One word; a fault beside this is counted at the next time. */
	u64 now = READ_ONCE(i->store.page_count);

	atomic64_fetch_add(&used_pages, now - i->accounted);
	i->accounted = now;
}

static bool is_from_archive(const struct inode *i, u64 index)
{
	return index < ALIGN_UP(READ_ONCE(i->archive_size), PAGE_SIZE) >> PAGE_SHIFT;
}

/* The contents of a page that is not in the store. */
static int fill(struct page_store *s, u64 index, struct page **out)
{
	struct inode *i = inode_of(s);
	u64 start = index << PAGE_SHIFT, archived = READ_ONCE(i->archive_size);
	const char *data = i->archive + start;

	if (start < archived && archived - start >= PAGE_SIZE && IS_ALIGNED((u64)data, PAGE_SIZE)) {
		*out = page_of(direct_map_physical(data));
		frame_get(*out);
		return 0;
	}
	if (content_used() >= content_limit())
		return -ENOSPC;
	*out = frame_alloc(0, FRAME_USER | FRAME_ZERO);
	if (!*out)
		return -ENOMEM;
	if (start < archived)
		memcpy(page_address(*out), data, MIN(archived - start, PAGE_SIZE));
	return 0;
}

static void store_get(struct page_store *s)
{
	inode_get(inode_of(s));
}

static void store_put(struct page_store *s)
{
	inode_put(inode_of(s));
}

static const char *store_name(struct page_store *s)
{
	/* Set before anybody got the source, and constant from then on. */
	return inode_of(s)->path;
}

static int store_punch(struct page_store *s, u64 start, u64 end)
{
	return inode_punch(inode_of(s), start, end);
}

static const struct page_store_ops store_ops = {
	.fill = fill,
	.get = store_get,
	.put = store_put,
	.name = store_name,
	.punch = store_punch,
};

void content_init(struct inode *i, const char *data, u64 size)
{
	page_store_init(&i->store, &store_ops, size);
	i->archive = data;
	i->archive_size = data ? size : 0;
}

void content_destroy(struct inode *i)
{
	page_store_destroy(&i->store);
	atomic64_fetch_sub(&used_pages, i->accounted);
}

/* -- reading and writing -- */

/* The page for reading: NULL is a hole. */
static int page_to_read(struct inode *i, u64 index, struct page **out)
{
	return page_store_get(&i->store, index, is_from_archive(i, index) ? STORE_CREATE : 0, out);
}

ssize_t content_read(struct inode *i, struct iobuf *to, u64 *pos)
{
	ssize_t done = 0;

	while (to->left > 0) {
		struct page *page;
		u64 size = content_size(i), offset = *pos % PAGE_SIZE;
		if (*pos >= size)
			break;
		size_t wanted = MIN(MIN(to->left, PAGE_SIZE - offset), size - *pos);
		int err = page_to_read(i, *pos >> PAGE_SHIFT, &page);
		if (err)
			return done ? done : err;
		const char *from = page ? page_address(page) : zeros;
		ssize_t moved = iobuf_put(to, from + offset, wanted);
		if (page)
			frame_put(page);
		if (moved > 0) {
			*pos += (u64)moved;
			done += moved;
		}
		if (moved != (ssize_t)wanted)
			return done ? done : moved;
	}
	return done;
}

static ssize_t write_page(struct inode *i, struct iobuf *from, u64 pos)
{
	u64 offset = pos % PAGE_SIZE;
	size_t wanted = MIN(from->left, PAGE_SIZE - offset);
	struct page *page;

	int err = page_store_get(&i->store, pos >> PAGE_SHIFT, STORE_CREATE, &page);
	if (err)
		return err;
	ssize_t moved = iobuf_take(from, (char *)page_address(page) + offset, wanted);
	frame_put(page);
	return moved;
}

ssize_t content_write(struct inode *i, struct iobuf *from, u64 *pos)
{
	ssize_t done = 0, moved = 0;

	while (from->left > 0) {
		size_t wanted = MIN(from->left, PAGE_SIZE - *pos % PAGE_SIZE);
		moved = write_page(i, from, *pos);
		if (moved > 0) {
			*pos += (u64)moved;
			done += moved;
		}
		if (moved != (ssize_t)wanted)
			break;
	}
	/* A page is written before the size says that it is there. */
	if (done > 0 && *pos > content_size(i))
		page_store_set_size(&i->store, *pos);
	account(i);
	return done ? done : moved;
}

void content_set_size(struct inode *i, u64 size)
{
	/* Before the pages go: none of them may come back from the archive. */
	if (size < i->archive_size)
		WRITE_ONCE(i->archive_size, size);
	page_store_set_size(&i->store, size);
	account(i);
}

/* Makes one page, if it is not there: of what the archive has its contents, otherwise room. */
static int allocate_page(struct inode *i, u64 index)
{
	u32 flags = STORE_CREATE | (is_from_archive(i, index) ? 0 : STORE_ROOM);
	struct page *page;

	int err = page_store_get(&i->store, index, flags, &page);
	if (!err)
		frame_put(page);
	return err;
}

/* Nobody would see the result any more. */
static bool is_leaving(void)
{
	struct thread *t = current_thread();

	return t->process && process_must_leave(t->process, t);
}

int content_allocate(struct inode *i, u64 start, u64 end)
{
	u64 first = start >> PAGE_SHIFT, behind = (end >> PAGE_SHIFT) + (end % PAGE_SIZE != 0);
	u64 at = first;
	int err = 0;

	if (behind - first > content_limit())
		return -ENOSPC;
	while (at < behind && !err) {
		err = is_leaving() ? -EINTR : allocate_page(i, at);
		at += !err;
		sched_break();
	}
	/* As on Linux, room that was there before goes, too, as long as nobody has used it. */
	if (err)
		page_store_give_back(&i->store, first, at);
	account(i);
	return err;
}

int content_punch(struct inode *i, u64 start, u64 end)
{
	/* From here on all of the file is in the store: what is punched must not come back. */
	int err = content_allocate(i, 0, i->archive_size);

	if (err)
		return err;
	WRITE_ONCE(i->archive_size, 0);
	page_store_punch(&i->store, start, MIN(end, ALIGN_UP(content_size(i), PAGE_SIZE)));
	account(i);
	return 0;
}

u64 content_seek(struct inode *i, u64 pos, bool data)
{
	u64 size = content_size(i);

	for (; pos < size; pos = (pos | (PAGE_SIZE - 1)) + 1) {
		u64 index = pos >> PAGE_SHIFT;
		struct page *page = NULL;
		/* With no flags nothing is made, so nothing can fail. */
		int err = page_store_get(&i->store, index, 0, &page);
		bool there = (!err && page && !page_is_room(page)) || is_from_archive(i, index);
		if (page)
			frame_put(page);
		if (there == data)
			return pos;
		sched_break();
	}
	return size;
}

/* What reports call the file: the path of the first name under which it was mapped. */
static int set_path_locked(struct inode *i, const struct dentry *d)
{
	if (i->path)
		return 0;
	size_t size = dentry_path_size(d, NULL);
	char *path = kmalloc(size);
	if (!path)
		return -ENOMEM;
	int err = dentry_path(d, NULL, path, size);
	if (err)
		kfree(path);
	else
		i->path = path;
	return err;
}

int content_source(const struct dentry *d, struct page_source **out)
{
	struct inode *i = d->inode;

	mutex_lock(&tree_lock);
	int err = set_path_locked(i, d);
	mutex_unlock(&tree_lock);
	if (err)
		return err;
	inode_get(i);
	*out = &i->store.source;
	return 0;
}
