/*
 * Schedule fuzzing, debug kernels only: with `schedfuzz=SEED` the running thread is preempted at random points, wakeups go to random
 * CPUs, time slices have random lengths, and which thread is next is drawn as well. The kernel itself is not preempted otherwise, so
 * each point stands for what another CPU could do in that moment; what goes wrong under it can go wrong without.
 *
 * A point is where interrupts come on again, where a spinlock was given back and before one is taken (arch/irqflags.h,
 * spinlock.c), if nothing forbids to sleep there. Code that uses this CPU's state and must stay on it says so with
 * irq_restore_stay() and has no point.
 *
 * Everything is drawn from one generator for each CPU, which starts from the seed alone. So on one CPU under icount a seed
 * gives one schedule, always the same. The seed is in every warning and in every crash report.
 *
 * In release kernels all of this is nothing.
 */
#ifndef SYNC_FUZZ_H
#define SYNC_FUZZ_H

#include "arch/irqflags.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* Room for what fuzz_describe() says. */
#define FUZZ_TEXT_MAX 40

#ifdef AIRLOCK_FUZZ

struct fuzz_ops {
	/* Gives the CPU to another thread if there is one. IF=1, no lock held, not in a handler. */
	void (*preempt)(void);
};

/* Once, before there are threads. Seed 0: no fuzzing. */
void fuzz_start(u64 seed, const struct fuzz_ops *ops);
/* For ever: a report is being made. */
void fuzz_stop(void);
u64 fuzz_seed(void);
/* "; schedfuzz=SEED" if there is fuzzing, else "". */
void fuzz_describe(char *text, size_t size);

static inline bool fuzz_on(void)
{
	return UNLIKELY(READ_ONCE(fuzz_enabled));
}

/* 0..n-1, this CPU's next. Any context except NMI. */
u32 fuzz_draw(u32 n);

#else

static inline void fuzz_stop(void)
{
}

static inline bool fuzz_on(void)
{
	return false;
}

static inline u32 fuzz_draw(u32 n)
{
	return 0;
}

static inline void fuzz_describe(char *text, size_t size)
{
	text[0] = '\0';
}

#endif
#endif
