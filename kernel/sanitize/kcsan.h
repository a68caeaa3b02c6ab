/*
 * The data-race detector, in the variant `kcsan` alone; elsewhere every function here is empty.
 *
 * Two accesses race if two CPUs make them at the same time, at least one writes, and at least one is plain: neither READ_ONCE() nor
 * WRITE_ONCE() nor atomic. Nothing is reported that did not happen: a CPU stops now and then at a plain access, watches
 * the address for some microseconds, and another CPU's access in that time is the proof.
 *
 * A race that is meant to be is written with READ_ONCE() and WRITE_ONCE(), or as DATA_RACE(expression) where the compiler may do
 * with the value what it likes; a comment says why it is harmless.
 */
#ifndef SANITIZE_KCSAN_H
#define SANITIZE_KCSAN_H

#include "lib/compiler.h"
#include "lib/types.h"

#if defined(AIRLOCK_KCSAN) || defined(KCSAN_RUNTIME)

/* struct cpu can be reached on this CPU and on those that follow. */
void kcsan_start(void);
/* For ever: a report is being made. */
void kcsan_stop(void);
/* This CPU's accesses are not looked at in between; may be nested. */
void kcsan_pause(void);
void kcsan_resume(void);

#define DATA_RACE(expression)                             \
	({                                                \
		kcsan_pause();                            \
		__typeof__(expression) v_ = (expression); \
		kcsan_resume();                           \
		v_;                                       \
	})

#else

static inline void kcsan_start(void)
{
}

static inline void kcsan_stop(void)
{
}

#define DATA_RACE(expression) (expression)

#endif
#endif
