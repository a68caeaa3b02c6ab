/*
 * Red-black trees, after Cormen, Leiserson, Rivest and Stein, with NULL for the leaves.
 *
 * The invariants, which tests/unit/lib/rbtree_test.c checks after every step:
 *   - an in-order walk is sorted;
 *   - the top is black;
 *   - a red node has no red child;
 *   - every way from a node down to a leaf passes the same number of black nodes.
 * The last two keep the height below 2*log2(n+1), so every operation is logarithmic and none recurses.
 *
 * Both directions of a case are written once: side 0 is left, side 1 is right.
 *
 * Augmented trees: a rotation updates the node that goes down, whose children are then right. All others whose subtrees
 * changed are on the way from the lowest change up to the top, and are updated by rb_update() at the end.
 */
#include "lib/rbtree.h"

static struct rb_node **child_slot(struct rb_node *node, u32 side)
{
	return side == 0 ? &node->left : &node->right;
}

static struct rb_node *child_of(const struct rb_node *node, u32 side)
{
	return side == 0 ? node->left : node->right;
}

static u32 side_of(const struct rb_node *node)
{
	return node == node->parent->left ? 0 : 1;
}

static bool is_red(const struct rb_node *node)
{
	return node != NULL && node->red;
}

/* Makes the parent of old (or the root) point to replacement instead. */
static void replace_child(struct rb_root *root, struct rb_node *old, struct rb_node *replacement)
{
	struct rb_node *parent = old->parent;

	if (parent == NULL)
		root->top = replacement;
	else
		*child_slot(parent, side_of(old)) = replacement;
	if (replacement != NULL)
		replacement->parent = parent;
}

/* Moves node down to the given side; its child on the other side takes its place. */
static void rotate(struct rb_root *root, struct rb_node *node, u32 side, rb_update_t update)
{
	struct rb_node *up = child_of(node, !side);
	struct rb_node *across = child_of(up, side);

	replace_child(root, node, up);
	*child_slot(node, !side) = across;
	if (across != NULL)
		across->parent = node;
	*child_slot(up, side) = node;
	node->parent = up;
	if (update) {
		update(node);
		update(up);
	}
}

void rb_update(struct rb_node *node, rb_update_t update)
{
	for (; node != NULL; node = node->parent)
		update(node);
}

/* node is red, and so may be its parent: the only thing that can be wrong. */
static void fix_insert(struct rb_root *root, struct rb_node *node, rb_update_t update)
{
	while (is_red(node->parent)) {
		struct rb_node *parent = node->parent, *grand = parent->parent;
		u32 side = side_of(parent);
		struct rb_node *uncle = child_of(grand, !side);

		if (is_red(uncle)) {
			parent->red = uncle->red = false;
			grand->red = true;
			node = grand;
			continue;
		}
		if (side_of(node) != side) {
			rotate(root, parent, side, update);
			node = parent;
			parent = node->parent;
		}
		parent->red = false;
		grand->red = true;
		rotate(root, grand, !side, update);
	}
	root->top->red = false;
}

static void insert(
	struct rb_root *root, struct rb_node *node, rb_compare_t compare, rb_update_t update)
{
	struct rb_node *parent = NULL, **slot = &root->top;

	while (*slot != NULL) {
		parent = *slot;
		slot = child_slot(parent, compare(node, parent) < 0 ? 0 : 1);
	}
	*node = (struct rb_node){.parent = parent, .red = true};
	*slot = node;
	if (update)
		rb_update(node, update);
	fix_insert(root, node, update);
}

void rb_insert(struct rb_root *root, struct rb_node *node, rb_compare_t compare)
{
	/* The only node is black. */
	if (root->top == NULL) {
		node->parent = node->left = node->right = NULL;
		node->red = false;
		root->top = node;
		return;
	}
	insert(root, node, compare, NULL);
}

void rb_insert_augmented(
	struct rb_root *root, struct rb_node *node, rb_compare_t compare, rb_update_t update)
{
	insert(root, node, compare, update);
}

