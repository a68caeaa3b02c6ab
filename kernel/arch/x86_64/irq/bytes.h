/* Little-endian numbers at any alignment, as firmware tables hold them. */
#ifndef IRQ_BYTES_H
#define IRQ_BYTES_H

#include "lib/types.h"

static inline u16 bytes_u16(const u8 *p)
{
	u16 v;
	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline u32 bytes_u32(const u8 *p)
{
	u32 v;
	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline u64 bytes_u64(const u8 *p)
{
	u64 v;
	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* Tables are right if all their bytes add up to 0. */
static inline bool bytes_sum_ok(const u8 *p, u32 size)
{
	u8 sum = 0;
	for (u32 i = 0; i < size; i++)
		sum = (u8)(sum + p[i]);
	return sum == 0;
}

#endif
