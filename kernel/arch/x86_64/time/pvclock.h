/* KVM's paravirtual clock: the host says how the guest's TSC relates to its own time. */
#ifndef TIME_PVCLOCK_H
#define TIME_PVCLOCK_H

#include "lib/types.h"

/* True if the hypervisor offers it. After cpu_check_features(). */
bool pvclock_detect(void);
/* Registers this CPU's page. IF=0. */
void pvclock_init_cpu(u32 cpu);
/* The TSC's rate as the host gives it, in nanoseconds per step times 2^32. */
u64 pvclock_mult(void);
/* True if the host vouches that one line fits all CPUs for ever: the TSC alone can be used. */
bool pvclock_tsc_is_stable(void);
/* The host's time, in nanoseconds; never goes back, on any CPU. Any context. */
u64 pvclock_now(void);
/* Nanoseconds since 1970 at pvclock_now() == 0, or 0. */
u64 pvclock_wall_ns(void);

#endif
