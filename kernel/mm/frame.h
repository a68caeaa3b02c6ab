/*
 * Physical memory: frames of 4 KiB, given out in blocks of 2^order.
 *
 * Every frame has a struct page. A buddy allocator holds the free blocks; each CPU caches single frames in front
 * of it. Any context except NMI; every allocation can fail and returns NULL then.
 */
#ifndef MM_FRAME_H
#define MM_FRAME_H

#include "arch/layout.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/refcount.h"
#include "lib/types.h"

#define FRAME_ORDERS 11 /* blocks of up to 4 MiB */

enum page_state { PAGE_RESERVED, PAGE_FREE, PAGE_USED, PAGE_SLAB, PAGE_TABLE };

/* 32 bytes. Locking key: (f) frame allocator's lock while free, the owner's afterwards; (a) atomic. */
struct page {
	struct list link;     /* (f) free list; the owner's use while allocated */
	struct refcount refs; /* (a) frame_get(), frame_put(): users of an allocated frame */
	u8 state;             /* (f) enum page_state */
	u8 order;             /* (f) of the block that starts here */
	u16 slab_used;        /* slab: objects in use */
	void *owner;          /* slab: its cache; otherwise the owner's */
};

#define FRAME_ZERO 1U /* filled with zeros */

/* A block of 2^order frames with one reference on the first. */
MUST_CHECK struct page *frame_alloc(u32 order, u32 flags);
void frame_get(struct page *page);
/* Drops a reference; the block is freed with the last. */
void frame_put(struct page *page);

u64 frame_free_count(void);
u64 frame_total_count(void);

/* Address conversions. page_of() needs RAM that has a struct page. */
static inline struct page *page_array(void)
{
	return (struct page *)PAGE_ARRAY_BASE;
}
paddr_t page_address_physical(const struct page *page);
struct page *page_of(paddr_t pa);
void *page_address(const struct page *page);

static inline void *direct_map(paddr_t pa)
{
	return (void *)(DIRECT_MAP_BASE + pa.v);
}
static inline paddr_t direct_map_physical(const void *va)
{
	return PADDR((u64)va - DIRECT_MAP_BASE);
}

/* Start-up: gives the allocator everything that boot_info calls RAM and that was not taken by boot_alloc(), the image or
 * the archive. */
void frame_init(void);

#endif
