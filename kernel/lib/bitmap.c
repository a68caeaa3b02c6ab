/* Bitmaps (lib/bitmap.h): everything goes by whole words. Bits of the last word beyond the size never count. */
#include "lib/bitmap.h"

/* The bits of one word from bit start%64 on, at most n of them. */
static u64 word_mask(size_t start, size_t n)
{
	size_t shift = start % 64;
	u64 ones = n >= 64 ? ~0UL : BIT(n) - 1;

	return ones << shift;
}

static size_t word_step(size_t start, size_t n)
{
	return MIN(n, 64 - start % 64);
}

void bitmap_set_range(u64 *map, size_t start, size_t n)
{
	for (size_t step; n > 0; start += step, n -= step) {
		step = word_step(start, n);
		map[start / 64] |= word_mask(start, step);
	}
}

void bitmap_clear_range(u64 *map, size_t start, size_t n)
{
	for (size_t step; n > 0; start += step, n -= step) {
		step = word_step(start, n);
		map[start / 64] &= ~word_mask(start, step);
	}
}

/* flip: 0 looks for ones, ~0 for zeros. */
static size_t next(const u64 *map, size_t bits, size_t start, u64 flip)
{
	while (start < bits) {
		u64 word = (map[start / 64] ^ flip) >> (start % 64);
		if (word != 0)
			return MIN(start + (size_t)__builtin_ctzl(word), bits);
		start = ALIGN_DOWN(start, (size_t)64) + 64;
	}
	return bits;
}

size_t bitmap_next_set(const u64 *map, size_t bits, size_t start)
{
	return next(map, bits, start, 0);
}

size_t bitmap_next_clear(const u64 *map, size_t bits, size_t start)
{
	return next(map, bits, start, ~0UL);
}

size_t bitmap_next_clear_range(const u64 *map, size_t bits, size_t start, size_t n)
{
	for (;;) {
		start = bitmap_next_clear(map, bits, start);
		if (start >= bits || n > bits - start)
			return bits;
		size_t end = bitmap_next_set(map, start + n, start);
		if (end == start + n)
			return start;
		start = end;
	}
}

/* Not the builtin: without the POPCNT instruction that is a call into the compiler's library. */
static size_t count_ones(u64 word)
{
	size_t count = 0;

	for (; word != 0; word &= word - 1)
		count++;
	return count;
}

size_t bitmap_count(const u64 *map, size_t bits)
{
	size_t count = 0;

	for (size_t i = 0; i < bits; i += 64)
		count += count_ones(map[i / 64] & word_mask(0, bits - i));
	return count;
}
