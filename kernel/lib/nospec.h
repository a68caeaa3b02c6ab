/*
 * An index from a program, made harmless on mispredicted paths (Spectre v1).
 *
 * After `if (i >= n) return`, a CPU may still run ahead with i out of bounds. index_nospec(i, n) is
 * i if i < n and 0 otherwise, computed without a branch. The volatile copy keeps the compiler from
 * using what the earlier comparison taught it to remove the arithmetic.
 */
#ifndef LIB_NOSPEC_H
#define LIB_NOSPEC_H

#include "lib/types.h"

/* n is at most 2^63. */
static inline u64 index_nospec(u64 i, u64 n)
{
	volatile u64 hidden = i;
	u64 index = hidden;

	/* The sign bit of (index | n-1-index) is clear exactly if index < n. */
	return index & ~(u64)((s64)(index | (n - 1 - index)) >> 63);
}

#endif
