/*
 * From a source of pages to the areas that map it, for when pages are taken away from a file.
 *
 * Each area with a source stands in the source's tree, ordered by a number that it gets when it is
 * attached. Whoever takes pages away goes through the tree by rising number. He holds no lock that
 * keeps the tree still, because he needs each address space's mutex: he remembers the number, and
 * goes on with the next higher one. An area that takes pages over from another (it was cut off, or
 * joined, or copied by fork) gets a new number then, so it can't slip by behind him: either it was
 * visited, or what it was made from was visited before, or it will be.
 *
 * An area found in a tree keeps its struct mm: mm's users hold a reference until all its areas are
 * detached, and the tree's lock is held until another reference is taken.
 *
 * Locking: a source's tree has one of a few spinlocks (RANK_SOURCE), chosen by address; inside
 * mm->lock. mm->lock alone guards what else is in an area, but start, offset and source of an area
 * with a source never change while it is attached.
 */
#include "mm/mm_private.h"
#include "sync/spinlock.h"

#define LOCKS 16

static struct spinlock locks[LOCKS];

INIT_TEXT void reverse_init(void)
{
	for (u32 i = 0; i < LOCKS; i++)
		spin_init(&locks[i], "source", RANK_SOURCE);
}

static struct spinlock *lock_of(const struct page_source *s)
{
	return &locks[((u64)s >> 6) % LOCKS];
}

static struct area *area_of(struct rb_node *n)
{
	return rb_entry(n, struct area, source_node);
}

/* The newest stands last. */
static int compare(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct area, source_node)->source_number <
			       rb_entry(b, struct area, source_node)->source_number
		       ? -1
		       : 1;
}

void reverse_attach(struct mm *mm, struct area *a)
{
	struct page_source *s = a->source;
	struct spinlock *lock = lock_of(s);

	spin_lock(lock);
	a->mm = mm;
	a->source_number = ++s->last_number;
	rb_insert(&s->areas, &a->source_node, compare);
	spin_unlock(lock);
}

void reverse_detach(struct area *a)
{
	struct spinlock *lock = lock_of(a->source);

	spin_lock(lock);
	rb_remove(&a->source->areas, &a->source_node);
	a->mm = NULL;
	spin_unlock(lock);
}

struct visit {
	u64 number;
	struct mm *mm; /* with a reference */
	uaddr_t start;
};

/* The first area with a higher number than v's. */
static struct area *find_next(struct page_source *s, u64 number)
{
	struct rb_node *n = s->areas.top;
	struct area *best = NULL;

	while (n) {
		if (area_of(n)->source_number > number) {
			best = area_of(n);
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

static bool visit_next(struct page_source *s, struct visit *v)
{
	struct spinlock *lock = lock_of(s);

	spin_lock(lock);
	struct area *a = find_next(s, v->number);
	if (a) {
		*v = (struct visit){.number = a->source_number, .mm = a->mm, .start = a->start};
		refcount_get(&v->mm->refs);
	}
	spin_unlock(lock);
	return a;
}

static void zap_pages(struct mm *mm, const struct area *a, u64 first, u64 end, bool copies)
{
	u64 area_first = a->offset >> PAGE_SHIFT;
	u64 area_end = area_first + ((a->end - a->start) >> PAGE_SHIFT);
	struct zap z;

	first = MAX(first, area_first);
	end = MIN(end, area_end);
	if (first >= end)
		return;
	uaddr_t from = a->start + ((first - area_first) << PAGE_SHIFT);
	uaddr_t to = a->start + ((end - area_first) << PAGE_SHIFT);
	zap_start(&z, mm);
	if (copies || (a->flags & AREA_SHARED))
		zap_range(&z, from, to);
	else
		zap_range_of(&z, from, to, a->source);
	zap_finish(&z);
}

void mm_unmap_source(struct page_source *s, u64 first, u64 end, bool copies)
{
	struct visit v = {0};

	while (visit_next(s, &v)) {
		mutex_lock(&v.mm->lock);
		struct area *a = area_at(v.mm, v.start);
		/* Otherwise it has gone meanwhile, or has a new number. */
		if (a && a->source == s && a->source_number == v.number)
			zap_pages(v.mm, a, first, end, copies);
		mutex_unlock(&v.mm->lock);
		mm_put_ref(v.mm);
	}
}
