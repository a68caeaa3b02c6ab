/* Routing of device interrupts to vectors: for irq/irq.c. */
#ifndef ARCH_IRQCHIP_H
#define ARCH_IRQCHIP_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Routes a global system interrupt to a vector on CPU 0 and unmasks it. 0, or -EINVAL if no I/O
 * APIC has that input. Any context but NMI. */
MUST_CHECK int irqchip_route(u32 gsi, bool level, u32 vector);

/* What a device must write, and where, to raise a vector on CPU 0. */
void irqchip_message(u32 vector, u64 *address, u32 *data);

#endif
