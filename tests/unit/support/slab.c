/* The host's kmalloc(): malloc(), so that the sanitizer sees every object by itself; any of them may fail. */
#include "mm/slab.h"

#include <stdlib.h>
#include <string.h>

#include "fail_alloc.h"
#include "lib/assert.h"

struct slab_cache {
	size_t size, align;
};

static u64 live;

u64 slab_live(void)
{
	return __atomic_load_n(&live, __ATOMIC_RELAXED);
}

static void *take(size_t size, size_t align)
{
	void *object = NULL;

	if (fail_alloc_now() || posix_memalign(&object, MAX(align, sizeof(void *)), size) != 0)
		return NULL;
	__atomic_fetch_add(&live, 1, __ATOMIC_RELAXED);
	/* Not zeroed means: not zero. */
	memset(object, 0xa5, size);
	return object;
}

struct slab_cache *slab_cache_create(const char *name, size_t size, size_t align)
{
	struct slab_cache *cache = malloc(sizeof(*cache));

	*cache = (struct slab_cache){.size = size, .align = align ? align : 8};
	return cache;
}

void *slab_alloc(struct slab_cache *cache)
{
	return take(cache->size, cache->align);
}

void *slab_zalloc(struct slab_cache *cache)
{
	void *object = slab_alloc(cache);
	return object ? memset(object, 0, cache->size) : NULL;
}

void slab_free(struct slab_cache *cache, void *object)
{
	CHECK(object != NULL);
	kfree(object);
}

void *kmalloc(size_t size)
{
	CHECK(size > 0);
	return size <= MIB ? take(size, 8) : NULL;
}

void *kzalloc(size_t size)
{
	void *object = kmalloc(size);
	return object ? memset(object, 0, size) : NULL;
}

void kfree(void *object)
{
	if (object)
		__atomic_fetch_sub(&live, 1, __ATOMIC_RELAXED);
	free(object);
}

void slab_init(void)
{
}
