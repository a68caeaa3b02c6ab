/* What the CPU can do, found once at boot on the boot CPU. Constant afterwards. */
#ifndef ARCH_FEATURES_H
#define ARCH_FEATURES_H

#include "lib/types.h"

struct cpu_features {
	bool pcid, invpcid, umip, x2apic, tsc_deadline, invariant_tsc, pages_1g;
	bool rdrand, rdseed, xsaveopt, erms, amd, hypervisor;
	bool needs_pti;	 /* not known to be free of Meltdown */
	bool needs_verw; /* not known to be free of MDS and its kin */
	u32 hwcap;	 /* CPUID.1:EDX, for AT_HWCAP */
	u32 phys_bits;
	u64 xcr0;	/* state components that programs may use */
	u32 xsave_size; /* bytes of the XSAVE area for xcr0 */
	u32 mxcsr_mask; /* bits of MXCSR that may be set */
};

extern struct cpu_features cpu_features;

#endif
