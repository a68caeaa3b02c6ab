/*
 * Reference counts. Starting at 1; taking a reference on a count that has reached 0 is a bug and is checked.
 */
#ifndef LIB_REFCOUNT_H
#define LIB_REFCOUNT_H

#include "lib/assert.h"
#include "lib/atomic.h"

struct refcount {
	atomic32_t count;
};

static inline void refcount_init(struct refcount *r)
{
	atomic32_store_relaxed(&r->count, 1);
}

/* What it is at this moment: for decisions that may be wrong a moment later. */
static inline u32 refcount_read(const struct refcount *r)
{
	return atomic32_load(&r->count);
}

static inline void refcount_get(struct refcount *r)
{
	u32 before = __atomic_fetch_add(&r->count.v, 1, __ATOMIC_RELAXED);
	CHECK(before != 0 && before != UINT32_MAX);
}

/* For lookups that may race with the last put: false if the object is already on its way out. */
static inline bool refcount_get_unless_zero(struct refcount *r)
{
	u32 old = atomic32_load_relaxed(&r->count);
	while (old != 0)
		if (atomic32_compare_exchange(&r->count, &old, old + 1))
			return true;
	return false;
}

/* True if that was the last reference: the caller frees the object. Orders all earlier accesses before it. */
MUST_CHECK static inline bool refcount_put(struct refcount *r)
{
	u32 before = __atomic_fetch_sub(&r->count.v, 1, __ATOMIC_ACQ_REL);
	CHECK(before != 0);
	return before == 1;
}

#endif
