/* Between slab.c, slab_debug.c and kmalloc.c. */
#ifndef MM_SLAB_PRIVATE_H
#define MM_SLAB_PRIVATE_H

#include "lib/atomic.h"
#include "lib/list.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "sanitize/kasan.h"
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
#ifdef AIRLOCK_DEBUG
	atomic64_t in_use; /* objects handed out and not given back */
#endif
};

static inline void slab_count(struct slab_cache *c, s64 change)
{
#ifdef AIRLOCK_DEBUG
	atomic64_fetch_add(&c->in_use, (u64)change);
#endif
}

/* For kmalloc(), whose sizes are rounded up already: size is that of an object's whole place. */
struct slab_cache *slab_cache_create_place(
	const char *name, size_t object_size, size_t size, size_t align);
/* slab_alloc() on behalf of a site. */
MUST_CHECK void *slab_alloc_for(struct slab_cache *c, const void *caller);
/* Really gives the object back: slab_free() without the quarantine. */
void slab_release(struct slab_cache *c, void *object);
/* Gives the frames of all empty slabs back. */
void slab_trim(void);
struct page *slab_page_of(const struct slab_cache *c, const void *object);

/* Debug kernels: freed objects are filled with a pattern, checked when they are handed out again;
 * an object freed twice is found. Under the cache's lock. */
void slab_debug_freed(struct slab_cache *c, struct page *slab, void *object);
void slab_debug_reused(struct slab_cache *c, void *object);

/*
 * The address sanitizer's part (slab_kasan.c); empty but in its variant. A freed object stays in quarantine, unusable, until
 * many others were freed after it, so that late uses of it find it still free.
 */
#if defined(AIRLOCK_KASAN) || defined(KASAN_RUNTIME)
/* A new slab: nothing in it may be used. */
void slab_kasan_made(struct slab_cache *c, struct page *slab);
/* Handed out, size bytes of it. The object is the caller's. */
void slab_kasan_alloc(struct slab_cache *c, void *object, size_t size);
/* True if the object stays in quarantine. No slab's lock is held. */
bool slab_kasan_free(struct slab_cache *c, void *object);
/* Around the release of an object; under the cache's lock. */
void slab_kasan_open(struct slab_cache *c, void *object);
void slab_kasan_close(struct slab_cache *c, void *object);
/* Reports the objects of a slab that leak.h asks for: how many. */
u32 slab_kasan_leaks(const struct page *slab);
/* Releases all that is in quarantine. Any context but NMI. */
void slab_kasan_flush(void);
#else
static inline void slab_kasan_made(struct slab_cache *c, struct page *slab)
{
}

static inline void slab_kasan_alloc(struct slab_cache *c, void *object, size_t size)
{
}

static inline bool slab_kasan_free(struct slab_cache *c, void *object)
{
	return false;
}

static inline void slab_kasan_open(struct slab_cache *c, void *object)
{
}

static inline void slab_kasan_close(struct slab_cache *c, void *object)
{
}

static inline u32 slab_kasan_leaks(const struct page *slab)
{
	return 0;
}

static inline void slab_kasan_flush(void)
{
}
#endif

#endif
