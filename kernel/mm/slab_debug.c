/*
 * Debug kernels: a freed object is filled with a pattern but for the two bytes of its chain. It
 * must be intact when the object is handed out again, and an object that has it already when it is
 * freed was most likely freed before: then the slab's chain is walked to be sure.
 */
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/slab_private.h"

#define POISON 0x5a
#define CHAIN sizeof(u16)

#ifdef AIRLOCK_DEBUG

static bool is_poisoned(const struct slab_cache *c, const void *object)
{
	const u8 *bytes = object;

	for (size_t i = CHAIN; i < c->object_size; i++)
		if (bytes[i] != POISON)
			return false;
	return true;
}

static bool in_chain(struct slab_cache *c, struct page *slab, const void *object)
{
	u16 n = slab->slab_free;

	for (u32 i = 0; n != UINT16_MAX && i < c->per_slab; i++) {
		const char *at = (char *)page_address(slab) + n * c->size;

		if (at == object)
			return true;
		n = *(const u16 *)(const void *)at;
	}
	return false;
}

void slab_debug_freed(struct slab_cache *c, struct page *slab, void *object)
{
	size_t offset = (size_t)((char *)object - (char *)page_address(slab));

	if (offset % c->size != 0 || offset / c->size >= slab->slab_fresh)
		panic("%p was freed to cache '%s', which never gave it out", object, c->name);
	if (c->object_size > CHAIN && is_poisoned(c, object) && in_chain(c, slab, object))
		panic("object %p of cache '%s' was freed twice", object, c->name);
	memset(object, POISON, c->object_size);
}

void slab_debug_reused(struct slab_cache *c, void *object)
{
	if (!is_poisoned(c, object))
		panic("object %p of cache '%s' was written to while it was free", object, c->name);
}

#else

void slab_debug_freed(struct slab_cache *c, struct page *slab, void *object)
{
}

void slab_debug_reused(struct slab_cache *c, void *object)
{
}

#endif
