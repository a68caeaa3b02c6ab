/* Device interrupts: handlers by vector. */
#ifndef IRQ_IRQ_H
#define IRQ_IRQ_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Runs with IF=0, any CPU. */
typedef void (*irq_handler_t)(void *arg);

/* Routes a global system interrupt (I/O APIC input; level or edge as ACPI or the caller says) to
 * the handler on CPU 0. Several may share an input: all are called. 0, -ENOSPC (vectors or handlers
 * used up), -EINVAL (no such input). Thread context. */
#define IRQ_EDGE 0U
#define IRQ_LEVEL 1U
MUST_CHECK int irq_request(
	u32 gsi, u32 trigger, irq_handler_t handler, void *arg, const char *name);

/* An interrupt that a device sends by writing data to address (MSI, MSI-X). */
struct irq_message {
	u64 address;
	u32 data;
};

/* Gives the handler a vector of its own on CPU 0, and says what the device must write. 0 or
 * -ENOSPC. Thread context. */
MUST_CHECK int irq_request_msi(
	irq_handler_t handler, void *arg, const char *name, struct irq_message *out);

#endif
