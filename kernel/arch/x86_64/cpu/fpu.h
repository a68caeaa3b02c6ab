/* The program's vector and floating-point state, switched eagerly with every user thread (hazard I13). */
#ifndef CPU_FPU_H
#define CPU_FPU_H

#include "arch/features.h"
#include "lib/compiler.h"
#include "lib/types.h"

struct fpu_state;

/* Sets XCR0 on this CPU; the first one finds out which bits of MXCSR there are. */
void fpu_load(void);

/* A clean state (as after FNINIT and with MXCSR's default), or a copy of the running thread's. NULL if memory ran out. */
MUST_CHECK struct fpu_state *fpu_alloc(bool copy_current);
void fpu_free(struct fpu_state *s);
/* The running thread's state becomes the clean one. IF=0. */
void fpu_reset(struct fpu_state *s);

/* IF=0, or a thread that can't be switched out. */
static inline void fpu_save(struct fpu_state *s)
{
	u32 low = (u32)cpu_features.xcr0, high = (u32)(cpu_features.xcr0 >> 32);
	if (cpu_features.xsaveopt)
		__asm__ volatile("xsaveopt64 (%0)" ::"r"(s), "a"(low), "d"(high) : "memory");
	else
		__asm__ volatile("xsave64 (%0)" ::"r"(s), "a"(low), "d"(high) : "memory");
}

static inline void fpu_restore(const struct fpu_state *s)
{
	u32 low = (u32)cpu_features.xcr0, high = (u32)(cpu_features.xcr0 >> 32);
	__asm__ volatile("xrstor64 (%0)" ::"r"(s), "a"(low), "d"(high) : "memory");
}
/* Makes the running thread's state clean. */
void fpu_clear(void);

#endif
