/*
 * From page numbers to pages: a radix tree of nodes with 64 slots. Small where few pages are, and a
 * lookup costs one step for every six bits of the largest number.
 *
 * No locking: the owner names its lock, which may be a spinlock. References are the owner's.
 */
#ifndef MM_PAGE_TREE_H
#define MM_PAGE_TREE_H

#include "lib/compiler.h"
#include "lib/types.h"

struct page;

/* Zeroed: empty. With height 0 top is the page number 0 itself, otherwise a node. */
struct page_tree {
	void *top;
	u32 height;
};

/* NULL if there is none. */
struct page *page_tree_get(const struct page_tree *t, u64 index);
/* Of the pages that `wanted` names (bit i: first + i) those that there are: out[i], and their bits. */
u64 page_tree_get_some(const struct page_tree *t, u64 first, u64 wanted, struct page *out[64]);
/* Where none is. 0 or -ENOMEM. */
MUST_CHECK int page_tree_add(struct page_tree *t, u64 index, struct page *page);
/* Takes the page out, with the nodes that are empty then; NULL if there is none. */
struct page *page_tree_remove(struct page_tree *t, u64 index);
/* The first at or after *index and before end, whose number *index then is; or NULL. */
struct page *page_tree_next(const struct page_tree *t, u64 *index, u64 end);

void page_tree_init(void);

#endif
