/*
 * Each CPU's stock of single free frames, so that most allocations and frees take no lock and touch
 * no other CPU's cache lines. Refilled and emptied in batches.
 *
 * Only the own CPU touches its cache, with interrupts off (handlers allocate, too); counts are read
 * by others for statistics. A cached frame is PAGE_CACHED, so that a buddy being freed does not
 * take it for a free block.
 */
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "lib/assert.h"
#include "mm/frame_private.h"

#define CACHE_MAX 96

struct ALIGNED(64) frame_cache {
	struct list frames;
	u32 count;
};

static struct frame_cache caches[MAX_CPUS];
RO_AFTER_INIT static bool started;

void frame_start_caches(void)
{
	started = true;
}

/* This CPU's, made at its first use; NULL while struct cpu can't be reached. IF=0. */
static struct frame_cache *this_cache(void)
{
	if (UNLIKELY(!started))
		return NULL;
	struct cpu *c = this_cpu();
	if (UNLIKELY(!c->frame_cache)) {
		list_init(&caches[c->id].frames);
		c->frame_cache = &caches[c->id];
	}
	return c->frame_cache;
}

static void set_count(struct frame_cache *c, u32 count)
{
	WRITE_ONCE(c->count, count);
}

static struct page *take(struct frame_cache *c)
{
	if (UNLIKELY(c->count == 0))
		set_count(c, buddy_alloc_list(&c->frames, CACHE_BATCH));
	if (UNLIKELY(c->count == 0))
		return NULL;
	struct page *page = list_first(&c->frames, struct page, link);
	list_remove(&page->link);
	set_count(c, c->count - 1);
	return page;
}

struct page *cache_alloc(void)
{
	u64 flags = irq_save();
	struct frame_cache *c = this_cache();
	struct page *page = c ? take(c) : buddy_alloc(0);

	irq_restore(flags);
	return page;
}

/* Gives n frames back, those that were put in first. */
static void give_back(struct frame_cache *c, u32 n)
{
	struct list batch = LIST_INIT(batch);

	for (u32 i = 0; i < n; i++) {
		struct list *l = c->frames.prev;

		list_remove(l);
		list_push_back(&batch, l);
	}
	set_count(c, c->count - n);
	buddy_free_list(&batch);
}

void cache_free(struct page *page)
{
	u64 flags = irq_save();
	struct frame_cache *c = this_cache();

	page->state = PAGE_CACHED;
	if (!c) {
		buddy_free(page, 0);
	} else {
		list_push_front(&c->frames, &page->link);
		set_count(c, c->count + 1);
		if (c->count > CACHE_MAX)
			give_back(c, CACHE_BATCH);
	}
	irq_restore(flags);
}

bool cache_drain(void)
{
	u64 flags = irq_save();
	struct frame_cache *c = this_cache();
	bool some = c && c->count > 0;

	if (some)
		give_back(c, c->count);
	irq_restore(flags);
	return some;
}

u64 cache_frames(void)
{
	u64 sum = 0;

	for (u32 i = 0; i < MAX_CPUS; i++)
		sum += READ_ONCE(caches[i].count);
	return sum;
}
