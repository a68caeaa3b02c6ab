/*
 * User copies: the checks before the assembly of ucopy.S.
 */
#include "arch/ucopy.h"

#include "arch/layout.h"
#include "arch/upcalls.h"
#include "lib/errno.h"
#include "mm/fixup.h"

u64 ucopy_bytes(void *to, const void *from, u64 n);
s64 ucopy_string(char *to, const char *from, u64 n);
/* 0 or -EFAULT. */
int ucopy_load32(u32 *to, const u32 *from);
int ucopy_load64(u64 *to, const u64 *from);
int ucopy_store32(u32 *to, u32 value);
int ucopy_store64(u64 *to, u64 value);
/* 0, or 1 after a fault. */
int ucopy_load32_now(u32 *to, const u32 *from);
int ucopy_exchange32_now(u32 *word, u32 *old, u32 new);

/* Debug kernels can make any copy fail that may: upcall_copy_fails(). Those that only try, with locks held, may not: their
 * callers take a failure for a page that is not there. */
#if defined(AIRLOCK_DEBUG) && !defined(AIRLOCK_HOST_TEST)
static bool made_to_fail(size_t n, const void *caller)
{
	return UNLIKELY(upcall_copy_fails(n, caller));
}

bool user_access_ok(uaddr_t address, size_t n)
{
	return user_range_ok(address, n) && !made_to_fail(n, __builtin_return_address(0));
}
#else
static bool made_to_fail(size_t n, const void *caller)
{
	return false;
}
#endif

#define CALLER __builtin_return_address(0)

static bool access_ok(uaddr_t address, size_t n, const void *caller)
{
	return user_range_ok(address, n) && !made_to_fail(n, caller);
}

extern const struct fixup __ex_table_start[], __ex_table_end[];

/* A dozen entries: looked through in order. */
const struct fixup *fixup_find(u64 rip)
{
	for (const struct fixup *f = __ex_table_start; f < __ex_table_end; f++)
		if (rip >= f->start && rip < f->end)
			return f;
	return NULL;
}

/* The address, or an unmapped one near the top if it is not the program's: computed without a branch, so that it also
 * holds where a branch on user_range_ok() is mispredicted (hazard U2). */
static void *mask(uaddr_t address)
{
	u64 outside;
	__asm__("cmpq %1, %2; sbbq %0, %0"
		: "=r"(outside)
		: "r"(address), "r"((u64)USER_END)
		: "cc");
	return (void *)(address | outside);
}

size_t copy_from_user_partial(void *to, uaddr_t from, size_t n)
{
	if (!access_ok(from, n, CALLER))
		return 0;
	return n - ucopy_bytes(to, mask(from), n);
}

size_t copy_to_user_partial(uaddr_t to, const void *from, size_t n)
{
	if (!access_ok(to, n, CALLER))
		return 0;
	return n - ucopy_bytes(mask(to), from, n);
}

int copy_from_user(void *to, uaddr_t from, size_t n)
{
	return access_ok(from, n, CALLER) && !ucopy_bytes(to, mask(from), n) ? 0 : -EFAULT;
}

int copy_to_user(uaddr_t to, const void *from, size_t n)
{
	return access_ok(to, n, CALLER) && !ucopy_bytes(mask(to), from, n) ? 0 : -EFAULT;
}

ssize_t copy_string_from_user(char *to, uaddr_t from, size_t size)
{
	if (size == 0)
		return -ENAMETOOLONG;
	if (from >= USER_END || made_to_fail(size, CALLER))
		return -EFAULT;
	/* A string that runs into the end of the program's half faults there. */
	u64 most = size < USER_END - from ? size : USER_END - from;
	s64 length = ucopy_string(to, mask(from), most);
	if (length < 0)
		return -EFAULT;
	if ((u64)length < most)
		return length;
	return most == size ? -ENAMETOOLONG : -EFAULT;
}

int get_user_u32(u32 *to, uaddr_t from)
{
	return access_ok(from, sizeof(*to), CALLER) ? ucopy_load32(to, mask(from)) : -EFAULT;
}

int get_user_u64(u64 *to, uaddr_t from)
{
	return access_ok(from, sizeof(*to), CALLER) ? ucopy_load64(to, mask(from)) : -EFAULT;
}

int put_user_u32(uaddr_t to, u32 value)
{
	return access_ok(to, sizeof(value), CALLER) ? ucopy_store32(mask(to), value) : -EFAULT;
}

int put_user_u64(uaddr_t to, u64 value)
{
	return access_ok(to, sizeof(value), CALLER) ? ucopy_store64(mask(to), value) : -EFAULT;
}

int user_load_u32_now(u32 *to, uaddr_t from)
{
	return user_range_ok(from, sizeof(*to)) ? ucopy_load32_now(to, mask(from)) : -EFAULT;
}

int user_exchange_u32_now(uaddr_t word, u32 *old, u32 new)
{
	return user_range_ok(word, sizeof(new)) && !ucopy_exchange32_now(mask(word), old, new)
		       ? 0
		       : -EFAULT;
}
