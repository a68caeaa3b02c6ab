/*
 * Calls with numbers that are wrong or unusual. A call is given with arguments that are right; those that are marked are replaced,
 * one at a time, by each number of a list: N(x) stands for the number x, of any kind; D(x) for the number of a process, thread or
 * descriptor, where small ones mean something else on each system. P(i) is the page of argument i, as in pointers.h.
 */
#ifndef ABI_NUMBERS_H
#define ABI_NUMBERS_H

#include "pointers.h"

#include <limits.h>

#define N_MARK 0x7600000000000000UL
#define D_MARK 0x7500000000000000UL
#define MARKS 0xff00000000000000UL
#define N(x) (N_MARK + (x))
#define D(x) (D_MARK + (unsigned)(x))

static const unsigned long numbers[] = {0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 63, 64, 65, 127,
	128, 1000, 4095, 4096, 4097, 0x7fff, 0xffff, 1UL << 20, INT_MAX, 1UL << 31, UINT_MAX,
	1UL << 32, (1UL << 32) + 1, LONG_MAX, 1UL << 63, -4096UL, -1UL};
static const unsigned long identities[] = {1UL << 30, INT_MAX, 1UL << 31, UINT_MAX,
	(1UL << 32) + INT_MAX, LONG_MAX, 1UL << 63, -2UL, -1UL};

static unsigned long plain_argument(unsigned long given)
{
	if ((given & MARKS) == N_MARK)
		return given & ~MARKS;
	if ((given & MARKS) == D_MARK)
		return given & UINT_MAX;
	return IS_MARKED(given) ? (unsigned long)pages[given & 7] : given;
}

static void try_number(const char *name, long number, void (*fill)(void),
	const unsigned long *given, int argument, unsigned long value)
{
	unsigned long a[6];

	prepare();
	if (fill)
		fill();
	for (int i = 0; i < 6; i++)
		a[i] = i == argument ? value : plain_argument(given[i]);
	char how[40];
	snprintf(how, sizeof(how), "%#lx", value);
	show(name, argument, how, a, number);
}

static void try_numbers(
	const char *name, long number, void (*fill)(void), const unsigned long *given)
{
	for (int i = 0; i < 6; i++) {
		if ((given[i] & MARKS) == N_MARK)
			for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
				try_number(name, number, fill, given, i, numbers[n]);
		else if ((given[i] & MARKS) == D_MARK)
			for (size_t n = 0; n < sizeof(identities) / sizeof(identities[0]); n++)
				try_number(name, number, fill, given, i, identities[n]);
	}
}

#define NUMBERS(call, fill, ...) \
	try_numbers(#call, SYS_##call, fill, (const unsigned long[6]){__VA_ARGS__})

#endif
