/* Device interrupts: handlers by vector. */
#ifndef IRQ_IRQ_H
#define IRQ_IRQ_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Runs with IF=0, any CPU. */
typedef void (*irq_handler_t)(void *arg);

/* Routes a global system interrupt (I/O APIC input; level or edge as ACPI or the caller says) to the handler on CPU 0.
 * 0, -ENOSPC (vectors used up), -EINVAL (no such input). Thread context. */
#define IRQ_EDGE 0U
#define IRQ_LEVEL 1U
MUST_CHECK int irq_request(u32 gsi, u32 trigger, irq_handler_t handler, void *arg, const char *name);

/* A message-signalled interrupt: what the device stores where, to run the handler on CPU 0. Each message is an edge; there is
 * nothing to route. 0, -ENOSPC (vectors used up). Thread context. */
struct irq_message {
	u64 address;
	u32 data;
};
MUST_CHECK int irq_request_msi(irq_handler_t handler, void *arg, const char *name, struct irq_message *out);

#endif
