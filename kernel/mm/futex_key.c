/*
 * What a futex's word is called. A word in shared memory may have other addresses in other address
 * spaces, so its name is the source and the place in it; a word in private memory is this address
 * space's alone.
 */
#include "lib/errno.h"
#include "mm/mm_private.h"

static bool fit(const struct area *a, bool write)
{
	if (a->prot & PT_WRITE)
		return true;
	/* A private page without a source that can't be written stays as it is for ever. */
	return !write && (a->prot & (PT_READ | PT_EXEC)) && a->source;
}

int mm_futex_key(struct mm *mm, uaddr_t address, bool write, struct futex_key *key)
{
	*key = mm_futex_key_private(mm, address);
	mutex_lock(&mm->lock);
	const struct area *a = area_at(mm, address);
	bool ok = a && fit(a, write);
	if (ok && (a->flags & AREA_SHARED)) {
		key->object = a->source;
		key->offset = a->offset + (address - a->start);
		key->source = a->source;
		a->source->ops->get(a->source);
	}
	mutex_unlock(&mm->lock);
	return ok ? 0 : -EFAULT;
}

void mm_futex_key_put_source(struct futex_key *key)
{
	key->source->ops->put(key->source);
	key->source = NULL;
}
