/* Between the files of the address sanitizer. None of them is instrumented. */
#ifndef KASAN_PRIVATE_H
#define KASAN_PRIVATE_H

#include "lib/types.h"
#include "sanitize/kasan.h"

#define KASAN_GRANULE_MASK ((1UL << KASAN_SHADOW_SHIFT) - 1)

bool kasan_enabled(void);
void kasan_check(const void *address, size_t size, bool write);
/* Ends the machine. [address, address + size) was used, of which bad is the first byte that may not be; the frame pointer is that of
 * the function that checked. Returns only if another report is being made. */
void kasan_report(u64 address, u64 bad, size_t size, bool write, u64 frame_pointer);

/* memcpy() and its kin without a check (arch/x86_64/cpu/string.S). */
void *unchecked_memcpy(void *restrict to, const void *restrict from, size_t n);
void *unchecked_memmove(void *to, const void *from, size_t n);
void *unchecked_memset(void *to, int byte, size_t n);
int unchecked_memcmp(const void *a, const void *b, size_t n);

static inline void kasan_fill(u8 *shadow, u8 value, size_t n)
{
	if (n)
		unchecked_memset(shadow, value, n);
}

#endif
