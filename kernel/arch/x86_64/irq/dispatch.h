/* Where external interrupts go. */
#ifndef IRQ_DISPATCH_H
#define IRQ_DISPATCH_H

#include "lib/types.h"

/* An interrupt with a vector of 32 or more. IF=0. */
void irq_dispatch(u32 vector);

#endif
