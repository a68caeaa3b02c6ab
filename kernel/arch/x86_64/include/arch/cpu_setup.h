/* Bringing one CPU from "runs C code" to "may be interrupted". */
#ifndef ARCH_CPU_SETUP_H
#define ARCH_CPU_SETUP_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Decides which features are used; refuses to start if one that is needed is missing. Boot CPU, first of all. */
void cpu_check_features(void);

/* Makes the area of a CPU (struct cpu, GDT, TSS, stacks) and maps it, for the user side too. CPUs are numbered in the order
 * of these calls, from 0: the boot CPU's is first. Boot CPU. 0, -ENOMEM, or -ENOSPC beyond MAX_CPUS. */
MUST_CHECK int cpu_area_init(u32 apic_id);

/* Loads the area's tables and sets this CPU's registers: GS, GDT, TSS, IDT, control registers, system-call MSRs, XSAVE. After
 * it the CPU may be interrupted (hazard C8). IF=0. */
void cpu_load(u32 id);

/* The page-aligned IDT, for page-table isolation to map. */
extern const char cpu_idt_page[] __asm__("cpu_idt");

/* Replaces instructions that this CPU does not need. Boot CPU, before the kernel's text is sealed. */
void cpu_apply_mitigations(void);

#endif
