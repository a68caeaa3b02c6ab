/*
 * Shares of CPU time by nice level.
 *
 * One step of nice is a factor of 1.25 in weight, level 0 weighs 1024: weight(n) = 1024 / 1.25^n, rounded. So of two
 * threads one level apart the better one gets 1.25 / 2.25 = 55.6 % and the other 44.4 %, about 10 points of difference at any
 * level (setpriority(2) promises no numbers; this is what programs are used to).
 */
#ifndef SCHED_WEIGHT_H
#define SCHED_WEIGHT_H

#include "lib/types.h"

#define NICE_MIN (-20)
#define NICE_MAX 19
#define WEIGHT_NICE_0 1024U

/* nice in [NICE_MIN, NICE_MAX]. */
static inline u32 weight_of_nice(s32 nice)
{
	/* 1.25 = 5/4. 5^20 * 1024 < 2^57. */
	u64 top = WEIGHT_NICE_0, bottom = 1;
	s32 i;

	for (i = 0; i < nice; i++) {
		top *= 4;
		bottom *= 5;
	}
	for (i = 0; i > nice; i--) {
		top *= 5;
		bottom *= 4;
	}
	return (u32)((top + bottom / 2) / bottom);
}

/* Time as a thread of that weight feels it: heavier ones age more slowly. */
static inline u64 weight_scale(u64 ns, u32 weight)
{
	return weight == WEIGHT_NICE_0 ? ns : ns * WEIGHT_NICE_0 / weight;
}

#endif
