/*
 * Physical memory: frames of 4 KiB, given out in blocks of 2^order.
 *
 * Every frame has a struct page. A buddy allocator holds the free blocks; each CPU caches single
 * frames in front of it. Any context except NMI; every allocation can fail and returns NULL then.
 *
 * A struct page means something only if it is the first of a block, or reserved: those inside a
 * block may never have been written. Frames that start-up kept for itself are PAGE_RESERVED; the
 * archive's have one reference that is never dropped, so that they can be mapped like any other.
 */
#ifndef MM_FRAME_H
#define MM_FRAME_H

#include "arch/layout.h"
#include "arch/page.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/refcount.h"
#include "lib/types.h"

#define FRAME_ORDERS 11 /* blocks of up to 4 MiB */

enum page_state {
	PAGE_RESERVED,
	PAGE_FREE, /* first of a block that the buddy allocator has */
	PAGE_USED,
	PAGE_SLAB,
	PAGE_TABLE,
	PAGE_CACHED, /* a free frame in a CPU's cache */
};

/*
 * 32 bytes. Locking key: (f) frame allocator's lock while free, the owner's afterwards; (a) atomic.
 */
struct page {
	/* (f) free list; the owner's use while allocated */
	struct list link;
	union {
		/* (a) frame_get(), frame_put(): users of an allocated frame */
		struct refcount refs;
		/* slab: first freed object, by number; objects from slab_fresh on were never handed
		 * out */
		struct {
			u16 slab_free, slab_fresh;
		};
	};
	/* (f) enum page_state */
	u8 state;
	/* (f) of the block that starts here */
	u8 order;
	union {
		/* slab: objects in use */
		u16 slab_used;
		/* a store's: only room so far (mm/store.h) */
		u16 unwritten;
	};
	/* slab: its cache; otherwise the owner's */
	void *owner;
};

_Static_assert(sizeof(struct page) == 32, "struct page");

#define FRAME_ZERO 1U /* filled with zeros */
/* For a program: fails while the kernel's reserve would have to be used, so that the kernel itself
 * can go on (end the program, send what it wrote) when programs have used up everything. */
#define FRAME_USER 2U

/* A block of 2^order frames with one reference on the first. */
MUST_CHECK struct page *frame_alloc(u32 order, u32 flags);
/* 2^order adjacent single frames: each with a reference of its own, to be dropped by itself. Only if as much
 * again stays free. */
MUST_CHECK struct page *frame_alloc_singles(u32 order, u32 flags);
void frame_get(struct page *page);
/* Drops a reference; the block is freed with the last. */
void frame_put(struct page *page);
/* The same for a list of single frames (by link) of which the caller has the only reference. */
void frame_put_list(struct list *pages);

/* Free frames, those in the CPUs' caches included: exact when nothing else runs. All frames that
 * were ever free. */
u64 frame_free_count(void);
u64 frame_total_count(void);
/* An allocation with FRAME_USER would fail now. */
bool frame_is_short(void);

/* Address conversions. page_of() needs RAM that has a struct page. */
static inline struct page *page_array(void)
{
	return (struct page *)PAGE_ARRAY_BASE;
}

static inline paddr_t page_address_physical(const struct page *page)
{
	return PADDR((u64)(page - page_array()) << PAGE_SHIFT);
}

static inline struct page *page_of(paddr_t pa)
{
	return page_array() + (pa.v >> PAGE_SHIFT);
}

static inline void *page_address(const struct page *page)
{
	return direct_map(page_address_physical(page));
}

/* Start-up: gives the allocator everything that boot_info calls RAM and that was not taken by
 * boot_alloc(), the image or the archive. Refuses to start if that is too little. */
void frame_init(void);
/* From here on CPUs cache frames: struct cpu can be reached. mm_init() does it. */
void frame_start_caches(void);

#endif
