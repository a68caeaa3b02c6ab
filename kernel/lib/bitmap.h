/* Sets of small numbers, as arrays of 64-bit words. No locking here: the owner names its lock. */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include "lib/types.h"

#define BITMAP_WORDS(bits) (((bits) + 63) / 64)

static inline bool bitmap_test(const u64 *map, size_t bit)
{
	return map[bit / 64] >> (bit % 64) & 1;
}

static inline void bitmap_set(u64 *map, size_t bit)
{
	map[bit / 64] |= BIT(bit % 64);
}

static inline void bitmap_clear(u64 *map, size_t bit)
{
	map[bit / 64] &= ~BIT(bit % 64);
}

/* Sets or clears n bits from start on. */
void bitmap_set_range(u64 *map, size_t start, size_t n);
void bitmap_clear_range(u64 *map, size_t start, size_t n);

/* The first bit at or after start that is set (clear); bits if there is none below bits. */
size_t bitmap_next_set(const u64 *map, size_t bits, size_t start);
size_t bitmap_next_clear(const u64 *map, size_t bits, size_t start);
/* The first of n clear bits in a row, at or after start; bits if there are none. n > 0. */
size_t bitmap_next_clear_range(const u64 *map, size_t bits, size_t start, size_t n);
size_t bitmap_count(const u64 *map, size_t bits);

#endif
