/* What the CPUs are, as /proc/cpuinfo tells it. They are taken to be all alike. */
#ifndef ARCH_CPUINFO_H
#define ARCH_CPUINFO_H

#include "lib/types.h"

struct cpu_identity {
	char vendor[13], model_name[49];
	u32 family, model, stepping;
	u32 level;	   /* the highest basic leaf of CPUID */
	u32 clflush_bytes; /* what CLFLUSH drops, and a cache line */
	u32 physical_bits, virtual_bits;
	u64 khz;
};
/* Thread context: it asks the CPU that it runs on. */
void cpu_identify(struct cpu_identity *out);

/* The names of what the CPU can do, each in turn: *at begins with 0; NULL past the last. */
const char *cpu_next_feature(u32 *at);

#endif
