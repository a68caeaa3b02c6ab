/* The host's user copies: plain ones, up to the byte that "is not mapped". */
#include "arch/ucopy.h"

#include <string.h>

#include "fake_user.h"
#include "lib/errno.h"

uaddr_t fake_user_fault = UINT64_MAX;

static size_t mapped(uaddr_t from, size_t n)
{
	if (from >= fake_user_fault)
		return 0;
	return MIN(n, fake_user_fault - from);
}

size_t copy_from_user_partial(void *to, uaddr_t from, size_t n)
{
	n = mapped(from, n);
	memcpy(to, (const void *)from, n);
	return n;
}

size_t copy_to_user_partial(uaddr_t to, const void *from, size_t n)
{
	n = mapped(to, n);
	memcpy((void *)to, from, n);
	return n;
}

int copy_from_user(void *to, uaddr_t from, size_t n)
{
	return copy_from_user_partial(to, from, n) == n ? 0 : -EFAULT;
}

int copy_to_user(uaddr_t to, const void *from, size_t n)
{
	return copy_to_user_partial(to, from, n) == n ? 0 : -EFAULT;
}

ssize_t copy_string_from_user(char *to, uaddr_t from, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (copy_from_user(&to[i], from + i, 1))
			return -EFAULT;
		if (to[i] == '\0')
			return (ssize_t)i;
	}
	return -ENAMETOOLONG;
}

int get_user_u32(u32 *to, uaddr_t from)
{
	return copy_from_user(to, from, sizeof(*to));
}

int get_user_u64(u64 *to, uaddr_t from)
{
	return copy_from_user(to, from, sizeof(*to));
}

int put_user_u32(uaddr_t to, u32 value)
{
	return copy_to_user(to, &value, sizeof(value));
}

int put_user_u64(uaddr_t to, u64 value)
{
	return copy_to_user(to, &value, sizeof(value));
}
