/*
 * Physical memory for the parsers of firmware's and loaders' tables: some bytes at FAKE_BASE. What
 * a parser asks for is copied to a block of just that size, so that the address sanitizer finds
 * every byte that it reads beyond.
 */
#ifndef FAKE_MEMORY_H
#define FAKE_MEMORY_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "unit.h"

#define FAKE_BASE 0x1000UL
#define FAKE_SIZE 0x8000UL
#define FAKE_COPIES 4096

static u8 fake_memory[FAKE_SIZE];
/* Nothing can be reached from here on. */
static u64 fake_end = FAKE_BASE + FAKE_SIZE;
static void *fake_copies[FAKE_COPIES];
static u32 fake_copy_count;

UNUSED static const void *fake_reach(u64 pa, u64 size)
{
	if (pa < FAKE_BASE || size > FAKE_SIZE || pa > fake_end || size > fake_end - pa)
		return NULL;
	void *copy = malloc(size ? size : 1);
	memcpy(copy, fake_memory + (pa - FAKE_BASE), size);
	assert_true(fake_copy_count < FAKE_COPIES);
	fake_copies[fake_copy_count++] = copy;
	return copy;
}

UNUSED static void fake_release(void)
{
	while (fake_copy_count > 0)
		free(fake_copies[--fake_copy_count]);
}

UNUSED static void fake_reset(void)
{
	fake_release();
	memset(fake_memory, 0, sizeof(fake_memory));
	fake_end = FAKE_BASE + FAKE_SIZE;
}

/* Puts bytes there and returns the address behind them. */
UNUSED static u64 fake_put(u64 pa, const void *bytes, u64 size)
{
	assert_true(pa >= FAKE_BASE && pa + size <= FAKE_BASE + FAKE_SIZE);
	memcpy(fake_memory + (pa - FAKE_BASE), bytes, size);
	return pa + size;
}

/* Makes the bytes add up to 0. */
UNUSED static void fake_fix_sum(u8 *table, u32 size, u32 sum_at)
{
	u8 sum = 0;
	table[sum_at] = 0;
	for (u32 i = 0; i < size; i++)
		sum = (u8)(sum + table[i]);
	table[sum_at] = (u8)-sum;
}

#endif
