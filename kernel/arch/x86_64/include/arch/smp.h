/* The other CPUs: starting them and interrupting them. */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H

#include "lib/types.h"

/* Reasons in cpu->ipi_pending; one vector serves them all. */
#define IPI_RESCHEDULE BIT(0)
#define IPI_TLB BIT(1)
#define IPI_STOP BIT(2) /* never returns */
#define IPI_BARRIER BIT(3)
#define IPI_RSEQ BIT(4) /* the running thread leaves a restartable sequence */

/* Sets the reasons and interrupts the CPU. Any context except NMI, IF any; also valid for the own
 * CPU. The store of whatever the other CPU is to see comes before the call; it is ordered by the
 * atomic update of ipi_pending. */
void smp_send_ipi(u32 cpu, u32 reasons);

/* Interrupts the CPUs in the set and waits until each has executed a full barrier and an IRET since;
 * rseq: and has told its thread to look at its restartable sequence. IF=1, no spinlock held. */
void smp_barrier(u64 cpus, bool rseq);

/* Starts every CPU found, all at the same time, and returns at once: each comes up by itself, some
 * hundred microseconds later, sets `online` and calls upcall_start_cpu(). Those that are not there
 * after five seconds are a warning. Boot CPU, after sched_init() and timer_init_cpu(0). */
void smp_start_all(void);

/* Waits until every CPU is there, or those five seconds are over. After smp_start_all(), IF=1. */
void smp_wait_all(void);

/* Stops the other CPUs by NMI for a panic. Any context. */
void smp_stop_others(void);

#endif
