/*
 * Small objects: a slab allocator on top of frames. Any context except NMI.
 *
 * kmalloc() serves up to 1 MiB: power-of-two caches below a page, whole frames above.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include "lib/compiler.h"
#include "lib/types.h"

struct slab_cache;

/* Never freed; panics if memory runs out during start-up, when all are made. align 0: the natural
 * one. */
struct slab_cache *slab_cache_create(const char *name, size_t size, size_t align);
MUST_CHECK void *slab_alloc(struct slab_cache *cache);	/* not zeroed; NULL if memory ran out */
MUST_CHECK void *slab_zalloc(struct slab_cache *cache); /* zeroed */
void slab_free(struct slab_cache *cache, void *object);

MUST_CHECK void *kmalloc(size_t size);
MUST_CHECK void *kzalloc(size_t size);
void kfree(void *object); /* NULL is fine */

/* Debug kernels: the name of cache number index and how many of its objects are in use; false beyond the last. */
bool slab_usage(u32 index, const char **name, u64 *objects);

void slab_init(void);

#endif
