/*
 * A page store: pages by number, with a size in bytes. The page cache of a file that lives in
 * memory, and what shared anonymous memory is made of: read, write and every mapping use the same
 * frames.
 *
 * A store is a page_source (its `source` goes to mm_map()); who embeds it counts references through
 * its operations.
 *
 * Locking: store->lock (a spinlock, RANK_STORE) guards pages and size. Changes of the size, and
 * page_store_punch() beside them, are serialised by the owner, whose lock comes before RANK_MM_MAP, because
 * pages that go are taken out of all address spaces. Where the size is constant nothing needs to be
 * serialised: two that make holes each take pages out of the tree, and all mappings of both out.
 */
#ifndef MM_STORE_H
#define MM_STORE_H

#include "lib/compiler.h"
#include "mm/mm.h"
#include "mm/page_tree.h"
#include "sync/spinlock.h"

struct page_store;
struct page_store_ops {
	/* The contents of a page that is not there yet, in a frame with a reference for the caller.
	 * NULL: zeros. May sleep; no lock of the store is held, and it may be asked twice. */
	int (*fill)(struct page_store *s, u64 index, struct page **out);
	/* The source's, see mm/mm.h. */
	void (*get)(struct page_store *s);
	void (*put)(struct page_store *s);
	const char *(*name)(struct page_store *s);
	/* The source's, too; NULL: page_store_punch(), for stores of a constant size. */
	int (*punch)(struct page_store *s, u64 start, u64 end);
};

struct page_store {
	struct page_source source;
	const struct page_store_ops *ops; /* constant */
	struct spinlock lock;
	struct page_tree pages; /* lock; the store has a reference on each */
	u64 page_count;		/* lock */
	u64 size;		/* lock; read without it for a glance */
};

void page_store_init(struct page_store *s, const struct page_store_ops *ops, u64 size);
/* Drops all pages. Nobody maps or uses it any more. */
void page_store_destroy(struct page_store *s);

/*
 * The page with that number, with a reference. STORE_CREATE: made if it is missing, also past the
 * end of the file (a write comes before the new size); otherwise *out is NULL for a hole. 0 or
 * -ENOMEM, or what fill says. May sleep.
 */
#define STORE_CREATE 1U
/* With STORE_CREATE: what is made is room alone, until somebody asks for the page to write or to map it. */
#define STORE_ROOM 2U
MUST_CHECK int page_store_get(struct page_store *s, u64 index, u32 flags, struct page **out);

/* Takes away what is nothing but room of [first, end): pages. Nobody has it mapped. */
void page_store_give_back(struct page_store *s, u64 first, u64 end);
/* Only room, of a page that page_store_get() gave: a word that may change at any time. */
static inline bool page_is_room(const struct page *page)
{
	return READ_ONCE(page->unwritten);
}

/* True if the source is a store, and one with these operations. */
bool page_store_is(const struct page_source *source, const struct page_store_ops *ops);
u64 page_store_size(const struct page_store *s);
/* Grows or shrinks: what lies behind the end goes, from every mapping too, and the rest of the last
 * page becomes zero. May sleep. */
void page_store_set_size(struct page_store *s, u64 size);
/* fallocate's hole: whole pages go, parts of pages become zero. */
void page_store_punch(struct page_store *s, u64 start, u64 end);

/* Shared anonymous memory: a store with one reference for the caller, or NULL. */
MUST_CHECK struct page_source *page_store_create_anonymous(u64 size);

/* Of one that nobody else has seen: so much of it is promised until it goes. 0 or -ENOMEM. */
MUST_CHECK int page_store_promise_anonymous(struct page_source *source, u64 pages);

void page_store_set_up(void);

#endif
