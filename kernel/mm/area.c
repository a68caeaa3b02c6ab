/*
 * The areas of an address space, in a red-black tree by address.
 *
 * They do not overlap. Each node also holds, about its subtree: where the first area begins, where
 * the last one ends, and the largest gap between two neighbours. So a place of a given size is
 * found in logarithmic time, from the top down. In all three an area that is a stack begins a guard
 * gap below its start, so no place is found there.
 *
 * Lock: mm->lock.
 */
#include "lib/assert.h"
#include "mm/commit.h"
#include "mm/mm_private.h"
#include "mm/slab.h"

RO_AFTER_INIT static struct slab_cache *cache;

INIT_TEXT void area_init(void)
{
	cache = slab_cache_create("area", sizeof(struct area), 0);
}

struct area *area_alloc(void)
{
	/* A program can make many areas without touching a page: they, too, leave the kernel its
	 * reserve. */
	return frame_is_short() ? NULL : slab_alloc(cache);
}

void area_free(struct area *a)
{
	if (a)
		slab_free(cache, a);
}

void area_copy(struct area *new, const struct area *a)
{
	*new = (struct area){
		.start = a->start,
		.end = a->end,
		.prot = a->prot,
		.flags = a->flags,
		.source = a->source,
		.offset = a->offset,
		.source_bytes = a->source_bytes,
	};
	if (new->source)
		new->source->ops->get(new->source);
}

static struct area *area_of(const struct rb_node *n)
{
	return n ? rb_entry(n, struct area, node) : NULL;
}

struct area *area_next(const struct area *a)
{
	return area_of(rb_next(&a->node));
}

struct area *area_prev(const struct area *a)
{
	return area_of(rb_prev(&a->node));
}

static uaddr_t guarded_start(const struct area *a)
{
	return a->flags & AREA_STACK ? a->start - MIN(a->start, STACK_GUARD_GAP) : a->start;
}

static u64 gap(uaddr_t from, uaddr_t to)
{
	return from < to ? to - from : 0;
}

static void update(struct rb_node *node)
{
	struct area *a = area_of(node), *left = area_of(node->left), *right = area_of(node->right);

	a->tree_start = left ? left->tree_start : guarded_start(a);
	a->tree_end = right ? right->tree_end : a->end;
	a->tree_gap = 0;
	if (left)
		a->tree_gap = MAX(left->tree_gap, gap(left->tree_end, guarded_start(a)));
	if (right)
		a->tree_gap =
			MAX(a->tree_gap, MAX(right->tree_gap, gap(a->end, right->tree_start)));
}

static int compare(const struct rb_node *a, const struct rb_node *b)
{
	return area_of(a)->start < area_of(b)->start ? -1 : 1;
}

struct area *area_at_or_after(const struct mm *mm, uaddr_t va)
{
	struct rb_node *n = mm->areas.top;
	struct area *best = NULL;

