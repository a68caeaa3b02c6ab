/*
 * The slab allocator: objects of one size, many to a slab of 2^order frames.
 *
 * A slab has no header, so that objects of a power of two waste nothing: what is known of it stands
 * in the struct page of its first frame. Freed objects are chained by number through their first
 * two bytes; objects from slab_fresh on were never handed out, so a new slab is not walked.
 *
 * A cache's list holds the slabs that have both free and used objects, fullest use first as they
 * come; full slabs are in no list and come back at a free. An empty slab goes back to the frame
 * allocator, unless it is the cache's only one with room, which saves a cache that swings around a
 * boundary from making and giving back a slab each time.
 *
 * Locks: one for each cache (RANK_SLAB, taken by interrupt handlers), which guards its list and the
 * struct pages of its slabs. Frames are taken under it and given back after it.
 */
#include "mm/slab.h"

#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/inject.h"
#include "mm/leak.h"
#include "mm/slab_private.h"

#define CACHES_MAX 64
#define SLAB_END UINT16_MAX
/* A slab may leave this part of itself unused before a larger one is taken. */
#define WASTE_PART 8
#define SLAB_ORDER_MAX 3

static struct slab_cache caches[CACHES_MAX];
static atomic32_t cache_count;

static size_t slab_bytes(const struct slab_cache *c)
{
	return PAGE_SIZE << c->order;
}

/* The smallest slab that wastes little. */
static u32 choose_order(size_t size)
{
	u32 order = 0;

	while (order < SLAB_ORDER_MAX &&
		((PAGE_SIZE << order) < size ||
			(PAGE_SIZE << order) % size > (PAGE_SIZE << order) / WASTE_PART))
		order++;
	return order;
}

/* Objects of a power of two are aligned to their size. */
static size_t natural_align(size_t size)
{
	size_t align = 8;

	while (align * 2 <= MIN(size, 64UL) && size % (align * 2) == 0)
		align *= 2;
	return align;
}

struct slab_cache *slab_cache_create_place(
	const char *name, size_t object_size, size_t size, size_t align)
{
	u32 index = atomic32_fetch_add(&cache_count, 1);

	CHECK(index < CACHES_MAX && object_size > 0 && size <= PAGE_SIZE << SLAB_ORDER_MAX);
	struct slab_cache *c = &caches[index];
	CHECK(align >= 2 && align <= PAGE_SIZE && (align & (align - 1)) == 0);
	c->name = name;
	c->object_size = object_size;
	c->size = ALIGN_UP(size, align);
	c->order = choose_order(c->size);
	c->per_slab = (u16)MIN(slab_bytes(c) / c->size, SLAB_END - 1UL);
	list_init(&c->partial);
	spin_init(&c->lock, "slab", RANK_SLAB);
	return c;
}

struct slab_cache *slab_cache_create(const char *name, size_t size, size_t align)
{
	size_t place = KASAN ? ALIGN_UP(size, 8UL) + KASAN_NOTE_SIZE : size;

	return slab_cache_create_place(name, size, place, align ? align : natural_align(place));
}

static void *object_at(const struct slab_cache *c, const struct page *slab, u32 number)
{
	return (char *)page_address(slab) + number * c->size;
}

struct page *slab_page_of(const struct slab_cache *c, const void *object)
{
	return page_of(direct_map_physical((void *)ALIGN_DOWN((u64)object, slab_bytes(c))));
}

static u16 number_of(const struct slab_cache *c, const struct page *slab, const void *object)
{
	return (u16)((u64)((const char *)object - (const char *)page_address(slab)) / c->size);
}

static struct page *make_slab(struct slab_cache *c) REQUIRES(c->lock)
{
	struct page *slab = frame_alloc(c->order, 0);

	if (!slab)
		return NULL;
	slab->state = PAGE_SLAB;
	leak_count(LEAK_SLABS, 1L << c->order);
	slab->owner = c;
	slab->slab_used = 0;
	slab->slab_free = SLAB_END;
	slab->slab_fresh = 0;
	slab_kasan_made(c, slab);
	list_push_front(&c->partial, &slab->link);
	return slab;
}

