/*
 * What every unit test includes first: cmocka, the C library (before Linux's headers, see tests/unit/uapi), and the host's
 * panic().
 *
 * A test that wants a panic says expect_panic(call); the text of the last one is panic_text(). A panic that nobody
 * expected fails the test with that text.
 */
#ifndef UNIT_H
#define UNIT_H

/* The kernel's is of another size, and <asm/signal.h> gives it the same name. */
#define sigset_t libc_sigset_t
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#undef sigset_t

#define expect_panic(call) expect_assert_failure(call)

const char *panic_text(void);

/* A random 64-bit number from a seed that is printed at the start, or given as UNIT_SEED in the environment. */
uint64_t unit_random(void);
/* Below n. */
uint64_t unit_random_below(uint64_t n);

#endif
