/*
 * A clock as two straight lines over the TSC, joined at one point: pure arithmetic, for clock.c and
 * its tests.
 *
 * When a better estimate of the TSC's rate is known, the rate may change but the time may not jump.
 * So the new line starts at a point of the old one that lies in the future, and until then both
 * descriptions give the same time: a CPU that still reads by the old one can't see a later time
 * than a CPU that reads by the new one, afterwards.
 */
#ifndef TIME_LINE_H
#define TIME_LINE_H

#include "lib/types.h"
#include "time/tsc.h"

/* ns + (tsc - this->tsc) * mult / 2^32 */
struct clock_line {
	u64 tsc, ns, mult;
};

struct clock_lines {
	struct clock_line before, after;
	u64 join; /* first TSC value for which `after` counts */
};

/* A TSC before the line's start (a CPU whose counter is a little behind) gives the start. */
static inline u64 clock_line_ns(const struct clock_line *l, u64 tsc)
{
	return tsc <= l->tsc ? l->ns : l->ns + mul_shift32(tsc - l->tsc, l->mult);
}

static inline u64 clock_lines_ns(const struct clock_lines *l, u64 tsc)
{
	return clock_line_ns(tsc < l->join ? &l->before : &l->after, tsc);
}

/* Continues l from join on with another rate. join must not be before l->join. */
static inline struct clock_lines clock_lines_bend(const struct clock_lines *l, u64 join, u64 mult)
{
	struct clock_line start = {join, clock_line_ns(&l->after, join), mult};
	return (struct clock_lines){.before = l->after, .after = start, .join = join};
}

/* The rate, as nanoseconds per TSC step times 2^32, of ticks of a reference of hz per second during
 * cycles. */
static inline u64 clock_mult(u64 ticks, u64 hz, u64 cycles)
{
	/* Both products stay below 2^64 for more than an hour at 1.2 MHz and 4 GHz. */
	return mul_div(ticks * NS_PER_SEC, 1UL << 32, hz * cycles);
}

#endif
