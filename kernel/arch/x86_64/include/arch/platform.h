/* The machine around the CPUs. */
#ifndef ARCH_PLATFORM_H
#define ARCH_PLATFORM_H

#include "lib/types.h"

/* The boot CPU's APIC id, from the CPU itself. */
u32 platform_boot_apic_id(void);

/*
 * Finds the other CPUs and makes their areas; brings interrupt controllers and clocks up. Boot CPU,
 * IF=0, after cpu_load(0) and while boot_alloc() works. Interrupts may be turned on afterwards.
 */
void platform_init(void);

#endif
