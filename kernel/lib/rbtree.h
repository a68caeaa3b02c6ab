/*
 * Intrusive red-black trees. No locking here: the owner names its lock.
 *
 * Ordering is the caller's: a comparison function returns <0, 0 or >0 for a against b. Equal nodes may stand in one
 * tree; a later one goes to the right of the earlier.
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include "lib/types.h"

struct rb_node {
	struct rb_node *parent, *left, *right;
	bool red;
};

struct rb_root {
	struct rb_node *top;
};

typedef int (*rb_compare_t)(const struct rb_node *a, const struct rb_node *b);
/* key against node: <0 if the key sorts before the node. */
typedef int (*rb_key_compare_t)(const void *key, const struct rb_node *node);

void rb_insert(struct rb_root *root, struct rb_node *node, rb_compare_t compare);
void rb_remove(struct rb_root *root, struct rb_node *node);

/*
 * Trees whose nodes also hold something about their whole subtree (say, the largest of its values). update computes that
 * of one node from the node itself and its children's; it is called for every node whose subtree changed, children
 * first. A tree that is augmented is changed through these alone.
 */
typedef void (*rb_update_t)(struct rb_node *node);

void rb_insert_augmented(
	struct rb_root *root, struct rb_node *node, rb_compare_t compare, rb_update_t update);
void rb_remove_augmented(struct rb_root *root, struct rb_node *node, rb_update_t update);
/* The node's own part changed (but not its place in the order). */
void rb_update(struct rb_node *node, rb_update_t update);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);
struct rb_node *rb_find(const struct rb_root *root, const void *key, rb_key_compare_t compare);
/* The first node that does not sort before the key, or NULL. */
struct rb_node *rb_lower_bound(
	const struct rb_root *root, const void *key, rb_key_compare_t compare);

static inline struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *node = root->top;

	while (node != NULL && node->left != NULL)
		node = node->left;
	return node;
}

/* Takes the first node out of a tree that is being taken apart, and returns the one that is first then, or NULL. The order stays,
 * the balance and what augmented nodes hold do not: nothing else may be done with the tree any more but to look. */
struct rb_node *rb_take_first(struct rb_root *root, struct rb_node *first);

#define rb_entry(n, type, member) CONTAINER_OF(n, type, member)

#endif
