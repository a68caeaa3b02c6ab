/*
 * What the kernel tells programs about the time: one page, which every program has mapped read-only in front of the vDSO's code.
 *
 * Written by time/clock.c, read by vdso/user/clock.c. A sequence count: odd while the kernel writes; who reads looks at it before
 * and after, and reads again if it has changed.
 */
#ifndef VDSO_DATA_H
#define VDSO_DATA_H

#include "time/line.h"

struct vdso_data {
	u32 sequence;
	u32 usable;		  /* 0: the TSC is no clock here, ask the kernel */
	struct clock_lines lines; /* nanoseconds since boot */
	u64 realtime;		  /* to be added for nanoseconds since 1970 */
};

#endif
