/* The assembly of the context switch (cpu/context.S, entry/gs.S). */
#ifndef CPU_CONTEXT_H
#define CPU_CONTEXT_H

#include "arch/thread.h"
#include "entry/contract.h"

/* Saves the callee-saved registers on prev's stack, continues on next's. Returns prev, in next. IF=0. */
struct arch_thread *context_switch(struct arch_thread *prev, struct arch_thread *next);

/* Where a kernel thread begins: R12 is its function, RBX the argument. */
extern const char kernel_thread_start[];

/* Loads the program's GS selector; the kernel's GS base stays, the program's is undefined afterwards. IF=0. The selector must
 * be one that the program could have loaded itself. */
void gs_selector_load(u16 selector);
CONTRACT(gs_selector_load, "in GS=kernel CR3=kernel IF=0 DF=0; out IF=0");

#endif
