/* Routing of device interrupts to vectors: for irq/irq.c. */
#ifndef ARCH_IRQCHIP_H
#define ARCH_IRQCHIP_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Routes a global system interrupt to a vector on CPU 0 and unmasks it. 0, or -EINVAL if no I/O APIC has that input. Thread
 * context. */
MUST_CHECK int irqchip_route(u32 gsi, bool level, u32 vector);

#endif
