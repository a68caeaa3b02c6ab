/*
 * The tree against a sorted array: after every insertion and removal the invariants hold and the walk in both
 * directions gives what the array has.
 *
 * Seen to fail: without the recolouring of the uncle in fix_insert() (red child of red), without fix_remove()
 * (black counts differ), with `<= 0` in rb_insert() (equal keys out of order).
 */
// sources: kernel/lib/rbtree.c
#include "unit.h"

#include "lib/rbtree.h"

#define NODES 400

struct item {
	struct rb_node node;
	u32 key;
	u32 value, largest; /* largest of the values in the subtree */
};

static int compare(const struct rb_node *a, const struct rb_node *b)
{
	u32 x = rb_entry(a, struct item, node)->key, y = rb_entry(b, struct item, node)->key;
	return (x > y) - (x < y);
}

static int compare_key(const void *key, const struct rb_node *n)
{
	u32 x = *(const u32 *)key, y = rb_entry(n, struct item, node)->key;
	return (x > y) - (x < y);
}

/* The number of black nodes on every way down; fails if the ways differ. */
static u32 check_subtree(const struct rb_node *n, const struct rb_node *parent)
{
	if (!n)
		return 1;
	assert_ptr_equal(n->parent, parent);
	if (n->red) {
		assert_true(parent && !parent->red);
		assert_true(!n->left || !n->left->red);
		assert_true(!n->right || !n->right->red);
	}
	u32 left = check_subtree(n->left, n), right = check_subtree(n->right, n);
	assert_int_equal(left, right);
	return left + !n->red;
}

static void check_tree(const struct rb_root *root, struct item *const *sorted, u32 count)
{
	check_subtree(root->top, NULL);
	const struct rb_node *n = rb_first(root);
	for (u32 i = 0; i < count; i++, n = rb_next(n))
		assert_ptr_equal(n, &sorted[i]->node);
	assert_null(n);
	n = rb_last(root);
	for (u32 i = count; i-- > 0; n = rb_prev(n))
		assert_ptr_equal(n, &sorted[i]->node);
	assert_null(n);
}

static u32 array_insert(struct item **sorted, u32 count, struct item *it)
{
	u32 at = count;

	for (; at > 0 && sorted[at - 1]->key > it->key; at--)
		sorted[at] = sorted[at - 1];
	sorted[at] = it;
	return count + 1;
}

static u32 array_remove(struct item **sorted, u32 count, u32 at)
{
	for (; at + 1 < count; at++)
		sorted[at] = sorted[at + 1];
	return count - 1;
}

static void check_lookup(const struct rb_root *root, struct item *const *sorted, u32 count, u32 key)
{
	u32 at = 0;

	while (at < count && sorted[at]->key < key)
		at++;
	const struct rb_node *bound = at < count ? &sorted[at]->node : NULL;
	const struct rb_node *found = bound && sorted[at]->key == key ? bound : NULL;
	assert_ptr_equal(rb_lower_bound(root, &key, compare_key), bound);
	assert_ptr_equal(rb_find(root, &key, compare_key), found);
}

static u32 largest_below(const struct rb_node *n)
{
	return n ? rb_entry(n, struct item, node)->largest : 0;
}

static void update_largest(struct rb_node *n)
{
	struct item *it = rb_entry(n, struct item, node);
	u32 below = MAX(largest_below(n->left), largest_below(n->right));
	it->largest = MAX(it->value, below);
}

/* The subtree's largest value, found by looking at all of it. */
static u32 check_largest(const struct rb_node *n)
{
	if (!n)
		return 0;
	const struct item *it = rb_entry(n, struct item, node);
	u32 below = MAX(check_largest(n->left), check_largest(n->right));
	assert_int_equal(it->largest, MAX(it->value, below));
	return it->largest;
}

static void test_augmented(void **state)
{
	static struct item items[NODES];
	struct item *sorted[NODES], *unused[NODES];
	struct rb_root root = {NULL};
	u32 count = 0, free_count = NODES;

	for (u32 i = 0; i < NODES; i++)
		unused[i] = &items[i];
	for (u32 i = 0; i < 6000; i++) {
		u32 what = (u32)unit_random_below(100), grow = i / 500 % 2 == 0 ? 60 : 30;
		u32 at = count ? (u32)unit_random_below(count) : 0;
		if (what < grow && free_count > 0) {
			struct item *it = unused[--free_count];
			it->key = (u32)unit_random_below(500);
			it->value = (u32)unit_random_below(1000) + 1;
			rb_insert_augmented(&root, &it->node, compare, update_largest);
			count = array_insert(sorted, count, it);
		} else if (what < 90 && count > 0) {
			rb_remove_augmented(&root, &sorted[at]->node, update_largest);
			unused[free_count++] = sorted[at];
			count = array_remove(sorted, count, at);
		} else if (count > 0) {
			sorted[at]->value = (u32)unit_random_below(1000) + 1;
			rb_update(&sorted[at]->node, update_largest);
		}
		check_tree(&root, sorted, count);
		check_largest(root.top);
	}
}

