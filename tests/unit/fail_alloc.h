/*
 * Running out of memory, at every point.
 *
 * The doubles of the allocators (support/slab.c, support/frame.c) ask fail_alloc_now() at each allocation. A test gives
 * fail_alloc_each() a function that sets up, works, checks and takes down. It is run without a failure first, to count
 * its allocations, and then once for each of them with that one failing. Each run must leave as many objects and
 * frames allocated as it found.
 */
#ifndef FAIL_ALLOC_H
#define FAIL_ALLOC_H

#include "lib/types.h"

/* True if this allocation is the one that must fail. For allocators. */
bool fail_alloc_now(void);

/* The n-th allocation from now on fails, once; 0: none. */
void fail_alloc_at(u64 n);
/* Allocations asked for since fail_alloc_at(). */
u64 fail_alloc_count(void);
/* One has failed since fail_alloc_at(): the code under test is expected to say -ENOMEM. */
bool fail_alloc_happened(void);

void fail_alloc_each(void (*run)(void *arg), void *arg);

/* Objects and blocks of frames that are allocated now. */
u64 slab_live(void);
u64 frame_live(void);

#endif
