/*
 * Page-table isolation: what ring 3's table maps of the kernel (hazard T1).
 *
 * A user-side root has the program's half, shared with the kernel-side root below the top level,
 * and kernel slots 508 and 511 through hierarchies of their own, that map only what pti_map() was
 * told.
 */
#ifndef ARCH_PTI_H
#define ARCH_PTI_H

#include "arch/pagetable.h"
#include "lib/compiler.h"
#include "lib/types.h"

enum pti_mode { PTI_AUTO, PTI_ON, PTI_OFF };

/* Decides; PTI_AUTO: on unless the CPU is known not to need it. Boot CPU, after
 * cpu_check_features() and before kernel_map_init(). */
void pti_init(enum pti_mode mode);
bool pti_enabled(void);

/* Maps [va, va+size), which the kernel's table maps, into all user-side tables with prot (PT_*).
 * Does nothing when isolation is off. Start-up only. 0 or -ENOMEM. */
MUST_CHECK int pti_map(const void *va, size_t size, u32 prot);

/* What the user-side root of an address space maps of the upper half, in order of address: fn is
 * called for each page. With isolation off that is the kernel. For tests and reports. */
void pti_for_each(const struct pagetable *pt,
	void (*fn)(void *arg, const void *va, paddr_t pa, u32 prot), void *arg);

#endif
