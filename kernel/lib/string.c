/*
 * The C library's string functions, as far as the kernel uses them. memcpy and its kin are the machine's
 * (arch/x86_64/cpu/string.S); these here are short loops, because no hot path of the kernel works on strings.
 *
 * GCC may recognise such a loop and turn it into a call of the very function it stands in. The index-based
 * form below is not one that it recognises; strlen() alone is, so its loop goes through a volatile read.
 */
#include "lib/string.h"

#include "lib/compiler.h"

size_t strlen(const char *s)
{
	size_t n = 0;
	while (READ_ONCE(s[n]) != '\0')
		n++;
	return n;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;
	while (n < max && s[n] != '\0')
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i])
			return (unsigned char)a[i] - (unsigned char)b[i];
		if (a[i] == '\0')
			break;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (*s == '\0')
			return NULL;
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++ != '\0');
	return (char *)last;
}

char *strstr(const char *s, const char *find)
{
	size_t n = strlen(find);

	for (;; s++) {
		if (strncmp(s, find, n) == 0)
			return (char *)s;
		if (*s == '\0')
			return NULL;
	}
}
