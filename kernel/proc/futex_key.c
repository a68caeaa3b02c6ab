/*
 * Which word a futex call means, and where its waiters stand.
 *
 * A word that the call says is private is an address space and an address. Otherwise mm/ says what it
 * is called: its place in a shared mapping's source, or, if it turns out to be private after all, the
 * same with bit 0 of the offset set, because Linux does not let the two forms meet. Waiters stand in buckets, hashed by the key;
 * each bucket has a lock of its own. Two are locked in the order of their addresses.
 */
#include <asm/siginfo.h>

#include "arch/ucopy.h"
#include "arch/upcalls.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "proc/futex_private.h"

struct futex_bucket futex_buckets[BIT(FUTEX_BUCKET_BITS)];

INIT_TEXT void futex_init(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(futex_buckets); i++) {
		spin_init(&futex_buckets[i].lock, "futex", RANK_FUTEX);
		list_init(&futex_buckets[i].waiters);
	}
}

void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b) NO_THREAD_SAFETY
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock_second(a < b ? &b->lock : &a->lock);
}

void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b) NO_THREAD_SAFETY
{
	if (a != b)
		spin_unlock(&b->lock);
	spin_unlock(&a->lock);
}

int futex_fault_in(uaddr_t word, bool write)
{
	int code;

	/* A program that takes the page away again and again must still be able to die. */
	if (atomic32_load(&current_process()->killed))
		return -EFAULT;
	u32 access = FAULT_PRESENT | (write ? FAULT_WRITE : 0);
	return mm_fault(current_thread()->mm, word, access, &code) ? -EFAULT : 0;
}

int futex_key_get_shared(struct futex_word word, bool write, struct futex_key *out)
{
	int err = mm_futex_key(current_thread()->mm, word.address, write, out);

	if (!err && !out->source)
		out->offset |= 1;
	return err;
}

int futex_keys_get(struct futex_word one, struct futex_key *key_one, struct futex_word two,
	bool write, struct futex_key *key_two)
{
	int err = futex_key_get(one, false, key_one);

	if (err)
		return err;
	err = futex_key_get(two, write, key_two);
	if (err)
		mm_futex_key_put(key_one);
	return err;
}
