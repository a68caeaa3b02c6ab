/* Between the files of the frame allocator. */
#ifndef MM_FRAME_PRIVATE_H
#define MM_FRAME_PRIVATE_H

#include "mm/frame.h"

/* Any context but NMI. */
struct page *buddy_alloc(u32 order);
void buddy_free(struct page *page, u32 order);
/* n single frames, or fewer, appended to the list: how many. */
u32 buddy_alloc_list(struct list *to, u32 n);
void buddy_free_list(struct list *pages);
u64 buddy_free_frames(void);

/* Whole frames that become free for the first time, and count from now on. */
void frame_add(paddr_t start, paddr_t end);
/* [start, end), whole frames whose struct pages are all PAGE_RESERVED or that lie in whole largest
 * blocks. */
void buddy_add(paddr_t start, paddr_t end);

/* A single frame by way of this CPU's cache. */
struct page *cache_alloc(void);
void cache_free(struct page *page);
/* Gives all of this CPU's cache back; true if there was something. */
#define CACHE_BATCH 32
bool cache_drain(void);
/* Whether programs can have that many frames more. */
bool frame_has(u64 n);
u64 cache_frames(void);

/* Debug kernels clear all of the array at start-up: what it held before a reset must not be taken
 * for their own notes. */
#ifdef AIRLOCK_DEBUG
#define FRAME_DEBUG true
#else
#define FRAME_DEBUG false
#endif

/* Debug kernels: free frames are filled with a pattern, and looked at again when they are handed
 * out. */
void frame_debug_free(struct page *page, u32 order);
void frame_debug_alloc(struct page *page, u32 order);

#endif