static void test_empty(void **state)
{
	struct rb_root root = {NULL};
	u32 key = 1;

	assert_null(rb_first(&root));
	assert_null(rb_last(&root));
	assert_null(rb_find(&root, &key, compare_key));
	assert_null(rb_lower_bound(&root, &key, compare_key));
}

/* keys: how many different ones; few make many equal nodes. */
static void churn(u32 keys, u32 steps)
{
	static struct item items[NODES];
	struct item *sorted[NODES], *unused[NODES];
	struct rb_root root = {NULL};
	u32 count = 0, free_count = NODES;

	for (u32 i = 0; i < NODES; i++)
		unused[i] = &items[i];
	for (u32 i = 0; i < steps; i++) {
		/* Grows for a while, then shrinks, so that every size is passed through. */
		bool grow = unit_random_below(100) < (i / 500 % 2 == 0 ? 70 : 30);
		if (grow && free_count > 0) {
			struct item *it = unused[--free_count];
			it->key = (u32)unit_random_below(keys);
			rb_insert(&root, &it->node, compare);
			count = array_insert(sorted, count, it);
		} else if (count > 0) {
			u32 at = (u32)unit_random_below(count);
			rb_remove(&root, &sorted[at]->node);
			unused[free_count++] = sorted[at];
			count = array_remove(sorted, count, at);
		}
		check_tree(&root, sorted, count);
		check_lookup(&root, sorted, count, (u32)unit_random_below(keys + 1));
	}
	while (count > 0) {
		rb_remove(&root, &sorted[count - 1]->node);
		count = array_remove(sorted, count, count - 1);
		check_tree(&root, sorted, count);
	}
	assert_null(root.top);
}

static void test_churn_distinct(void **state)
{
	churn(1000000, 6000);
}

static void test_churn_equal(void **state)
{
	churn(20, 6000);
}

/* Every order of inserting, and of removing, up to six nodes. */
static void permute(u32 *order, u32 n, u32 at, void (*visit)(const u32 *order, u32 n))
{
	if (at == n) {
		visit(order, n);
		return;
	}
	for (u32 i = at; i < n; i++) {
		u32 t = order[at];
		order[at] = order[i];
		order[i] = t;
		permute(order, n, at + 1, visit);
		order[i] = order[at];
		order[at] = t;
	}
}

static const u32 *insert_order;
static u32 insert_count;

static void remove_in_order(const u32 *order, u32 n)
{
	struct item items[8];
	struct item *sorted[8];
	struct rb_root root = {NULL};
	u32 count = 0;

	for (u32 i = 0; i < insert_count; i++) {
		items[insert_order[i]].key = insert_order[i];
		rb_insert(&root, &items[insert_order[i]].node, compare);
		count = array_insert(sorted, count, &items[insert_order[i]]);
	}
	check_tree(&root, sorted, count);
	for (u32 i = 0; i < n; i++) {
		u32 at = 0;
		while (sorted[at]->key != order[i])
			at++;
		rb_remove(&root, &sorted[at]->node);
		count = array_remove(sorted, count, at);
		check_tree(&root, sorted, count);
	}
}

static void remove_all_orders(const u32 *order, u32 n)
{
	u32 removal[8];

	insert_order = order;
	insert_count = n;
	for (u32 i = 0; i < n; i++)
		removal[i] = i;
	permute(removal, n, 0, remove_in_order);
}

static void test_all_orders(void **state)
{
	for (u32 n = 1; n <= 5; n++) {
		u32 order[8];
		for (u32 i = 0; i < n; i++)
			order[i] = i;
		permute(order, n, 0, remove_all_orders);
	}
}

static void test_rising_and_falling(void **state)
{
	for (int falling = 0; falling < 2; falling++) {
		static struct item items[NODES];
		struct item *sorted[NODES];
		struct rb_root root = {NULL};
		u32 count = 0;
		for (u32 i = 0; i < NODES; i++) {
			items[i].key = falling ? NODES - i : i;
			rb_insert(&root, &items[i].node, compare);
			count = array_insert(sorted, count, &items[i]);
			check_tree(&root, sorted, count);
		}
	}
}

/* Seen to fail: when the right subtree of the first node was forgotten. */
static void test_take_apart(void **state)
{
	static struct item items[NODES];
	struct rb_root root = {NULL};

	for (u32 i = 0; i < NODES; i++) {
		items[i].key = (i * 7919U) % NODES;
		rb_insert(&root, &items[i].node, compare);
	}
	struct rb_node *n = rb_first(&root);
	for (u32 key = 0; key < NODES; key++) {
		assert_non_null(n);
		assert_int_equal(rb_entry(n, struct item, node)->key, key);
		assert_ptr_equal(n, rb_first(&root));
		n = rb_take_first(&root, n);
	}
	assert_null(n);
	assert_null(root.top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take_apart),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_all_orders),
		cmocka_unit_test(test_rising_and_falling),
		cmocka_unit_test(test_churn_distinct),
		cmocka_unit_test(test_churn_equal),
		cmocka_unit_test(test_augmented),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
