/*
 * Copies between the kernel and the current program's memory. The only place where AC is set.
 *
 * Context: a user thread, IF=1, no spinlock held (a copy may fault, and then sleep).
 * Every range is checked for overflow and against USER_END, and the address is masked after the check so that a
 * mispredicted check can't read kernel memory (hazards U1, U2). Errors: -EFAULT, with an unspecified part copied.
 */
#ifndef ARCH_UCOPY_H
#define ARCH_UCOPY_H

#include "arch/layout.h"
#include "lib/compiler.h"
#include "lib/types.h"

MUST_CHECK int copy_from_user(void *to, uaddr_t from, size_t n);
MUST_CHECK int copy_to_user(uaddr_t to, const void *from, size_t n);
/* How much was copied before the first fault, for partial reads and writes: n if all. */
size_t copy_from_user_partial(void *to, uaddr_t from, size_t n);
size_t copy_to_user_partial(uaddr_t to, const void *from, size_t n);

/* Copies a string of at most size-1 bytes and its NUL. The length without the NUL, -EFAULT, or -ENAMETOOLONG if there is
 * no NUL within size bytes. */
MUST_CHECK ssize_t copy_string_from_user(char *to, uaddr_t from, size_t size);

/* One aligned word, in a single access. */
MUST_CHECK int get_user_u32(u32 *to, uaddr_t from);
MUST_CHECK int get_user_u64(u64 *to, uaddr_t from);
MUST_CHECK int put_user_u32(uaddr_t to, u32 value);
MUST_CHECK int put_user_u64(uaddr_t to, u64 value);

/*
 * The same words without waiting for a page that is not there: -EFAULT then, and the caller lets go of its locks, has the
 * page brought in, and begins anew. Any context but NMI; spinlocks may be held, which is what these are for. The address is
 * a multiple of four.
 */
MUST_CHECK int user_load_u32_now(u32 *to, uaddr_t from);
/* The word becomes new if it is *old, in one atomic step; *old is what it was. */
MUST_CHECK int user_exchange_u32_now(uaddr_t word, u32 *old, u32 new);

/* True if [address, address+n) lies in the program's half. */
static inline bool user_range_ok(uaddr_t address, size_t n)
{
	return n <= USER_END && address <= USER_END - n;
}

/* The same, for accesses that are assembly of their own: debug kernels can make it false. */
#if defined(AIRLOCK_DEBUG) && !defined(AIRLOCK_HOST_TEST)
bool user_access_ok(uaddr_t address, size_t n);
#else
static inline bool user_access_ok(uaddr_t address, size_t n)
{
	return user_range_ok(address, n);
}
#endif

#endif
