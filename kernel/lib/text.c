/*
 * The kernel's own additions to the string functions (lib/string.h): bounded copies, globs, numbers. Apart from
 * string.c so that host tests can link these beside the C library.
 */
#include "lib/string.h"

bool string_copy(char *to, const char *from, size_t size)
{
	size_t n = strnlen(from, size);
	bool fits = n < size;

	if (size == 0)
		return false;
	if (!fits)
		n = size - 1;
	memcpy(to, from, n);
	to[n] = '\0';
	return fits;
}

/*
 * When a mismatch follows a star, the star takes one more character and matching goes on after it. Only the last star
 * matters: whatever an earlier one could give, the last can take instead. So it is quadratic at worst.
 */
bool string_glob(const char *glob, const char *s)
{
	const char *star = NULL, *resume = NULL;

	while (*s != '\0') {
		if (*glob == '*') {
			star = ++glob;
			resume = s;
		} else if (*glob == '?' || (*glob == *s && *glob != '\0')) {
			glob++;
			s++;
		} else if (star != NULL) {
			glob = star;
			s = ++resume;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

static u32 digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (u32)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (u32)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (u32)(c - 'A') + 10;
	return UINT32_MAX;
}

bool string_to_u64(const char *s, u64 *out)
{
	u64 value = 0, base = 10;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		u64 digit = digit_value(*s);
		if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
			__builtin_add_overflow(value, digit, &value))
			return false;
	}
	*out = value;
	return true;
}
