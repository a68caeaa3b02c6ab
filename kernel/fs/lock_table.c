/*
 * The locks of each file, found by what stat(2) says that it is; and what becomes of them when a file is closed.
 *
 * A set is made with the first lock and goes with the last lock and the last who waits, so it needs no part of any inode.
 *
 * Closing: a descriptor table that had a record lock once, and an open file that had one of the others, says so in one word that is never
 * cleared (proc/file.h), so nobody else who closes a file comes here. The word is set before the lock is asked for. Who closes a descriptor
 * takes it out of the table first and then looks at the word; who gets a record lock looks afterwards whether the descriptor is still
 * there (lock_calls.c). Both take the table's lock in between: at least one of the two sees the other, and the lock goes.
 */
#include <asm/fcntl.h>
#include <asm/stat.h>

#include "fs/lock_private.h"
#include "lib/assert.h"
#include "mm/slab.h"
#include "proc/file.h"

#define BUCKETS 64U

struct mutex lock_mutex;
/* lock_mutex */
static struct list buckets[BUCKETS];

static u32 bucket_of(u64 dev, u64 ino)
{
	return (u32)(dev * 31 + ino) % BUCKETS;
}

struct lock_set *lock_set_find(u64 dev, u64 ino)
{
	struct lock_set *s;

	list_for_each_entry (s, &buckets[bucket_of(dev, ino)], link)
		if (s->dev == dev && s->ino == ino)
			return s;
	return NULL;
}

struct lock_set *lock_set_make(u64 dev, u64 ino, struct lock_set **spare)
{
	struct lock_set *s = *spare;

	*spare = NULL;
	s->dev = dev;
	s->ino = ino;
	list_init(&s->flocks);
	list_init(&s->ranges);
	list_init(&s->waiting);
	list_push_back(&buckets[bucket_of(dev, ino)], &s->link);
	return s;
}

struct lock_set *lock_set_retire(struct lock_set *s)
{
	if (!list_empty(&s->flocks) || !list_empty(&s->ranges) || !list_empty(&s->waiting))
		return NULL;
	list_remove(&s->link);
	return s;
}

/* The first set in the bucket or one behind it. */
static struct lock_set *first_from(u32 bucket)
{
	for (; bucket < BUCKETS; bucket++)
		if (!list_empty(&buckets[bucket]))
			return list_first(&buckets[bucket], struct lock_set, link);
	return NULL;
}

struct lock_set *lock_set_next(struct lock_set *s)
{
	if (!s)
		return first_from(0);
	u32 bucket = bucket_of(s->dev, s->ino);
	if (s->link.next != &buckets[bucket])
		return list_first(&s->link, struct lock_set, link);
	return first_from(bucket + 1);
}

void lock_spares_free(struct list *spares)
{
	struct list *l;

	while ((l = list_pop_front(spares)) != NULL)
		kfree(CONTAINER_OF(l, struct file_lock, link));
}

/* Gives back all that the owner has of the file. */
static void drop(const void *owner, struct file *f)
{
	struct list gone = LIST_INIT(gone);
	struct lock_set *empty = NULL;
	struct stat st;

	if (f->ops->stat(f, &st))
		return;
	mutex_lock(&lock_mutex);
	struct lock_set *s = lock_set_find(st.st_dev, st.st_ino);
	if (s) {
		bool flocks = lock_list_drop(&s->flocks, owner, &gone);
		if (lock_list_drop(&s->ranges, owner, &gone) || flocks)
			lock_wait_serve(s);
		empty = lock_set_retire(s);
	}
	mutex_unlock(&lock_mutex);
	kfree(empty);
	lock_spares_free(&gone);
}

static void descriptor_closed(struct files *t, struct file *f)
{
	/* As on Linux, a descriptor that only names a place is none of the file's. */
	if (!(atomic32_load_relaxed(&f->flags) & O_PATH))
		drop(t, f);
}

static void file_released(struct file *f)
{
	drop(f, f);
}

static const struct file_lock_ops ops = {
	.descriptor_closed = descriptor_closed,
	.file_released = file_released,
};

INIT_TEXT void lock_init(void)
{
	mutex_init(&lock_mutex, RANK_FILE_LOCKS);
	for (u32 i = 0; i < BUCKETS; i++)
		list_init(&buckets[i]);
	lock_wait_init();
	file_set_lock_ops(&ops);
}
