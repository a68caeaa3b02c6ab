/*
 * Intrusive doubly linked lists. A list head is a struct list pointing to itself when empty.
 * No locking here: the owner of the list names its lock. Links are stored in one piece, for list_empty_unlocked().
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/assert.h"
#include "lib/compiler.h"
#include "lib/types.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name)                          \
	{                                        \
		.next = &(name), .prev = &(name) \
	}

static inline void list_init(struct list *l)
{
	WRITE_ONCE(l->next, l);
	l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

/* For those who don't hold the list's lock: what it was a moment ago. */
static inline bool list_empty_unlocked(const struct list *l)
{
	return READ_ONCE(l->next) == l;
}

/* Neighbours must agree, in debug kernels: if not, one of them was overwritten, or used after its end. */
static inline void list_check(const struct list *prev, const struct list *next)
{
#ifdef AIRLOCK_DEBUG
	if (UNLIKELY(prev->next != next || next->prev != prev))
		panic("list corrupted: next of %p is %p, prev of %p is %p", (const void *)prev,
			(const void *)prev->next, (const void *)next, (const void *)next->prev);
#endif
}

static inline void list_insert_between(struct list *n, struct list *prev, struct list *next)
{
	list_check(prev, next);
	n->prev = prev;
	WRITE_ONCE(n->next, next);
	WRITE_ONCE(prev->next, n);
	next->prev = n;
}

static inline void list_push_front(struct list *l, struct list *n)
{
	list_insert_between(n, l, l->next);
}

static inline void list_push_back(struct list *l, struct list *n)
{
	list_insert_between(n, l->prev, l);
}

/* Leaves n an empty list of its own, so that removing twice does no harm. */
static inline void list_remove(struct list *n)
{
	list_check(n->prev, n);
	list_check(n, n->next);
	WRITE_ONCE(n->prev->next, n->next);
	n->next->prev = n->prev;
	list_init(n);
}

static inline struct list *list_pop_front(struct list *l)
{
	struct list *n = l->next;
	if (n == l)
		return NULL;
	list_check(l, n);
	list_check(n, n->next);
	/* As list_remove(), less the reading of what is known: that l is what is before n. */
	WRITE_ONCE(l->next, n->next);
	n->next->prev = l;
	list_init(n);
	return n;
}

/* Moves every member of from to the back of to; from is empty afterwards. */
static inline void list_splice_back(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	WRITE_ONCE(to->prev->next, from->next);
	WRITE_ONCE(from->prev->next, to);
	to->prev = from->prev;
	list_init(from);
}

#define list_first(l, type, member) CONTAINER_OF((l)->next, type, member)
#define list_last(l, type, member) CONTAINER_OF((l)->prev, type, member)
#define list_for_each_entry(p, l, member)                                            \
	for (p = CONTAINER_OF((l)->next, __typeof__(*p), member); &p->member != (l); \
		p = CONTAINER_OF(p->member.next, __typeof__(*p), member))
#define list_for_each_entry_safe(p, n, l, member)                     \
	for (p = CONTAINER_OF((l)->next, __typeof__(*p), member),     \
	    n = CONTAINER_OF(p->member.next, __typeof__(*p), member); \
		&p->member != (l);                                    \
		p = n, n = CONTAINER_OF(n->member.next, __typeof__(*n), member))

#endif
