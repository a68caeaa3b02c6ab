/*
 * Debug kernels: a report if interrupts were off for too long, with the place where they went off. Measured from CLI to STI, or from a
 * door out of ring 3; a handler that interrupts the kernel counts with what it turns on or off itself.
 *
 * Off by default, for what it measures is the host's time: a virtual CPU that the host takes away looks the same. `irqoff=MS`
 * turns it on, for runs under icount, where time is instructions.
 */
#ifndef SYNC_IRQ_DEBUG_H
#define SYNC_IRQ_DEBUG_H

#include "lib/types.h"

/* 0: never. Once struct cpu can be reached. */
#ifdef AIRLOCK_DEBUG
void irq_debug_set_limit(u64 ns);
#else
static inline void irq_debug_set_limit(u64 ns)
{
}
#endif

#endif
