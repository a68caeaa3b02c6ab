/*
 * The table of System V segments.
 *
 * A segment is a page store, so attaching is mapping it shared, and fork, mremap and exit need
 * nothing of their own: every area has a reference, and their number is shm_nattch. The table has
 * one more. Removing a segment takes its key away; it stays in the table, by number, until the
 * table's reference is the last.
 *
 * Lock: segments_lock guards the tree, and in each segment all but the store's contents. References
 * are counted under it, so that the last area's put and a lookup can't miss each other. It is a leaf
 * but for what the frame allocator takes.
 */
#include "arch/clock.h"
#include "ipc/shm_private.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "proc/user.h"

struct spinlock segments_lock = SPINLOCK_INIT("shm", RANK_SHM);
static struct rb_root segments GUARDED_BY(segments_lock);
static u32 segment_count GUARDED_BY(segments_lock);
static u64 all_pages GUARDED_BY(segments_lock);
static s32 last_id GUARDED_BY(segments_lock) = -1;

static struct segment *segment_of(struct rb_node *n)
{
	return n ? rb_entry(n, struct segment, node) : NULL;
}

static struct segment *of_store(struct page_store *s)
{
	return CONTAINER_OF(s, struct segment, store);
}

s64 segment_time_now(void)
{
	return (s64)((clock_boot_realtime_ns() + clock_now_ns()) / NS_PER_SEC);
}

s32 segment_own_pid(void)
{
	const struct process *p = current_process();

	return p ? (s32)p->pid : 0;
}

u64 segment_pages(const struct segment *s)
{
	return (s->about.shm_segsz + PAGE_SIZE - 1) / PAGE_SIZE;
}

/* -- finding -- */

static int compare(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct segment, node)->id < rb_entry(b, struct segment, node)->id ? -1
											     : 1;
}

static int compare_id(const void *key, const struct rb_node *n)
{
	s32 id = *(const s32 *)key, other = rb_entry(n, struct segment, node)->id;

	return (id > other) - (id < other);
}

struct segment *segment_find_locked(s32 id)
{
	return segment_of(rb_find(&segments, &id, compare_id));
}

struct segment *segment_find_key_locked(s32 key)
{
	for (struct rb_node *n = rb_first(&segments); n; n = rb_next(n))
		if (segment_of(n)->about.shm_perm.key == key)
			return segment_of(n);
	return NULL;
}

struct segment *segment_find_index_locked(s32 index)
{
	struct rb_node *n = rb_first(&segments);

	while (n && index-- > 0)
		n = rb_next(n);
	return segment_of(n);
}

/* -- coming and going -- */

s32 segment_insert_locked(struct segment *s)
{
	if (segment_count >= SHM_NUMBERS || all_pages + segment_pages(s) > SHM_ALL)
		return -ENOSPC;
	do
		last_id = last_id == INT32_MAX ? 0 : last_id + 1;
	while (segment_find_locked(last_id));
	s->id = last_id;
	rb_insert(&segments, &s->node, compare);
	segment_count++;
	all_pages += segment_pages(s);
	return s->id;
}

bool segment_drop_locked(struct segment *s)
{
	s->refs--;
	if (s->refs > 1 || !(s->about.shm_perm.mode & SHM_MODE_DEST))
		return false;
	rb_remove(&segments, &s->node);
	segment_count--;
	all_pages -= segment_pages(s);
	return true;
}

void segment_destroy(struct segment *s)
{
	page_store_destroy(&s->store);
	if (s->locker) {
		user_unlock_pages(s->locker, segment_pages(s));
		user_put(s->locker);
	}
	kfree(s);
}

s32 shm_info(struct shm_info *out)
{
	*out = (struct shm_info){0};
	spin_lock(&segments_lock);
	out->used_ids = (int)segment_count;
	out->shm_tot = all_pages;
	/* Counted under each store's lock; some moment's number will do. */
	for (struct rb_node *n = rb_first(&segments); n; n = rb_next(n))
		out->shm_rss += READ_ONCE(segment_of(n)->store.page_count);
	spin_unlock(&segments_lock);
	return out->used_ids ? out->used_ids - 1 : 0;
}

/* -- as a source of pages -- */

static void store_get(struct page_store *store)
{
	spin_lock(&segments_lock);
	of_store(store)->refs++;
	spin_unlock(&segments_lock);
}

static void store_put(struct page_store *store)
{
	struct segment *s = of_store(store);

	spin_lock(&segments_lock);
	s->about.shm_dtime = segment_time_now();
	s->about.shm_lpid = segment_own_pid();
	bool last = segment_drop_locked(s);
	spin_unlock(&segments_lock);
	if (last)
		segment_destroy(s);
}

static const char *store_name(struct page_store *store)
{
	return "/SYSV (deleted)";
}

static const struct page_store_ops store_ops = {
	.get = store_get,
	.put = store_put,
	.name = store_name,
};

struct segment *segment_create(u64 size)
{
	struct segment *s = kzalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->refs = 1;
	page_store_init(&s->store, &store_ops, ALIGN_UP(size, PAGE_SIZE));
	s->about.shm_segsz = size;
	s->about.shm_ctime = segment_time_now();
	s->about.shm_cpid = segment_own_pid();
	return s;
}

bool segment_is_source(const struct page_source *source)
{
	return page_store_is(source, &store_ops);
}