	while (n) {
		struct area *a = area_of(n);

		if (a->end > va) {
			best = a;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

struct area *area_at(const struct mm *mm, uaddr_t va)
{
	struct rb_node *n = mm->areas.top;

	while (n) {
		struct area *a = area_of(n);

		if (va < a->start)
			n = n->left;
		else if (va >= a->end)
			n = n->right;
		else
			return a;
	}
	return NULL;
}

bool area_covers(const struct mm *mm, uaddr_t start, uaddr_t end)
{
	struct area *a = area_at(mm, start);

	while (a && a->end < end && area_next(a) && area_next(a)->start == a->end)
		a = area_next(a);
	return a && a->end >= end;
}

/* Stacks are not data for RLIMIT_DATA, though private and written. */
static bool is_data(const struct area *a)
{
	return (a->prot & PT_WRITE) && !(a->flags & (AREA_SHARED | AREA_STACK));
}

static bool is_code(const struct area *a)
{
	return (a->prot & (PT_EXEC | PT_WRITE)) == PT_EXEC && !(a->flags & AREA_STACK);
}

/* Adds n pages (modulo 2^64) of the area's kind to the counts. */
static void account(struct mm *mm, const struct area *a, u64 n)
{
	mm->mapped_pages += n;
	mm->mapped_peak = MAX(mm->mapped_peak, mm->mapped_pages);
	mm->data_pages += is_data(a) ? n : 0;
	mm->stack_pages += a->flags & AREA_STACK ? n : 0;
	mm->exec_pages += is_code(a) ? n : 0;
	mm->locked_pages += a->flags & AREA_LOCKED ? n : 0;
	if (a->flags & AREA_ACCOUNT)
		commit_add(n);
}

static u64 pages_of(const struct area *a)
{
	return (a->end - a->start) / PAGE_SIZE;
}

void area_set_flags(struct mm *mm, struct area *a, u32 set, u32 clear)
{
	account(mm, a, -pages_of(a));
	a->flags = (a->flags & ~clear) | set;
	account(mm, a, pages_of(a));
}

void area_set_prot(struct mm *mm, struct area *a, u32 prot)
{
	account(mm, a, -pages_of(a));
	a->prot = prot;
	account(mm, a, pages_of(a));
}

bool page_source_begin_write(struct page_source *s)
{
	u64 old = atomic64_load_relaxed(&s->writable);

	do {
		if ((s64)old < 0)
			return false;
	} while (!atomic64_compare_exchange(&s->writable, &old, old + 1));
	return true;
}

void page_source_end_write(struct page_source *s)
{
	atomic64_fetch_sub(&s->writable, 1);
}

/* Whoever links one either has page_source_begin_write()'s consent, or makes another of one that is
 * there: it can't be denied meanwhile. */
static void count_writable(const struct area *a, u64 change)
{
	u32 both = AREA_SHARED | AREA_MAY_WRITE;

	if (a->source && (a->flags & both) == both)
		atomic64_fetch_add(&a->source->writable, change);
}

void area_link(struct mm *mm, struct area *a)
{
	ASSERT(a->start < a->end && IS_ALIGNED(a->start | a->end, PAGE_SIZE));
	rb_insert_augmented(&mm->areas, &a->node, compare, update);
	if (a->source && !mm->hidden)
		reverse_attach(mm, a);
	count_writable(a, 1);
	mm->area_count++;
	account(mm, a, pages_of(a));
}

/* All that an area means besides its place in the tree. */
static void forget(struct mm *mm, struct area *a)
{
	count_writable(a, -1UL);
	if (a->mm)
		reverse_detach(a);
	mm->area_count--;
	account(mm, a, -pages_of(a));
}

void area_unlink(struct mm *mm, struct area *a)
{
	forget(mm, a);
	rb_remove_augmented(&mm->areas, &a->node, update);
}

struct area *area_unlink_first(struct mm *mm, struct area *a)
{
	forget(mm, a);
	struct rb_node *next = rb_take_first(&mm->areas, &a->node);
	return next ? rb_entry(next, struct area, node) : NULL;
}

void area_set_start(struct mm *mm, struct area *a, uaddr_t start)
{
	ASSERT(!a->source && start < a->end);
	account(mm, a, (u64)((s64)(a->start - start) / (s64)PAGE_SIZE));
	a->start = start;
	rb_update(&a->node, update);
}

void area_set_end(struct mm *mm, struct area *a, uaddr_t end)
{
	account(mm, a, (u64)((s64)(end - a->end) / (s64)PAGE_SIZE));
	a->end = end;
	rb_update(&a->node, update);
}

struct search {
	u64 length;
	uaddr_t low, high;
	uaddr_t found;
};

static bool fits(struct search *s, uaddr_t from, uaddr_t to)
{
	from = MAX(from, s->low);
	to = MIN(to, s->high);
	if (gap(from, to) < s->length)
		return false;
	s->found = to - s->length;
	return true;
}

/*
 * The highest gap in a subtree, the two at its ends included: the areas before and after it end at
 * from and begin at to. Recursion is as deep as the tree, at most 2*log2(AREAS_MAX + 1) = 32
 * levels.
 */
/* NOLINTNEXTLINE(misc-no-recursion): see above. */
static bool search(struct search *s, const struct rb_node *n, uaddr_t from, uaddr_t to)
{
	if (!n)
		return fits(s, from, to);
	const struct area *a = area_of(n);
	u64 most = MAX(a->tree_gap, MAX(gap(from, a->tree_start), gap(a->tree_end, to)));

	if (most < s->length || from >= s->high || to <= s->low)
		return false;
	return search(s, n->right, a->end, to) || search(s, n->left, from, guarded_start(a));
}

bool area_find_gap(const struct mm *mm, u64 length, uaddr_t low, uaddr_t high, uaddr_t *out)
{
	struct search s = {.length = length, .low = low, .high = high};

	if (!search(&s, mm->areas.top, 0, USER_END))
		return false;
	*out = s.found;
	return true;
}
