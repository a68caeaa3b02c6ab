/*
 * kmalloc(): memory of any size up to 1 MiB, from one slab cache for each power of two below a
 * page, and from whole blocks of frames above. kfree() tells them apart by the struct page, because
 * these caches' slabs have one frame and a block is freed by its start.
 */
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/slab_private.h"

/* Instrumented kernels put a note behind each object, so a size may need the next larger place. */
#define SLACK KASAN_NOTE_SIZE
#define SMALLEST_SHIFT (KASAN ? 7 : 4)
#define LARGEST_SHIFT 11
#define KMALLOC_MAX MIB

RO_AFTER_INIT static struct slab_cache *caches[LARGEST_SHIFT - SMALLEST_SHIFT + 1];

INIT_TEXT void slab_init(void)
{
	static const char *const names[] = {"kmalloc-16", "kmalloc-32", "kmalloc-64", "kmalloc-128",
		"kmalloc-256", "kmalloc-512", "kmalloc-1024", "kmalloc-2048"};

	_Static_assert(ARRAY_SIZE(names) == LARGEST_SHIFT - 4 + 1, "one name for each");
	for (u32 i = 0; i < ARRAY_SIZE(caches); i++) {
		size_t size = BIT(SMALLEST_SHIFT + i);

		caches[i] = slab_cache_create_place(
			names[SMALLEST_SHIFT - 4 + i], size - SLACK, size, MIN(size, 64UL));
		CHECK(caches[i]->order == 0);
	}
}

/* The least n with size <= 2^n. */
static u32 shift_for(size_t size)
{
	return size <= 1 ? 0 : 64 - (u32)__builtin_clzl(size - 1);
}

static void *alloc_small(struct slab_cache *c, size_t size, const void *caller)
{
	void *object = slab_alloc_for(c, caller);

	/* All of the place was given out; only what was asked for may be used. */
	if (object)
		slab_kasan_alloc(c, object, size);
	return object;
}

static void *alloc_large(size_t size)
{
	u32 order = MAX(shift_for(size), PAGE_SHIFT) - PAGE_SHIFT;
	struct page *page = frame_alloc(order, 0);

	if (!page)
		return NULL;
	kasan_poison(page_address(page), PAGE_SIZE << order, KASAN_HEAP_BEYOND);
	kasan_unpoison(page_address(page), size);
	return page_address(page);
}

static inline void *alloc(size_t size, const void *caller)
{
	u32 shift = MAX(shift_for(size + SLACK), SMALLEST_SHIFT);

	ASSERT(size > 0);
	if (LIKELY(shift <= LARGEST_SHIFT))
		return alloc_small(caches[shift - SMALLEST_SHIFT], size, caller);
	if (size > KMALLOC_MAX)
		return NULL;
	return alloc_large(size);
}

void *kmalloc(size_t size)
{
	return alloc(size, __builtin_return_address(0));
}

void *kzalloc(size_t size)
{
	void *object = alloc(size, __builtin_return_address(0));

	return object ? memset(object, 0, size) : NULL;
}

void kfree(void *object)
{
	if (!object)
		return;
	struct page *page = page_of(direct_map_physical(object));
	if (page->state == PAGE_SLAB) {
		slab_free(page->owner, object);
		return;
	}
	CHECK(page->state == PAGE_USED && page_address(page) == object);
	frame_put(page);
}
