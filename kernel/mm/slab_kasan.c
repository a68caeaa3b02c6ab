/*
 * Slabs under the address sanitizer: what of them may be used, who has used it, and the quarantine.
 *
 * Behind each object stands a struct kasan_note, in bytes that nobody may use. A freed object's bytes may not be used either, until
 * it is handed out again. Not instrumented, like all of the slab allocator, which uses freed objects as its own.
 *
 * The quarantine is one queue, chained through the notes: first in, first out, at most QUARANTINE_MAX objects. Its lock has the
 * rank of a slab's, and objects are released after it was given up, so it is never held with one.
 */
#define KASAN_RUNTIME
#define LOG_SUBSYSTEM "leak"
#include "lib/assert.h"
#include "mm/leak.h"
#include "mm/slab_private.h"
#include "trace/ksyms.h"
#include "trace/log.h"

#define QUARANTINE_MAX 4096

static struct spinlock lock = SPINLOCK_INIT("quarantine", RANK_SLAB);
static struct kasan_note *first GUARDED_BY(lock), *last GUARDED_BY(lock);
static u32 count GUARDED_BY(lock);

static size_t note_offset(const struct slab_cache *c)
{
	return c->size - sizeof(struct kasan_note);
}

static struct kasan_note *note_of(const struct slab_cache *c, const void *object)
{
	return (struct kasan_note *)((u64)object + note_offset(c));
}

static void *object_of(const struct slab_cache *c, const struct kasan_note *note)
{
	return (void *)((u64)note - note_offset(c));
}

/* For reports. The slab's first frame is found by trying each size of a slab. */
static const struct kasan_note *find_note(const void *address, const void **object)
{
	u64 at = (u64)address;

	if (at < DIRECT_MAP_BASE || at >= DIRECT_MAP_BASE + frame_total_count() * PAGE_SIZE * 2)
		return NULL;
	for (u32 order = 0; order <= 3; order++) {
		u64 start = ALIGN_DOWN(at, PAGE_SIZE << order);
		const struct page *slab = page_of(direct_map_physical((void *)start));
		const struct slab_cache *c = slab->owner;

		if (slab->state != PAGE_SLAB || c->order != order)
			continue;
		u64 number = (at - start) / c->size;
		if (number >= c->per_slab)
			return NULL;
		*object = (const void *)(start + number * c->size);
		return note_of(c, *object);
	}
	return NULL;
}

void slab_kasan_made(struct slab_cache *c, struct page *slab)
{
	kasan_set_find_note(find_note);
	kasan_poison(page_address(slab), PAGE_SIZE << c->order, KASAN_HEAP_NEVER);
}

void slab_kasan_alloc(struct slab_cache *c, void *object, size_t size)
{
	kasan_poison(object, c->size, KASAN_HEAP_BEYOND);
	kasan_unpoison(object, size);
	struct kasan_note *note = note_of(c, object);

	kasan_note_alloc(note);
	note->epoch[0] = (u8)leak_epoch();
	note->epoch[1] = (u8)(leak_epoch() >> 8);
}

/* The oldest object, if there are more than keep. */
static struct kasan_note *take_oldest(u32 keep)
{
	u64 flags = spin_lock_irqsave(&lock);
	struct kasan_note *note = count > keep ? first : NULL;

	if (note) {
		first = note->next;
		count--;
	}
	spin_unlock_irqrestore(&lock, flags);
	return note;
}

static void release_down_to(u32 keep)
{
	struct kasan_note *note;

	while ((note = take_oldest(keep)) != NULL)
		slab_release(note->cache, object_of(note->cache, note));
}

bool slab_kasan_free(struct slab_cache *c, void *object)
{
	struct kasan_note *note = note_of(c, object);
	u64 flags;

	if (kasan_shadow_of(object) >= KASAN_STACK_LEFT)
		kasan_report_free(object, c->name);
	kasan_poison(object, c->size, KASAN_HEAP_FREED);
	kasan_note_free(note);
	note->next = NULL;
	note->cache = c;
	flags = spin_lock_irqsave(&lock);
	if (count++ == 0)
		first = note;
	else
		last->next = note;
	last = note;
	spin_unlock_irqrestore(&lock, flags);
	release_down_to(QUARANTINE_MAX);
	return true;
}

void slab_kasan_open(struct slab_cache *c, void *object)
{
	kasan_unpoison(object, c->size);
}

void slab_kasan_close(struct slab_cache *c, void *object)
{
	kasan_poison(object, c->size, KASAN_HEAP_FREED);
}

u32 slab_kasan_leaks(const struct page *slab)
{
	const struct slab_cache *c = slab->owner;
	u32 n = 0;

	for (u32 i = 0; i < slab->slab_fresh; i++) {
		const char *object = (const char *)page_address(slab) + i * c->size;
		const struct kasan_note *note = note_of(c, object);
		char where[96];

		if (!note->alloc[0] || note->free[0] ||
			((u32)note->epoch[0] | (u32)note->epoch[1] << 8) != (leak_epoch() & 0xffff))
			continue;
		n++;
		log_error("leaked object %p of '%s', allocated by:", (const void *)object, c->name);
		for (u32 k = 0; k < KASAN_CALLERS && note->alloc[k]; k++)
			log_error("    %016lx %s", (u64)(s64)note->alloc[k],
				ksym_format(where, sizeof(where), (u64)(s64)note->alloc[k]));
	}
	return n;
}

void slab_kasan_flush(void)
{
	release_down_to(0);
	/* Which slabs are kept depends on the order of the releases, and tests count frames. */
	slab_trim();
}
