/* The machine's clocks. */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include "lib/types.h"

/* Nanoseconds since boot; never goes back on one CPU, nor between CPUs by more than the TSCs differ. Any context. */
u64 clock_now_ns(void);
/* Nanoseconds since 1970 UTC at clock_now_ns() == 0. */
u64 clock_boot_realtime_ns(void);
u64 clock_cycles(void);
u64 clock_tsc_khz(void);

/* Interrupts this CPU once at the given time (upcall_timer), at once if it has passed; UINT64_MAX: never. IF=0. */
void clock_arm(u64 deadline_ns);

#endif
