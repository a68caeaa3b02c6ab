/*
 * Assertions are for our own mistakes, never for input.
 *
 * CHECK(c)   in every kernel: what can never legitimately be false; a panic if it is.
 * ASSERT(c)  in debug kernels only.
 */
#ifndef LIB_ASSERT_H
#define LIB_ASSERT_H

#include "lib/compiler.h"

/* Ends the kernel with a report (trace/panic.c; the unit tests have their own). Any context. */
NORETURN COLD void panic(const char *format, ...) PRINTF_LIKE(1, 2);

#define CHECK(c)                                                                  \
	do {                                                                      \
		if (UNLIKELY(!(c)))                                               \
			panic("%s:%d: check failed: %s", __FILE__, __LINE__, #c); \
	} while (0)

#ifdef AIRLOCK_DEBUG
#define ASSERT(c) CHECK(c)
#else
#define ASSERT(c) ((void)sizeof(c))
#endif

#endif
