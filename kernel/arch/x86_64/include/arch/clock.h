/* The machine's clocks. */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include "lib/types.h"

/* Nanoseconds since boot; never goes back on one CPU, nor between CPUs by more than the TSCs
 * differ. 0 until clock_init(). Any context. */
u64 clock_now_ns(void);
/* Nanoseconds since 1970 UTC at clock_now_ns() == 0; 0 if the machine has no clock that knows. Moves
 * when the time of day is set. */
u64 clock_boot_realtime_ns(void);
/* Makes it this time of day now. Who waits for a time of day must hear of it: see
 * sched/clock_wait.h. */
void clock_set_realtime_ns(u64 ns);
u64 clock_cycles(void);
/* The same, but not ordered against the instructions before it: up to some hundred cycles early. */
static inline u64 clock_cycles_roughly(void)
{
	return __builtin_ia32_rdtsc();
}
/* By the estimate of now. */
u64 clock_ticks_to_ns(u64 ticks);
/* The best estimate so far: it gets better some times in the first seconds. */
u64 clock_tsc_khz(void);

/* Interrupts this CPU once at the given time (upcall_timer), at once if it has passed; UINT64_MAX:
 * never. May come early, then upcall_timer() arms it again. IF=0. */
void clock_arm(u64 deadline_ns);

/* Start-up. The first is called by boot_start() as early as possible; clock_init() on the boot CPU
 * by platform_init(); clock_init_cpu() on each other CPU, IF=0. */
void clock_start_calibration(void);
void clock_init(void);
void clock_init_cpu(void);
/* Starts the timers that improve the estimate: when timers work. */
void clock_start_refinement(void);

#endif
