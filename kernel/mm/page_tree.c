/*
 * The radix tree of pages.
 *
 * A tree of height h has numbers below 64^h: a node of level l (h at the top, 1 at the bottom) has
 * in slot i what lies at i * 64^(l-1) from its start. No node but a tree's only one is without
 * entries, and the top grows when a number does not fit; it shrinks again only when the tree gets
 * empty.
 */
#include "mm/page_tree.h"

#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define BITS 6
#define SLOTS (1U << BITS)
/* 64^11 covers all numbers. */
#define LEVELS 11

struct node {
	void *slot[SLOTS];
	u32 used;
};

RO_AFTER_INIT static struct slab_cache *cache;

INIT_TEXT void page_tree_init(void)
{
	cache = slab_cache_create("page tree", sizeof(struct node), 0);
}

static bool fits(const struct page_tree *t, u64 index)
{
	return t->height >= LEVELS || index >> (BITS * t->height) == 0;
}

static u32 slot_of(u64 index, u32 level)
{
	return (index >> (BITS * (level - 1))) & (SLOTS - 1);
}

struct page *page_tree_get(const struct page_tree *t, u64 index)
{
	void *at = t->top;

	if (!fits(t, index))
		return NULL;
	for (u32 level = t->height; at && level > 0; level--)
		at = ((struct node *)at)->slot[slot_of(index, level)];
	return at;
}

/* The lowest node on the way to index, of a tree that has nodes. */
static const struct node *lowest(const struct page_tree *t, u64 index)
{
	const struct node *n = fits(t, index) ? t->top : NULL;

	for (u32 level = t->height; n && level > 1; level--)
		n = n->slot[slot_of(index, level)];
	return n;
}

/* Of a node's slots those that `here` names, bit i being slot first + i. */
static u64 get_from(const struct node *n, u32 first, u64 here, struct page *out[64])
{
	u64 found = 0;

	for (here = n ? here : 0; here; here &= here - 1) {
		u32 i = (u32)__builtin_ctzl(here);

		out[i] = n->slot[first + i];
		found |= (u64)(out[i] != NULL) << i;
	}
	return found;
}

/* Of a tree without nodes. */
static u64 get_only(const struct page_tree *t, u64 index, u32 i, struct page *out[64])
{
	out[i] = page_tree_get(t, index);
	return (u64)(out[i] != NULL) << i;
}

u64 page_tree_get_some(const struct page_tree *t, u64 first, u64 wanted, struct page *out[64])
{
	u64 found = 0;

	while (wanted) {
		u32 i = (u32)__builtin_ctzl(wanted), slot = slot_of(first + i, 1);
		/* Those that the same node has. */
		u64 here = wanted & (slot > i ? BIT(SLOTS - slot + i) - 1 : ~0UL);

		wanted &= ~here;
		if (t->height == 0)
			found |= get_only(t, first + i, i, out);
		else
			found |= get_from(lowest(t, first + i), slot - i, here, out);
	}
	return found;
}

static struct node *add_node(void **slot)
{
	*slot = slab_zalloc(cache);
	return *slot;
}

/* Puts a node above the top. */
static int grow(struct page_tree *t)
{
	void *below = t->top;

	if (below) {
		struct node *n = add_node(&t->top);

		if (!n) {
			t->top = below;
			return -ENOMEM;
		}
		n->slot[0] = below;
		n->used = 1;
	}
	t->height++;
	return 0;
}

/* Takes out the nodes on the way to index that are empty, from below. */
static void prune(struct page_tree *t, u64 index)
{
	void **path[LEVELS + 1];
	u32 level = t->height;

	path[level] = &t->top;
	for (; level > 0 && *path[level]; level--)
		path[level - 1] = &((struct node *)*path[level])->slot[slot_of(index, level)];
	for (level++; level <= t->height; level++) {
		struct node *n = *path[level];

		if (n->used > 0)
			return;
		slab_free(cache, n);
		*path[level] = NULL;
		if (level < t->height)
			((struct node *)*path[level + 1])->used--;
	}
	if (!t->top)
		t->height = 0;
}

int page_tree_add(struct page_tree *t, u64 index, struct page *page)
{
	struct node *above = NULL;
	void **slot = &t->top;

	while (!fits(t, index))
		if (grow(t))
			return -ENOMEM;
	for (u32 level = t->height; level > 0; level--) {
		if (!*slot && !add_node(slot)) {
			prune(t, index);
			return -ENOMEM;
		}
		if (above && ((struct node *)*slot)->used == 0)
			above->used++;
		above = *slot;
		slot = &above->slot[slot_of(index, level)];
	}
	ASSERT(!*slot);
	*slot = page;
	if (above)
		above->used++;
	return 0;
}

struct page *page_tree_remove(struct page_tree *t, u64 index)
{
	struct node *node = NULL;
	void **slot = &t->top;

	if (!fits(t, index))
		return NULL;
	for (u32 level = t->height; *slot && level > 0; level--) {
		node = *slot;
		slot = &node->slot[slot_of(index, level)];
	}
	struct page *page = *slot;
	if (!page)
		return NULL;
	*slot = NULL;
	if (node)
		node->used--;
	prune(t, index);
	return page;
}

/* What node, of the given level, has first in [*index, end), all of which it covers or more. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tree, LEVELS at most. */
static struct page *next_below(void *at, u32 level, u64 *index, u64 end)
{
	if (!at || level == 0)
		return at;
	const struct node *n = at;
	u64 step = 1UL << (BITS * (level - 1));

	for (u32 i = slot_of(*index, level); i < SLOTS && *index < end; i++) {
		u64 behind = (*index & ~(step - 1)) + step;
		struct page *page = next_below(n->slot[i], level - 1, index, end);

		if (page)
			return page;
		*index = behind;
	}
	return NULL;
}

struct page *page_tree_next(const struct page_tree *t, u64 *index, u64 end)
{
	if (*index >= end || !fits(t, *index))
		return NULL;
	return next_below(t->top, t->height, index, end);
}