static void *take_object(struct slab_cache *c, struct page *slab) REQUIRES(c->lock)
{
	void *object;

	if (slab->slab_free != SLAB_END) {
		object = object_at(c, slab, slab->slab_free);
		slab->slab_free = *(u16 *)object;
		slab_debug_reused(c, object);
	} else {
		object = object_at(c, slab, slab->slab_fresh++);
	}
	slab->slab_used++;
	if (slab->slab_used == c->per_slab)
		list_remove(&slab->link);
	return object;
}

void *slab_alloc_for(struct slab_cache *c, const void *caller)
{
	if (inject_fails(INJECT_SLAB, c->name, c->object_size, caller))
		return NULL;
	u64 flags = spin_lock_irqsave(&c->lock);
	struct page *slab =
		list_empty(&c->partial) ? make_slab(c) : list_first(&c->partial, struct page, link);
	void *object = slab ? take_object(c, slab) : NULL;

	spin_unlock_irqrestore(&c->lock, flags);
	if (!object)
		return NULL;
	slab_count(c, 1);
	slab_kasan_alloc(c, object, c->object_size);
	return object;
}

void *slab_alloc(struct slab_cache *c)
{
	return slab_alloc_for(c, __builtin_return_address(0));
}

void *slab_zalloc(struct slab_cache *c)
{
	void *object = slab_alloc_for(c, __builtin_return_address(0));

	return object ? memset(object, 0, c->object_size) : NULL;
}

/* Returns the slab if it is empty and not wanted: it is then in no list. */
static struct page *put_object(struct slab_cache *c, struct page *slab, void *object)
	REQUIRES(c->lock)
{
	CHECK(slab->state == PAGE_SLAB && slab->owner == c && slab->slab_used > 0);
	slab_kasan_open(c, object);
	slab_debug_freed(c, slab, object);
	*(u16 *)object = slab->slab_free;
	slab->slab_free = number_of(c, slab, object);
	slab_kasan_close(c, object);
	if (slab->slab_used == c->per_slab)
		list_push_front(&c->partial, &slab->link);
	slab->slab_used--;
	bool only = c->partial.next == c->partial.prev;
	if (slab->slab_used > 0 || only)
		return NULL;
	list_remove(&slab->link);
	return slab;
}

/* It is in no list. */
static void free_slab(struct page *slab)
{
	leak_count(LEAK_SLABS, -(1L << slab->order));
	slab->state = PAGE_USED;
	refcount_init(&slab->refs);
	frame_put(slab);
}

void slab_release(struct slab_cache *c, void *object)
{
	struct page *slab = slab_page_of(c, object);
	u64 flags = spin_lock_irqsave(&c->lock);
	struct page *empty = put_object(c, slab, object);

	spin_unlock_irqrestore(&c->lock, flags);
	if (empty)
		free_slab(empty);
}

/* Moves a cache's empty slabs to the list. */
static void take_empty(struct slab_cache *c, struct list *to)
{
	u64 flags = spin_lock_irqsave(&c->lock);
	struct page *slab, *next;

	list_for_each_entry_safe (slab, next, &c->partial, link) {
		if (slab->slab_used > 0)
			continue;
		list_remove(&slab->link);
		list_push_back(to, &slab->link);
	}
	spin_unlock_irqrestore(&c->lock, flags);
}

void slab_trim(void)
{
	u32 n = atomic32_load(&cache_count);
	struct list empty = LIST_INIT(empty);
	struct list *slab;

	/* One that is being made is not in the list yet, or its list is good. */
	for (u32 i = 0; i < n; i++)
		if (caches[i].partial.next)
			take_empty(&caches[i], &empty);
	while ((slab = list_pop_front(&empty)) != NULL)
		free_slab(CONTAINER_OF(slab, struct page, link));
}

void slab_free(struct slab_cache *c, void *object)
{
	slab_count(c, -1);
	if (!slab_kasan_free(c, object))
		slab_release(c, object);
}

#ifdef AIRLOCK_DEBUG
bool slab_usage(u32 index, const char **name, u64 *objects)
{
	if (index >= atomic32_load(&cache_count))
		return false;
	/* One that is being made has no name yet. */
	*name = caches[index].name ? caches[index].name : "?";
	*objects = atomic64_load(&caches[index].in_use);
	return true;
}
#endif
