/* Between slab.c, slab_debug.c and kmalloc.c. */
#ifndef MM_SLAB_PRIVATE_H
#define MM_SLAB_PRIVATE_H

#include "lib/list.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "sync/spinlock.h"

/* All but the list constant. */
struct slab_cache {
	struct spinlock lock;
	struct list partial; /* lock: slabs with room that are not empty, or the one that is kept */
	const char *name;
	size_t object_size; /* as asked for */
	size_t size;	    /* with alignment */
	u32 order;	    /* of a slab */
	u16 per_slab;
};

/* Debug kernels: freed objects are filled with a pattern, checked when they are handed out again;
 * an object freed twice is found. Under the cache's lock. */
void slab_debug_freed(struct slab_cache *c, struct page *slab, void *object);
void slab_debug_reused(struct slab_cache *c, void *object);

#endif
