/* The I/O APICs: routing of device interrupts. */
#ifndef IRQ_IOAPIC_H
#define IRQ_IOAPIC_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Maps all that the topology lists and masks every input. Boot CPU. */
void ioapic_init(void);

#endif
