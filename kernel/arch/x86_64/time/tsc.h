/* The time stamp counter, and the arithmetic of clocks. */
#ifndef TIME_TSC_H
#define TIME_TSC_H

#include "lib/types.h"

/* Not before earlier loads: for bracketing other accesses and for the clock. */
static inline u64 tsc_read(void)
{
	u32 low, high;
	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (u64)high << 32 | low;
}

/* a * b / c without losing the product's upper half. c != 0; the result saturates. */
static inline u64 mul_div(u64 a, u64 b, u64 c)
{
	u64 low, high, remainder;
	__asm__("mulq %3" : "=a"(low), "=d"(high) : "a"(a), "rm"(b) : "cc");
	if (high >= c)
		return UINT64_MAX;
	__asm__("divq %4" : "=a"(low), "=d"(remainder) : "a"(low), "d"(high), "rm"(c) : "cc");
	return low;
}

/* a * m / 2^32; the result is cut to 64 bits. */
static inline u64 mul_shift32(u64 a, u64 m)
{
	return (u64)((unsigned __int128)a * m >> 32);
}

#endif
