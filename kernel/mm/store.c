/*
 * Page stores.
 *
 * The order that keeps a fault and a shrinking file apart: who shrinks sets the size and takes the
 * pages out of the tree, under the lock, and then takes them out of all address spaces, whose locks
 * it needs one by one. A fault gets a page under the lock while its address space is locked: either
 * it comes first, and its mapping is found, or it sees the new size.
 *
 * Contents are made without the lock (zeroing, and whatever fill does), so two may make the same
 * page; the second finds that out when it wants to add it.
 */
#include "mm/store.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/mm_private.h"
#include "mm/slab.h"
#include "sched/break.h"

/* Pages taken out under one hold of the lock. */
#define REMOVE_BATCH 32

static struct page_store *store_of(struct page_source *s)
{
	return CONTAINER_OF(s, struct page_store, source);
}

static int make_page(struct page_store *s, u64 index, struct page **out)
{
	if (s->ops->fill)
		return s->ops->fill(s, index, out);
	*out = frame_alloc(0, FRAME_USER | FRAME_ZERO);
	return *out ? 0 : -ENOMEM;
}

static struct page *find(struct page_store *s, u64 index) REQUIRES(s->lock)
{
	struct page *page = page_tree_get(&s->pages, index);

	if (page)
		frame_get(page);
	return page;
}

/* The same for who will write to it, or let a program do so. */
static struct page *find_to_use(struct page_store *s, u64 index, u32 flags) REQUIRES(s->lock)
{
	struct page *page = find(s, index);

	if (page && !(flags & STORE_ROOM))
		WRITE_ONCE(page->unwritten, 0);
	return page;
}

static u64 pages_for(u64 size)
{
	return size / PAGE_SIZE + (size % PAGE_SIZE != 0);
}

/* Adds a page that was just made, or finds that somebody else was faster. Takes over the reference
 * to it. limit: pages that there may be. */
static int add(struct page_store *s, u64 index, bool limited, u32 flags, struct page **page)
{
	struct page *mine = *page;
	int err = 0;

	spin_lock(&s->lock);
	*page = find_to_use(s, index, flags);
	if (!*page && limited && index >= pages_for(s->size))
		err = -ENXIO;
	else if (!*page)
		err = page_tree_add(&s->pages, index, mine);
	if (!err && !*page) {
		s->page_count++;
		mine->owner = &s->source;
		mine->unwritten = (flags & STORE_ROOM) != 0;
		frame_get(mine);
		*page = mine;
		mine = NULL;
	}
	spin_unlock(&s->lock);
	if (mine)
		frame_put(mine);
	return err;
}

static int get_or_make(struct page_store *s, u64 index, bool limited, u32 flags, struct page **out)
{
	spin_lock(&s->lock);
	*out = find_to_use(s, index, flags);
	/* A page past the end may be there, written by somebody who has yet to set the size. */
	bool beyond = limited && index >= pages_for(s->size);
	spin_unlock(&s->lock);
	if (beyond && *out)
		frame_put(*out);
	if (beyond)
		return -ENXIO;
	if (*out)
		return 0;
	int err = make_page(s, index, out);
	return err ? err : add(s, index, limited, flags, out);
}

int page_store_get(struct page_store *s, u64 index, u32 flags, struct page **out)
{
	if (flags & STORE_CREATE)
		return get_or_make(s, index, false, flags, out);
	spin_lock(&s->lock);
	*out = find(s, index);
	spin_unlock(&s->lock);
	return 0;
}

/* -- as a source -- */

static int source_get_page(struct page_source *s, u64 index, struct page **out)
{
	return get_or_make(store_of(s), index, true, 0, out);
}

static void source_get(struct page_source *s)
{
	store_of(s)->ops->get(store_of(s));
}

static bool source_resident(struct page_source *source, u64 index)
{
	struct page_store *s = store_of(source);

	spin_lock(&s->lock);
	bool there = page_tree_get(&s->pages, index);
	spin_unlock(&s->lock);
	return there;
}

/* One hold of the lock for all of them. Right against a shrinking file for the reason above: what is
 * found here is inside the size, and is mapped before the address space's lock is given up. */
static u64 source_get_resident(struct page_source *source, u64 first, u64 wanted, paddr_t *out)
{
	struct page_store *s = store_of(source);
	struct page *pages[64];

	spin_lock(&s->lock);
	u64 end = pages_for(s->size);
	if (end < first + 64)
		wanted &= end > first ? BIT(end - first) - 1 : 0;
	u64 found = page_tree_get_some(&s->pages, first, wanted, pages);
	for (u64 left = found; left; left &= left - 1) {
		u32 i = (u32)__builtin_ctzl(left);

		frame_get(pages[i]);
		WRITE_ONCE(pages[i]->unwritten, 0);
		out[i] = page_address_physical(pages[i]);
	}
	spin_unlock(&s->lock);
	return found;
}

static void source_put(struct page_source *s)
{
	store_of(s)->ops->put(store_of(s));
}

static const char *source_name(struct page_source *s)
{
	return store_of(s)->ops->name(store_of(s));
}

static int source_punch(struct page_source *source, u64 start, u64 end)
{
	struct page_store *s = store_of(source);

	if (s->ops->punch)
		return s->ops->punch(s, start, end);
	page_store_punch(s, start, end);
	return 0;
}

static const struct page_source_ops source_ops = {
	.get_page = source_get_page,
	.get = source_get,
	.put = source_put,
	.resident = source_resident,
	.get_resident = source_get_resident,
	.name = source_name,
	.punch = source_punch,
};