/*
 * The ways through node (which may be a leaf, hence parent) have one black node too few. Either a red node close by
 * becomes black and fills the gap, or the sibling turns red and the gap moves up.
 */
static void fix_remove(
	struct rb_root *root, struct rb_node *node, struct rb_node *parent, rb_update_t update)
{
	while (parent != NULL && !is_red(node)) {
		u32 side = node == parent->left ? 0 : 1;
		struct rb_node *sibling = child_of(parent, !side);

		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			rotate(root, parent, side, update);
			sibling = child_of(parent, !side);
		}
		if (!is_red(sibling->left) && !is_red(sibling->right)) {
			sibling->red = true;
			node = parent;
			parent = node->parent;
			continue;
		}
		if (!is_red(child_of(sibling, !side))) {
			child_of(sibling, side)->red = false;
			sibling->red = true;
			rotate(root, sibling, !side, update);
			sibling = child_of(parent, !side);
		}
		sibling->red = parent->red;
		parent->red = false;
		child_of(sibling, !side)->red = false;
		rotate(root, parent, side, update);
		return;
	}
	if (node != NULL)
		node->red = false;
}

/* Puts next, the successor of node and without a left child, in node's place and colour. */
static void take_place(struct rb_root *root, struct rb_node *node, struct rb_node *next)
{
	replace_child(root, node, next);
	next->red = node->red;
	next->left = node->left;
	next->left->parent = next;
	next->right = node->right;
	if (next->right != NULL)
		next->right->parent = next;
}

static void remove_node(struct rb_root *root, struct rb_node *node, rb_update_t update)
{
	/* What leaves its place: node, or its successor if node has two children. It has at most one child. */
	struct rb_node *leaving = node;

	if (node->left != NULL && node->right != NULL)
		leaving = rb_next(node);

	struct rb_node *child = leaving->left != NULL ? leaving->left : leaving->right;
	struct rb_node *parent = leaving->parent;
	bool gap = !leaving->red;

	replace_child(root, leaving, child);
	if (leaving != node) {
		take_place(root, node, leaving);
		if (parent == node)
			parent = leaving;
	}
	/* Before rotations look at what is below them. */
	if (update)
		rb_update(parent, update);
	if (gap)
		fix_remove(root, child, parent, update);
}

void rb_remove(struct rb_root *root, struct rb_node *node)
{
	/* Both NULL: it is alone. */
	if (root->top == node && node->left == node->right) {
		root->top = NULL;
		return;
	}
	remove_node(root, node, NULL);
}

void rb_remove_augmented(struct rb_root *root, struct rb_node *node, rb_update_t update)
{
	remove_node(root, node, update);
}

static struct rb_node *outermost(struct rb_node *node, u32 side)
{
	if (node != NULL)
		while (child_of(node, side) != NULL)
			node = child_of(node, side);
	return node;
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return outermost(root->top, 1);
}

struct rb_node *rb_take_first(struct rb_root *root, struct rb_node *first)
{
	struct rb_node *parent = first->parent, *right = first->right;

	*(parent != NULL ? &parent->left : &root->top) = right;
	if (right == NULL)
		return parent;
	right->parent = parent;
	return outermost(right, 0);
}

static struct rb_node *neighbour(const struct rb_node *node, u32 side)
{
	if (child_of(node, side) != NULL)
		return outermost(child_of(node, side), !side);
	while (node->parent != NULL && side_of(node) == side)
		node = node->parent;
	return node->parent;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return neighbour(node, 1);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return neighbour(node, 0);
}

struct rb_node *rb_lower_bound(
	const struct rb_root *root, const void *key, rb_key_compare_t compare)
{
	struct rb_node *node = root->top, *best = NULL;

	while (node != NULL) {
		if (compare(key, node) <= 0) {
			best = node;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	return best;
}

/* The first of equals. */
struct rb_node *rb_find(const struct rb_root *root, const void *key, rb_key_compare_t compare)
{
	struct rb_node *node = rb_lower_bound(root, key, compare);

	return node != NULL && compare(key, node) == 0 ? node : NULL;
}
