/* Starting other CPUs and interrupts between CPUs: what the rest of arch needs. See arch/smp.h for
 * the rest. */
#ifndef IRQ_SMP_H
#define IRQ_SMP_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Makes the stacks that the other CPUs start on. Boot CPU, after their areas exist, while
 * boot_alloc() works. */
void smp_init(void);

/* VECTOR_IPI, after the EOI. IF=0. */
void smp_handle_ipi(void);

/* The first C code of another CPU, on its own stack, on kernel_map_ap_root(), without IDT or GS.
 * IF=0. */
NORETURN void smp_ap_main(u32 id);

#endif
