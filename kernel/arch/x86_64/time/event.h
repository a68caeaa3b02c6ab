/* This CPU's timer interrupt: the local APIC's timer, by TSC deadline where it can, otherwise by
 * counting. */
#ifndef TIME_EVENT_H
#define TIME_EVENT_H

#include "lib/types.h"

/* Lets the APIC's timer count, to be compared with the TSC. Boot CPU, after lapic_init_cpu(). */
void event_start_calibration(void);
/* Ends that, when the TSC's rate is known. Boot CPU. */
void event_init(void);
/* IF=0, each CPU. */
void event_init_cpu(void);

#endif