/* -- the owner's side -- */

void page_store_init(struct page_store *s, const struct page_store_ops *ops, u64 size)
{
	*s = (struct page_store){.source.ops = &source_ops, .ops = ops, .size = size};
	spin_init(&s->lock, "page store", RANK_STORE);
}

bool page_store_is(const struct page_source *source, const struct page_store_ops *ops)
{
	return source->ops == &source_ops &&
	       CONTAINER_OF(source, struct page_store, source)->ops == ops;
}

/* Takes pages of [*index, end) out of the tree, or of them those that are only room: how many. Looks at no more than that under one
 * hold of the lock, and sets *index to end when there are no more. */
static u32 remove_some(struct page_store *s, u64 *index, u64 end, bool room, struct page **out)
{
	u32 n = 0, seen = 0;

	spin_lock(&s->lock);
	for (; seen < REMOVE_BATCH; seen++, (*index)++) {
		const struct page *page = page_tree_next(&s->pages, index, end);
		if (!page)
			break;
		if (room && !page->unwritten)
			continue;
		out[n++] = page_tree_remove(&s->pages, *index);
		s->page_count--;
	}
	spin_unlock(&s->lock);
	if (seen < REMOVE_BATCH)
		*index = end;
	return n;
}

static void remove_pages(struct page_store *s, u64 first, u64 end, bool room)
{
	struct page *pages[REMOVE_BATCH];

	while (first < end) {
		u32 n = remove_some(s, &first, end, room, pages);
		for (u32 i = 0; i < n; i++)
			frame_put(pages[i]);
		sched_break();
	}
}

static void remove_range(struct page_store *s, u64 first, u64 end)
{
	remove_pages(s, first, end, false);
}

void page_store_give_back(struct page_store *s, u64 first, u64 end)
{
	remove_pages(s, first, end, true);
}

void page_store_destroy(struct page_store *s)
{
	remove_range(s, 0, UINT64_MAX);
}

/* Writers of the page may be at work: it is theirs to lose. */
static void zero_part(struct page_store *s, u64 index, u64 from, u64 to)
{
	spin_lock(&s->lock);
	struct page *page = find(s, index);
	spin_unlock(&s->lock);
	if (!page)
		return;
	memset((char *)page_address(page) + from, 0, to - from);
	frame_put(page);
}

u64 page_store_size(const struct page_store *s)
{
	return READ_ONCE(s->size);
}

void page_store_set_size(struct page_store *s, u64 size)
{
	u64 end = pages_for(size);

	spin_lock(&s->lock);
	u64 before = s->size;
	WRITE_ONCE(s->size, size);
	spin_unlock(&s->lock);
	/* The same size takes away what lies behind it: from fallocate(2), or from a write that failed. */
	if (size > before)
		return;
	remove_range(s, end, UINT64_MAX);
	mm_unmap_source(&s->source, end, UINT64_MAX, true);
	if (size % PAGE_SIZE)
		zero_part(s, end - 1, size % PAGE_SIZE, PAGE_SIZE);
}

void page_store_punch(struct page_store *s, u64 start, u64 end)
{
	u64 first = pages_for(start), last = end / PAGE_SIZE;

	if (start / PAGE_SIZE == last) {
		zero_part(s, last, start % PAGE_SIZE, end % PAGE_SIZE);
		return;
	}
	if (start % PAGE_SIZE)
		zero_part(s, start / PAGE_SIZE, start % PAGE_SIZE, PAGE_SIZE);
	remove_range(s, first, last);
	mm_unmap_source(&s->source, first, last, false);
	if (end % PAGE_SIZE)
		zero_part(s, last, 0, end % PAGE_SIZE);
}

/* -- shared anonymous memory -- */

struct anonymous {
	struct page_store store;
	struct refcount refs;
	u64 promised; /* constant once others can see it; mm/commit.h */
};

RO_AFTER_INIT static struct slab_cache *cache;

static struct anonymous *anonymous_of(struct page_store *s)
{
	return CONTAINER_OF(s, struct anonymous, store);
}

static void anonymous_get(struct page_store *s)
{
	refcount_get(&anonymous_of(s)->refs);
}

static void anonymous_put(struct page_store *s)
{
	if (!refcount_put(&anonymous_of(s)->refs))
		return;
	page_store_destroy(s);
	commit_release(anonymous_of(s)->promised);
	slab_free(cache, anonymous_of(s));
}

static const char *anonymous_name(struct page_store *s)
{
	return "/dev/zero (deleted)";
}

static const struct page_store_ops anonymous_ops = {
	.get = anonymous_get,
	.put = anonymous_put,
	.name = anonymous_name,
};

struct page_source *page_store_create_anonymous(u64 size)
{
	struct anonymous *a = frame_is_short() ? NULL : slab_alloc(cache);

	if (!a)
		return NULL;
	page_store_init(&a->store, &anonymous_ops, size);
	refcount_init(&a->refs);
	a->promised = 0;
	return &a->store.source;
}

int page_store_promise_anonymous(struct page_source *source, u64 pages)
{
	int err = commit_reserve(NULL, pages);

	if (!err)
		anonymous_of(store_of(source))->promised = pages;
	return err;
}

INIT_TEXT void page_store_set_up(void)
{
	page_tree_init();
	cache = slab_cache_create("shared memory", sizeof(struct anonymous), 0);
}
