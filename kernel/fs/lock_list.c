/*
 * What a list of held locks says, and what becomes of it when somebody gets, changes or gives back a range.
 *
 * An owner has at most one lock on each byte: a new one takes the place of the old, so the old ones are cut, split in two, or swallowed;
 * neighbours of one type become one. The order of a list is as struct lock_set says: that of Linux, which decides of which lock F_GETLK
 * tells when several are in the way. flock's locks have all bytes, and so are never cut.
 */
#include "fs/lock_private.h"
#include "lib/errno.h"

static bool overlap(const struct lock_claim *a, const struct lock_claim *b)
{
	return a->first <= b->last && b->first <= a->last;
}

struct file_lock *lock_list_conflict(struct list *held, const struct lock_claim *c)
{
	struct file_lock *l;

	if (c->type == F_UNLCK)
		return NULL;
	list_for_each_entry (l, held, link)
		if (l->claim.owner != c->owner && overlap(&l->claim, c) &&
			(c->type == F_WRLCK || l->claim.type == F_WRLCK))
			return l;
	return NULL;
}

/* Locks that the claim may need at most: its own, and the second half of one that it splits. */
static u32 spares_needed(struct list *held, const struct lock_claim *c)
{
	u32 n = c->type != F_UNLCK;
	struct file_lock *l;

	list_for_each_entry (l, held, link)
		if (l->claim.owner == c->owner && l->claim.type != c->type &&
			l->claim.first < c->first && l->claim.last > c->last)
			n++;
	return n;
}

static bool has_spares(struct list *held, const struct lock_claim *c, struct list *spares)
{
	u32 needed = spares_needed(held, c);
	struct list *s = spares->next;

	for (; needed && s != spares; s = s->next)
		needed--;
	return needed == 0;
}

static struct file_lock *spare_take(struct list *spares, const struct lock_claim *c)
{
	struct file_lock *l = list_first(spares, struct file_lock, link);

	list_remove(&l->link);
	l->claim = *c;
	return l;
}

static void spare_give(struct file_lock *l, struct list *spares)
{
	list_remove(&l->link);
	list_push_back(spares, &l->link);
}

/* A lock that ends behind the claim, which is of another type: the part in front of the claim and that behind stay. What is behind. */
static struct list *cut_front(struct file_lock *l, const struct lock_claim *c, struct list *spares)
{
	struct file_lock *behind = l;

	if (l->claim.first < c->first) {
		behind = spare_take(spares, &l->claim);
		list_push_front(&l->link, &behind->link);
		l->claim.last = c->first - 1;
	}
	behind->claim.first = c->last + 1;
	return &behind->link;
}

/* What becomes of one of the owner's locks. *at: before what the claim will stand. True if those that follow are behind the claim. A lock of the claim's type goes into it. */
static bool apply_to(
	struct file_lock *l, struct lock_claim *c, struct list *spares, struct list **at)
{
	/* Neighbours of one type touch. */
	s64 touch = l->claim.type == c->type;

	*at = l->link.next;
	if (l->claim.last < c->first - touch)
		return false;
	if (l->claim.first - touch > c->last) {
		*at = &l->link;
		return true;
	}
	if (l->claim.type == c->type) {
		c->first = MIN(c->first, l->claim.first);
		c->last = MAX(c->last, l->claim.last);
		spare_give(l, spares);
		return false;
	}
	if (l->claim.last > c->last) {
		*at = cut_front(l, c, spares);
		return true;
	}
	if (l->claim.first < c->first)
		l->claim.last = c->first - 1;
	else
		spare_give(l, spares);
	return false;
}

int lock_list_apply(struct list *held, const struct lock_claim *c, struct list *spares)
{
	struct lock_claim whole = *c;
	struct file_lock *l, *next;
	struct list *at = held;

	if (!has_spares(held, c, spares))
		return -ENOLCK;
	list_for_each_entry_safe (l, next, held, link)
		if (l->claim.owner == c->owner && apply_to(l, &whole, spares, &at))
			break;
	if (c->type != F_UNLCK)
		list_push_back(at, &spare_take(spares, &whole)->link);
	return 0;
}

bool lock_list_drop(struct list *held, const void *owner, struct list *spares)
{
	struct file_lock *l, *next;
	bool any = false;

	list_for_each_entry_safe (l, next, held, link)
		if (l->claim.owner == owner) {
			spare_give(l, spares);
			any = true;
		}
	return any;
}
