/* The other CPUs: starting them and interrupting them. */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H

#include "lib/types.h"

/* Reasons in cpu->ipi_pending; one vector serves them all. */
#define IPI_RESCHEDULE BIT(0)
#define IPI_TLB BIT(1)
#define IPI_STOP BIT(2) /* panic: never returns */

/* Sets the reasons and interrupts the CPU. Any context, IF any; also valid for the own CPU. The store of whatever the
 * other CPU is to see comes before the call; it is ordered by the atomic update of ipi_pending. */
void smp_send_ipi(u32 cpu, u32 reasons);

/* Starts every CPU found; returns when all are online or after a second, with a warning for the missing. Each
 * runs smp_cpu_main(), which upper layers define as sched_start_cpu(). */
void smp_start_all(void);

/* Stops the other CPUs by NMI for a panic. Any context. */
void smp_stop_others(void);

#endif
