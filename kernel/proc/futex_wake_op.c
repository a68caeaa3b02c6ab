/*
 * FUTEX_WAKE_OP: change one word and wake the waiters of two, in one step for everybody who uses
 * futexes on them: both buckets are locked from before the change until after the last wakeup.
 */
#include <linux/futex.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/mm.h"
#include "proc/futex_private.h"

/* The fields of the encoded operation, 4, 4, 12 and 12 bits; the arguments have a sign. */
struct operation {
	u32 op, cmp;
	s32 op_arg, cmp_arg;
};

static struct operation operation_decode(u32 code)
{
	struct operation o = {
		.op = code >> 28 & 7,
		.cmp = code >> 24 & 15,
		.op_arg = (s32)(code << 8) >> 20,
		.cmp_arg = (s32)(code << 20) >> 20,
	};

	if (code >> 28 & FUTEX_OP_OPARG_SHIFT)
		o.op_arg = (s32)BIT(o.op_arg & 31);
	return o;
}

static int operation_apply(const struct operation *o, u32 old, u32 *new)
{
	u32 arg = (u32)o->op_arg;

	switch (o->op) {
	case FUTEX_OP_SET:
		*new = arg;
		return 0;
	case FUTEX_OP_ADD:
		*new = old + arg;
		return 0;
	case FUTEX_OP_OR:
		*new = old | arg;
		return 0;
	case FUTEX_OP_ANDN:
		*new = old & ~arg;
		return 0;
	case FUTEX_OP_XOR:
		*new = old ^ arg;
		return 0;
	default:
		return -ENOSYS;
	}
}

/* 1, 0 or -ENOSYS. */
static int operation_compare(const struct operation *o, u32 value)
{
	s32 old = (s32)value;

	switch (o->cmp) {
	case FUTEX_OP_CMP_EQ:
		return old == o->cmp_arg;
	case FUTEX_OP_CMP_NE:
		return old != o->cmp_arg;
	case FUTEX_OP_CMP_LT:
		return old < o->cmp_arg;
	case FUTEX_OP_CMP_GE:
		return old >= o->cmp_arg;
	case FUTEX_OP_CMP_LE:
		return old <= o->cmp_arg;
	case FUTEX_OP_CMP_GT:
		return old > o->cmp_arg;
	default:
		return -ENOSYS;
	}
}

/* 1 or 0: what the old value compares to; -EFAULT if the page must be brought in, -ENOSYS. */
static int word_change(uaddr_t word, const struct operation *o)
{
	u32 old, expected, new;

	int err = user_load_u32_now(&old, word);
	do {
		if (!err)
			err = operation_apply(o, old, &new);
		expected = old;
		if (!err)
			err = user_exchange_u32_now(word, &old, new);
		if (err)
			return err;
	} while (old != expected);
	return operation_compare(o, old);
}

/* Wakes n, but one at least, of those that wait for the key. */
static s64 wake_locked(struct futex_bucket *b, const struct futex_key *key, s32 n)
	REQUIRES(&b->lock)
{
	struct futex_waiter *w, *next;
	s64 count = 0;

	futex_for_each(w, next, b, key)
	{
		if (w->pi || w->requeue)
			return -EINVAL;
		futex_wake_waiter(w);
		if (++count >= n)
			break;
	}
	return count;
}

s64 futex_wake_op(
	struct futex_word one, struct futex_word two, s32 wake_one, s32 wake_two, u32 operation)
{
	struct operation o = operation_decode(operation);
	struct futex_key key_one, key_two;
	s64 count;

	for (;;) {
		int err = futex_keys_get(one, &key_one, two, true, &key_two);
		if (err)
			return err;
		struct futex_bucket *a = futex_bucket_of(&key_one), *b = futex_bucket_of(&key_two);
		futex_lock_two(a, b);
		int compared = word_change(two.address, &o);
		count = compared < 0 ? compared : wake_locked(a, &key_one, wake_one);
		if (compared > 0 && count >= 0) {
			s64 more = wake_locked(b, &key_two, wake_two);
			count = more < 0 ? more : count + more;
		}
		futex_unlock_two(a, b);
		mm_futex_key_put(&key_one);
		mm_futex_key_put(&key_two);
		if (compared != -EFAULT)
			return count;
		err = futex_fault_in(two.address, true);
		if (err)
			return err;
	}
}
